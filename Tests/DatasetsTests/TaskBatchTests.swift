import Datasets
import Testing

/// What batches of each task hold.
@Suite struct TaskBatchTests {
  func batch(
    _ dataset: TokenizedDataset, size: Int = 2, visibility: BatchVisibility = .causal
  ) throws -> Batch {
    let planner = try BatchPlanner(
      dataset, options: BatchOptions(size: size, padID: 9, visibility: visibility), seed: 1,
      stage: "train")
    let batch = planner.batch(try #require(planner.epoch(0).steps.first?.microBatches.first))
    #expect(batch.shape <= planner.largestShape)
    return batch
  }

  /// The parts of a batch that hold something.
  func parts(_ batch: Batch) -> Set<BatchInput> {
    Set(
      BatchInput.allCases.filter { input in
        switch batch.content(input) {
        case .integers(let values): !values.isEmpty
        case .floats(let values): !values.isEmpty
        }
      })
  }

  @Test func sourcesAndTargetsArePaddedEachToTheirOwnLength() throws {
    var row = EncodedRow(ids: [7, 1, 2], isSupervised: [true, true, true])
    row.targets = [1, 2, 3]
    row.sourceIDs = (0..<40).map { Int32(50 + $0) }
    let batch = try batch(TokenizedDataset(name: "d", layout: .sourceAndTarget, rows: [row]))
    #expect(batch.shape == BatchShape(rowCount: 2, length: 32, sourceLength: 64))
    #expect(
      parts(batch) == [
        .tokens, .positions, .targets, .ranges, .sourceTokens, .sourcePositions, .sourceRanges,
        .crossRanges,
      ])
    #expect(Array(batch.tokens[0..<5]) == [7, 1, 2, 9, 9])
    #expect(Array(batch.targets[0..<5]) == [1, 2, 3, -1, -1])
    #expect(Array(batch.ranges[0..<8]) == [0, 1, 0, 2, 0, 3, 3, 4])
    #expect(Array(batch.sourceTokens[38..<42]) == [88, 89, 9, 9])
    #expect(Array(batch.sourcePositions[38..<42]) == [38, 39, 0, 0])
    #expect(Array(batch.sourceRanges[78..<82]) == [0, 40, 40, 41])
    #expect(
      Array(batch.crossRanges[0..<2]) == [0, 40] && Array(batch.crossRanges[62..<64]) == [0, 40])
    #expect(Array(batch.crossRanges[64..<66]) == [0, 1])
    #expect(batch.supervisedCount == 3 && batch.tokenCount == 3 && batch.sourceTokenCount == 40)
  }

  func labelled(_ lengths: [Int]) -> [EncodedRow] {
    lengths.enumerated().map { index, length in
      var row = EncodedRow(
        ids: Array(repeating: 5, count: length),
        isSupervised: Array(repeating: false, count: length))
      row.label = Int32(index)
      row.secondStart = 2
      return row
    }
  }

  @Test func aRowsClassIsLearnedAtOneToken() throws {
    let dataset = TokenizedDataset(
      name: "d", layout: .rowLabel(count: 2), labels: ["a", "b"], rows: labelled([3, 4]))
    let causal = try batch(dataset, size: 3)
    #expect(
      parts(causal) == [.tokens, .positions, .targets, .ranges, .tokenTypes, .pooled])
    #expect(causal.targets == [0, 1, -1])
    #expect(causal.pooled == [2, 35, 64])
    #expect(Array(causal.ranges[0..<6]) == [0, 1, 0, 2, 0, 3])
    #expect(causal.supervisedCount == 2)
    let whole = try batch(dataset, size: 3, visibility: .whole)
    #expect(whole.pooled == [0, 32, 64])
    #expect(Array(whole.ranges[0..<8]) == [0, 3, 0, 3, 0, 3, 3, 4])
    #expect(Array(whole.tokenTypes[0..<4]) == [0, 0, 1, 0])
    #expect(Array(whole.tokenTypes[32..<37]) == [0, 0, 1, 1, 0])
  }

  @Test func numbersOfARowHaveWeights() throws {
    var rows = labelled([3, 4])
    (rows[0].values, rows[0].weights) = ([1.5, 0], [1, 0])
    (rows[1].values, rows[1].weights) = ([2, 3], [1, 1])
    let batch = try batch(
      TokenizedDataset(name: "d", layout: .rowValues(count: 2), rows: rows), size: 3)
    #expect(
      parts(batch) == [.tokens, .positions, .ranges, .tokenTypes, .pooled, .values, .weights])
    #expect(batch.values == [1.5, 0, 2, 3, 0, 0])
    #expect(batch.weights == [1, 0, 1, 1, 0, 0])
    #expect(batch.supervisedCount == 3)
  }

  @Test func tagsStandAtTheirTokens() throws {
    var row = EncodedRow(ids: [1, 5, 6, 2], isSupervised: [false, true, false, false])
    row.targets = [-1, 3, -1, -1]
    let batch = try batch(
      TokenizedDataset(name: "d", layout: .tokenLabels(count: 4), rows: [row]), size: 1,
      visibility: .whole)
    #expect(Array(batch.targets[0..<5]) == [-1, 3, -1, -1, -1])
    #expect(batch.supervisedCount == 1)
    #expect(parts(batch) == [.tokens, .positions, .targets, .ranges, .tokenTypes])
  }

  @Test func seriesHoldNumbersAndTheirColumns() throws {
    var row = EncodedRow()
    row.sourceValues = [0.5, 0.25, 0.125]
    (row.values, row.weights) = ([4, 0], [1, 0])
    var second = row
    second.values = [5, 6]
    second.weights = [1, 1]
    let dataset = TokenizedDataset(
      name: "d", layout: .series(inputs: 3, outputs: 2, answers: .positions), rows: [row, second])
    let batch = try batch(dataset, size: 3)
    #expect(batch.shape == BatchShape(rowCount: 3, length: 32, sourceLength: 32))
    #expect(
      parts(batch).symmetricDifference(BatchInput.allCases) == [.targets, .tokenTypes, .pooled])
    #expect(Array(batch.tokens[32..<35]) == [0, 1, 0])
    #expect(Array(batch.sourceTokens[32..<36]) == [0, 1, 2, 0])
    #expect(Array(batch.sourceValues[32..<36]) == [0.5, 0.25, 0.125, 0])
    #expect(Array(batch.values[0..<3]) == [4, 0, 0] && Array(batch.values[32..<35]) == [5, 6, 0])
    #expect(
      Array(batch.weights[0..<3]) == [1, 0, 0] && Array(batch.weights[32..<35]) == [1, 1, 0])
    #expect(Array(batch.ranges[0..<6]) == [0, 2, 0, 2, 2, 3])
    #expect(Array(batch.crossRanges[0..<2]) == [0, 3])
    #expect(batch.supervisedCount == 3)
  }

  @Test func seriesOfARowHoldNumbersBesideTheirColumns() throws {
    var row = EncodedRow()
    row.sourceValues = [0.5, 0.25, 0.125]
    (row.values, row.weights) = ([4, 0], [1, 0])
    var second = row
    (second.values, second.weights) = ([5, 6], [1, 1])
    let dataset = TokenizedDataset(
      name: "d", layout: .series(inputs: 3, outputs: 2, answers: .rows), rows: [row, second])
    let batch = try batch(dataset, size: 3)
    #expect(batch.shape.rowCount == 3 && batch.shape.length == 32)
    #expect(
      parts(batch) == [
        .tokens, .positions, .ranges, .pooled, .values, .weights, .sourceValues,
      ])
    #expect(Array(batch.tokens[32..<36]) == [0, 1, 2, 0])
    #expect(Array(batch.sourceValues[32..<36]) == [0.5, 0.25, 0.125, 0])
    #expect(batch.values == [4, 0, 5, 6, 0, 0] && batch.weights == [1, 0, 1, 1, 0, 0])
    #expect(Array(batch.ranges[0..<8]) == [0, 3, 0, 3, 0, 3, 3, 4])
    #expect(batch.supervisedCount == 3 && batch.tokenCount == 6)
  }

  @Test func aBatchIsFilledAnewInItsStorage() throws {
    let rows = labelled([3, 40, 2, 5])
    let dataset = TokenizedDataset(
      name: "d", layout: .rowLabel(count: 4), labels: ["a", "b", "c", "d"], rows: rows)
    let planner = try BatchPlanner(
      dataset, options: BatchOptions(size: 2), seed: 1, stage: "train")
    let plans = planner.epoch(0).steps.flatMap(\.microBatches)
    var reused = planner.batch(plans[0])
    reused.fill(plans[1], of: dataset, padID: 0)
    #expect(reused == planner.batch(plans[1]))
    #expect(reused.shape == BatchShape(rowCount: 2, length: 32))
  }

  @Test func onlyNextTokensShareASequence() throws {
    let dataset = TokenizedDataset(
      name: "d", layout: .rowLabel(count: 2), labels: ["a", "b"], rows: labelled([3, 4]))
    #expect(throws: DatasetError.packingUnfit(section: "d")) {
      try BatchPlanner(
        dataset, options: BatchOptions(size: 1, packedLength: 64), seed: 1, stage: "train")
    }
  }
}
