import Datasets
import Foundation
import JSONSyntax
import Randomness
import Testing

@Suite struct SamplerTests {
  private func oracle() throws -> JSONValue {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/samplers.json")
    return try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
  }

  private func integers(_ value: JSONValue?) throws -> [Int] {
    try #require(value?.array).map { try #require($0.integer) }
  }

  private func planner(_ lengths: [Int], _ options: BatchOptions) throws -> BatchPlanner {
    try BatchPlanner(numberedRows(lengths), options: options, seed: 1, stage: "train")
  }

  /// The rows of an epoch in the order in which they are seen.
  private func order(_ plan: EpochPlan) -> [Int] {
    plan.steps.flatMap(\.microBatches).flatMap(\.rows).flatMap(\.self)
  }

  private let stream = RandomStream(seed: 1, name: "shuffle/train")

  @Test func groupsByLengthAreThoseOfTransformers() throws {
    let cases = try #require(try oracle()["grouped"]?.array)
    #expect(cases.count == 8)
    for entry in cases {
      let lengths = try integers(entry["lengths"])
      let grouping = LengthGrouping(
        lengths: lengths, batchSize: try #require(entry["batch"]?.integer))
      let found = grouping.grouped(try integers(entry["permutation"]))
      #expect(found == (try integers(entry["rows"])), "\(lengths.count) rows")
    }
  }

  @Test func sharesOfWorkersAreThoseOfTorch() throws {
    let cases = try #require(try oracle()["distributed"]?.array)
    #expect(cases.count == 32)
    for entry in cases {
      let order = try integers(entry["order"])
      let shares = try #require(entry["shares"]?.array)
      for (rank, expected) in shares.enumerated() {
        let share = DistributedShare(
          count: order.count, rank: rank, worldSize: shares.count,
          dropsLast: try #require(entry["drop_last"]?.bool as Bool?))
        #expect(share.rows(of: order) == (try integers(expected)))
        #expect(share.count == (try integers(expected).count))
      }
    }
  }

  @Test func anEpochIsGroupedFromItsOwnPermutation() throws {
    let lengths = (0..<90).map { 1 + Int(stream.word(element: $0) % 40) }
    let planner = try planner(
      lengths, BatchOptions(size: 2, accumulate: 3, sampler: .lengthGrouped))
    let grouping = LengthGrouping(lengths: lengths, batchSize: 6)
    for epoch in 0..<3 {
      let permutation = stream.permutation(count: 90, step: UInt64(epoch))
      #expect(order(planner.epoch(epoch)) == grouping.grouped(permutation))
    }
    let shuffled = try self.planner(lengths, BatchOptions(size: 2, accumulate: 3, shuffle: true))
    let steps = planner.stepsPerEpoch
    #expect(
      planner.workload(steps: steps).shapes.first?.microBatches ?? 0
        > shuffled.workload(steps: steps).shapes.first?.microBatches ?? 0)
  }

  @Test func theSharesOfAllWorkersAreAllRows() throws {
    let lengths = Array(repeating: 2, count: 11)
    for isShuffled in [true, false] {
      for dropsLast in [true, false] {
        let shares = try (0..<3).map { rank in
          let planner = try planner(
            lengths,
            BatchOptions(
              size: 1,
              sampler: .distributed(rank: rank, worldSize: 3, isShuffled: isShuffled),
              dropLast: dropsLast))
          return order(planner.epoch(2))
        }
        #expect(Set(shares.map(\.count)) == [dropsLast ? 3 : 4])
        let whole = isShuffled ? stream.permutation(count: 11, step: 2) : Array(0..<11)
        let met = (0..<shares[0].count).flatMap { index in shares.map { $0[index] } }
        #expect(met == (dropsLast ? Array(whole[..<9]) : whole + [whole[0]]))
      }
    }
  }

  @Test func aWorkerWithoutRowsIsRefused() throws {
    #expect(throws: DatasetError.fewerRowsThanBatch(rows: 0, size: 1, packed: false)) {
      try planner(
        [2, 2],
        BatchOptions(
          size: 1, sampler: .distributed(rank: 0, worldSize: 3, isShuffled: true), dropLast: true))
    }
  }

  @Test func drawsFollowTheWeights() {
    let draws = WeightedDraws(weights: [1, 0, 3, .nan, -1, 4])
    var counts = Array(repeating: 0, count: 6)
    let epochs = 2000
    for epoch in 0..<epochs {
      for row in draws.rows(stream, step: UInt64(epoch)) { counts[row] += 1 }
    }
    let total = Double(6 * epochs)
    // Shares of 12,000 draws: a standard deviation is below 0.0046, six of them 0.028.
    for (count, share) in zip(counts, [0.125, 0, 0.375, 0, 0, 0.5]) {
      #expect(abs(Double(count) / total - share) <= (share == 0 ? 0 : 0.028))
    }
    #expect(draws.rows(stream, step: 7) == draws.rows(stream, step: 7))
    #expect(draws.rows(stream, step: 7) != draws.rows(stream, step: 8))
  }

  @Test func withoutAnyWeightAllRowsAreAsLikely() {
    let draws = WeightedDraws(weights: [0, 0, 0])
    let found = (0..<100).flatMap { draws.rows(stream, step: $0) }
    #expect(Set(found) == [0, 1, 2])
    #expect(WeightedDraws(weights: []).rows(stream, step: 0) == [])
  }

  @Test func everyLabelIsAsLikelyAsAnyOther() throws {
    #expect(
      WeightedDraws.weights(ofLabels: [0, 1, 0, 0, -1, 0]) == [0.25, 1, 0.25, 0.25, 0, 0.25])
    let rows = (0..<40).map { index in
      var row = EncodedRow(ids: [Int32(index), 7], isSupervised: [false, false])
      row.label = index < 36 ? 0 : 1
      return row
    }
    let dataset = TokenizedDataset(
      name: "d", layout: .rowLabel(count: 2), labels: ["a", "b"], rows: rows)
    let planner = try BatchPlanner(
      dataset, options: BatchOptions(size: 4, sampler: .weighted), seed: 1, stage: "train")
    let seen = (0..<50).flatMap { order(planner.epoch($0)) }
    #expect(seen.count == 2000)
    // A half of 2,000 draws: six standard deviations are 134.
    #expect(abs(seen.count { $0 >= 36 } - 1000) <= 134)
  }

  @Test(arguments: [Sampler.sequential, .random, .lengthGrouped, .weighted])
  func trainingThatStartsLaterSeesWhatItWouldHaveSeen(sampler: Sampler) throws {
    let lengths = (0..<31).map { 1 + $0 % 50 }
    let whole = try planner(lengths, BatchOptions(size: 2, accumulate: 2, sampler: sampler))
    let later = try planner(
      lengths, BatchOptions(size: 2, accumulate: 2, sampler: sampler, startEpoch: 3))
    let steps = later.totalSteps(epochs: 5)
    #expect(steps == whole.totalSteps(epochs: 5) - whole.totalSteps(epochs: 3))
    #expect(later.stepsBeforeStart == whole.totalSteps(epochs: 3))
    for step in 0..<steps {
      let (epoch, index) = later.position(ofStep: step)
      let expected = whole.position(ofStep: later.stepsBeforeStart + step)
      #expect(epoch == expected.epoch && index == expected.index)
      #expect(later.epoch(epoch).steps[index] == whole.epoch(epoch).steps[index])
    }
    #expect(later.epochs(afterSteps: steps) == 5)
    #expect(later.totalSteps(epochs: 2) == 0)
    let all = whole.workload(steps: whole.totalSteps(epochs: 5))
    let before = whole.workload(steps: whole.totalSteps(epochs: 3))
    #expect(later.workload(steps: steps).tokens == all.tokens - before.tokens)
  }

  @Test func samplersOfRowsThatComeOnceSeeThemAllOnce() throws {
    for sampler in [Sampler.sequential, .random, .lengthGrouped] {
      let planner = try planner(
        (0..<37).map { 1 + $0 % 9 }, BatchOptions(size: 3, sampler: sampler))
      #expect(order(planner.epoch(4)).sorted() == Array(0..<37))
    }
  }
}
