import Datasets
import Randomness
import Testing

/// Rows of one to `count` tokens whose first token is the row's number; the rest is learned.
func numberedRows(_ lengths: [Int], name: String = "d") -> TokenizedDataset {
  TokenizedDataset(
    name: name,
    rows: lengths.enumerated().map { index, length in
      (
        ids: (0..<length).map { $0 == 0 ? Int32(index) : Int32(1_000 + $0) },
        isSupervised: Array(repeating: true, count: length)
      )
    })
}

@Suite struct SelectionTests {
  func numbers(_ dataset: TokenizedDataset) -> [Int] {
    dataset.rows.indices.map { Int(dataset.tokens(ofRow: $0).first ?? -1) }
  }

  static let sizes: [(rows: Int, fractions: [Double], expected: [Int])] = [
    (10, [0.9, 0.1], [9, 1]), (3, [0.9, 0.1], [3, 0]), (7, [0.5, 0.5], [4, 3]),
    (30, [0.1, 0.9], [3, 27]), (10, [0.7, 0.2, 0.1], [7, 2, 1]), (10, [0.25, 0.25], [3, 2]),
    (1, [0.5, 0.5], [1, 0]), (0, [0.5, 0.5], [0, 0]),
    (100, [1.0 / 3, 1.0 / 3, 1.0 / 3], [34, 33, 33]),
  ]

  @Test(arguments: sizes)
  func sizesFollowTheLargestRemainder(rows: Int, fractions: [Double], expected: [Int]) {
    #expect(RowSplit.sizes(rowCount: rows, fractions: fractions) == expected)
  }

  @Test func partsAreDisjointCompleteAndOrdered() throws {
    for count in [2, 3, 10, 101] {
      let all = numberedRows(Array(repeating: 2, count: count))
      let parts = try all.split([("train", 0.6), ("eval", 0.4)], seed: 5)
      let found = parts.map(numbers)
      #expect(found.flatMap { $0 }.sorted() == Array(0..<count))
      for part in found { #expect(part == part.sorted()) }
      #expect(parts.map(\.name) == ["d.train", "d.eval"])
    }
  }

  @Test func splitsDependOnSeedAndSectionAlone() throws {
    func train(_ name: String, _ seed: UInt64) throws -> [Int] {
      let all = numberedRows(Array(repeating: 2, count: 50), name: name)
      return numbers(try all.split([("train", 0.5), ("eval", 0.5)], seed: seed)[0])
    }
    let first = try train("d", 1)
    #expect(try train("d", 1) == first)
    #expect(try train("d", 2) != first)
    #expect(try train("e", 1) != first)
    #expect(first != Array(0..<25))
  }

  @Test func leftOutRowsDoNotMoveOthersBetweenParts() throws {
    let full = numberedRows(Array(repeating: 2, count: 40))
    let thinned = numberedRows((0..<40).map { $0 % 4 == 0 ? 0 : 2 })
    let parts: [(name: String, fraction: Double)] = [("train", 0.5), ("eval", 0.5)]
    let expected = numbers(try full.split(parts, seed: 3)[1]).filter { $0 % 4 != 0 }
    #expect(numbers(try thinned.split(parts, seed: 3)[1]) == expected)
  }

  @Test func aPartWithoutRowsIsAnError() {
    #expect(throws: DatasetError.emptyPart(section: "d", part: "eval", rows: 3)) {
      try numberedRows([2, 2, 2]).split([("train", 0.9), ("eval", 0.1)], seed: 1)
    }
  }

  @Test func weightsRepeatRowsOrTakeAShare() throws {
    let first = numberedRows([2, 3, 4], name: "a")
    let second = numberedRows(Array(repeating: 5, count: 10), name: "b")
    let mixed = try TokenizedDataset.mixing([(first, 2), (second, 0.5)], name: "m", seed: 9)
    let found = numbers(mixed)
    #expect(found.prefix(6) == [0, 1, 2, 0, 1, 2])
    let share = Array(found.dropFirst(6))
    #expect(share.count == 5 && share == Array(Set(share)).sorted())
    #expect(mixed.rows.dropFirst(6).allSatisfy { $0.range.count == 5 })
    #expect(mixed.statistics.tokens == 2 * 9 + 25)
    #expect(mixed.statistics.supervisedTokens == 2 * 6 + 20)
    let again = try TokenizedDataset.mixing([(first, 2), (second, 0.5)], name: "m", seed: 9)
    #expect(numbers(again) == found)
    let mostly = try TokenizedDataset.mixing([(second, 1.3)], name: "m", seed: 9)
    #expect(mostly.rows.count == 13)
  }

  @Test func aWeightBeyondMemoryIsAnError() {
    for weight in [1e12, .infinity, .nan] {
      #expect(
        throws: DatasetError.tooManyTokens(section: "m", limit: TokenizedDataset.maximumTokens)
      ) {
        try TokenizedDataset.mixing([(numberedRows([2]), weight)], name: "m", seed: 1)
      }
    }
    #expect(throws: DatasetError.noRows(section: "m", dropped: 0)) {
      try TokenizedDataset.mixing([(numberedRows([2]), 0)], name: "m", seed: 1)
    }
  }
}
