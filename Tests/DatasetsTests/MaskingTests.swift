import Datasets
import Randomness
import Testing

/// Tokens that are hidden by chance.
@Suite struct MaskingTests {
  static let rule = MaskingRule(
    probability: 0.15, maskID: 999, vocabularySize: 900, specialIDs: [0, 1, 2])

  /// Rows of ids 100, 101, … between two special tokens.
  func dataset(_ lengths: [Int], rule: MaskingRule = rule) -> TokenizedDataset {
    TokenizedDataset(
      name: "d", layout: .masked(rule),
      rows: lengths.map { length in
        let ids = [1] + (0..<length).map { Int32(100 + $0) } + [2]
        return EncodedRow(ids: ids, isSupervised: ids.map { !rule.specialIDs.contains($0) })
      })
  }

  func batches(_ dataset: TokenizedDataset, epoch: Int, seed: UInt64 = 1) throws -> [Batch] {
    let planner = try BatchPlanner(
      dataset, options: BatchOptions(size: 4), seed: seed, stage: "train")
    return planner.epoch(epoch).steps.flatMap(\.microBatches).map(planner.batch)
  }

  @Test func eachRowHidesAFixedShareAndNeverSpecialTokens() throws {
    let lengths = [1, 2, 10, 20, 33, 100]
    let dataset = dataset(lengths)
    #expect(dataset.rows.map(\.supervisedCount) == [1, 1, 2, 3, 5, 15])
    for epoch in 0..<5 {
      let found = try batches(dataset, epoch: epoch)
      #expect(found.map(\.supervisedCount).reduce(0, +) == 27)
      var row = 0
      for batch in found {
        var base = 0
        for _ in 0..<4 where row < lengths.count {
          let count = lengths[row] + 2
          defer { base += count }
          let targets = Array(batch.targets[base..<base + count])
          #expect(targets.count { $0 >= 0 } == Self.rule.hiddenCount(of: lengths[row]))
          #expect(targets[0] == -1 && targets[count - 1] == -1)
          for offset in 0..<count where targets[offset] >= 0 {
            #expect(targets[offset] == Int32(100 + offset - 1))
          }
          for offset in 0..<count where targets[offset] < 0 {
            #expect(
              batch.tokens[base + offset]
                == dataset.tokens(ofRow: row)[
                  dataset.rows[row].range.lowerBound + offset])
          }
          row += 1
        }
      }
    }
  }

  @Test func epochsDifferAndTheSameEpochIsTheSame() throws {
    let dataset = dataset([40, 60, 80])
    #expect(try batches(dataset, epoch: 3) == batches(dataset, epoch: 3))
    #expect(try batches(dataset, epoch: 3) != batches(dataset, epoch: 4))
    #expect(try batches(dataset, epoch: 3) != batches(dataset, epoch: 3, seed: 2))
  }

  @Test func fourFifthsAreMasksATenthStaysAndATenthIsAnotherToken() throws {
    let dataset = dataset(Array(repeating: 200, count: 200))
    var (masks, same, other) = (0, 0, 0)
    for batch in try batches(dataset, epoch: 0) {
      for (token, target) in zip(batch.tokens, batch.targets) where target >= 0 {
        if token == 999 {
          masks += 1
        } else if token == target {
          same += 1
        } else {
          other += 1
          #expect((3..<900).contains(token))
        }
      }
    }
    // 6,000 draws: three standard deviations are 93 and 70.
    #expect(masks + same + other == 6_000)
    #expect(abs(masks - 4_800) < 93)
    #expect(abs(same - 600) < 70)
    #expect(abs(other - 600) < 70)
  }

  @Test func everyPositionIsHiddenEquallyOften() throws {
    let dataset = dataset([20])
    var counts = Array(repeating: 0, count: 22)
    for epoch in 0..<2_000 {
      for batch in try batches(dataset, epoch: epoch) {
        for offset in 0..<22 where batch.targets[offset] >= 0 { counts[offset] += 1 }
      }
    }
    // Three of twenty in 2,000 epochs: 300 each, four standard deviations are 64.
    #expect(counts[0] == 0 && counts[21] == 0)
    for count in counts[1...20] { #expect(abs(count - 300) < 64) }
  }

  @Test func tokensSeeTheirWholeRow() throws {
    let batch = try #require(try batches(dataset([3]), epoch: 0).first)
    #expect(Array(batch.ranges[0..<12]) == [0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 5, 6])
  }
}
