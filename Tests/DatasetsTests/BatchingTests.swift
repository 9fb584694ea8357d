import Datasets
import Randomness
import Testing

@Suite struct BatchingTests {
  func planner(
    _ lengths: [Int], _ options: BatchOptions, seed: UInt64 = 1, stage: String = "train"
  ) throws -> BatchPlanner {
    try BatchPlanner(numberedRows(lengths), options: options, seed: seed, stage: stage)
  }

  /// The rows of an epoch in the order in which they are seen.
  func order(_ plan: EpochPlan) -> [Int] {
    plan.steps.flatMap(\.microBatches).flatMap(\.rows).flatMap { $0 }
  }

  func randomLengths(_ count: Int, upTo limit: Int, seed: UInt64) -> [Int] {
    let stream = RandomStream(seed: seed, name: "lengths")
    return (0..<count).map { 1 + Int(stream.word(element: $0)) % limit }
  }

  @Test func stepsAreCutFromMicroBatches() throws {
    let planner = try planner(
      Array(repeating: 3, count: 11), BatchOptions(size: 2, accumulate: 2))
    #expect(planner.microBatchesPerEpoch == 6)
    #expect(planner.stepsPerEpoch == 3)
    let plan = planner.epoch(0)
    #expect(plan.steps.map { $0.microBatches.map(\.rows.count) } == [[2, 2], [2, 2], [2, 1]])
    #expect(plan.steps.map(\.tokenCount) == [12, 12, 9])
    #expect(plan.steps.map(\.supervisedCount) == [8, 8, 6])
    #expect(order(plan) == Array(0..<11))
  }

  @Test func aPartialAccumulationIsAStep() throws {
    let planner = try planner(
      Array(repeating: 3, count: 10), BatchOptions(size: 2, accumulate: 3))
    #expect(planner.epoch(4).steps.map(\.microBatches.count) == [3, 2])
  }

  @Test func dropLastLeavesOutWhatIsNotFull() throws {
    let planner = try planner(
      Array(repeating: 3, count: 11), BatchOptions(size: 4, dropLast: true))
    #expect(order(planner.epoch(0)) == Array(0..<8))
    #expect(throws: DatasetError.fewerRowsThanBatch(rows: 3, size: 4, packed: false)) {
      try self.planner([2, 2, 2], BatchOptions(size: 4, dropLast: true))
    }
  }

  @Test func everyRowIsSeenOnceAnEpochInANewOrder() throws {
    for packedLength in [nil, 40] {
      let planner = try planner(
        randomLengths(57, upTo: 40, seed: 3),
        BatchOptions(size: 4, accumulate: 2, shuffle: true, packedLength: packedLength))
      let orders = (0..<4).map { order(planner.epoch($0)) }
      for found in orders { #expect(found.sorted() == Array(0..<57)) }
      #expect(Set(orders).count == 4)
      #expect(orders[0] != Array(0..<57))
    }
  }

  @Test func batchesAreAFunctionOfSeedStageAndEpoch() throws {
    let lengths = randomLengths(40, upTo: 90, seed: 4)
    for packedLength in [nil, 96] {
      let options = BatchOptions(size: 3, shuffle: true, packedLength: packedLength)
      let first = try planner(lengths, options)
      #expect(try planner(lengths, options).epoch(2) == first.epoch(2))
      #expect(try planner(lengths, options, seed: 2).epoch(2) != first.epoch(2))
      #expect(try planner(lengths, options, stage: "train-2").epoch(2) != first.epoch(2))
    }
  }

  @Test func aStepCanBeReachedWithoutThoseBefore() throws {
    let lengths = randomLengths(31, upTo: 20, seed: 5)
    let options = BatchOptions(size: 2, accumulate: 2, shuffle: true)
    let straight = try planner(lengths, options)
    let all = (0..<3).flatMap { straight.epoch($0).steps }
    let resumed = try planner(lengths, options)
    for step in all.indices {
      let (epoch, index) = resumed.position(ofStep: step)
      #expect(resumed.epoch(epoch).steps[index] == all[step])
    }
  }

  @Test(arguments: [(3.0, 30), (0.5, 5), (0.01, 1), (2.51, 26), (0.3, 3), (0, 0), (1e300, .max)])
  func fractionsOfEpochsAreRoundedUp(epochs: Double, steps: Int) throws {
    let planner = try planner(Array(repeating: 2, count: 10), BatchOptions(size: 1))
    #expect(planner.totalSteps(epochs: epochs) == steps)
  }

  @Test func theRowsOfAMicroBatchArePaddedTogether() throws {
    let planner = try planner([1, 32, 33, 2, 64, 65, 5], BatchOptions(size: 2))
    let microBatches = planner.epoch(0).steps.flatMap(\.microBatches)
    let shapes = microBatches.map(\.shape)
    #expect(shapes.map(\.length) == [64, 64, 160, 32])
    #expect(Set(shapes.map(\.rowCount)) == [1])
    #expect(planner.largestShape == BatchShape(rowCount: 1, length: 2 * 96))
    #expect(planner.longestLength == 96)
    let squares = [1 + 32 * 32, 33 * 33 + 2 * 2, 64 * 64 + 65 * 65, 25]
    let padding = [31, 29, 31, 27]
    #expect(microBatches.map(\.attendedPairs) == zip(squares, padding).map { $0 + $1 })
    let workload = planner.workload(steps: 6)
    #expect(workload.steps == 6)
    #expect(workload.tokens == 202 + 68)
    #expect(workload.supervisedTokens == 195 + 64)
    #expect(
      workload.shapes.map { [$0.shape.rowCount, $0.shape.length, $0.microBatches] }
        == [[1, 32, 1], [1, 64, 4], [1, 160, 1]])
    #expect(
      workload.attendedPairs == microBatches[..<2].reduce(0) { $0 + ($1.attendedPairs ?? 0) } * 2
        + microBatches[2...].reduce(0) { $0 + ($1.attendedPairs ?? 0) })
    #expect(workload.largestStep == 127 && workload.smallestStep == 4)
  }

  @Test func theWorkloadIsTheSumOfItsSteps() throws {
    let options = BatchOptions(size: 3, accumulate: 2, shuffle: true, dropLast: true)
    let planner = try planner(randomLengths(41, upTo: 100, seed: 6), options)
    let steps = (0..<4).flatMap { planner.epoch($0).steps }
    for count in [0, 1, 7, planner.stepsPerEpoch, 2 * planner.stepsPerEpoch + 3] {
      let first = steps.prefix(count)
      let workload = planner.workload(steps: count)
      #expect(workload.isExact)
      #expect(workload.steps == count)
      #expect(workload.tokens == first.reduce(0) { $0 + $1.tokenCount })
      #expect(workload.supervisedTokens == first.reduce(0) { $0 + $1.supervisedCount })
      #expect(workload.smallestStep == first.map(\.supervisedCount).min() ?? 0)
      #expect(
        workload.shapes.reduce(0) { $0 + $1.microBatches }
          == first.reduce(0) { $0 + $1.microBatches.count })
      #expect(workload.shapes.allSatisfy { $0.shape <= planner.largestShape })
    }
  }

  @Test func theWorkloadOfManyEpochsIsScaled() throws {
    let lengths = randomLengths(40, upTo: 100, seed: 6)
    for shuffle in [false, true] {
      let planner = try planner(lengths, BatchOptions(size: 4, shuffle: shuffle))
      let steps = 1_000 * planner.stepsPerEpoch + 1
      let workload = planner.workload(steps: steps, rowLimit: 80)
      #expect(workload.isExact == !shuffle)
      #expect(workload.steps == steps)
      let last = planner.epoch(shuffle ? 2 : 1).steps[0].tokenCount
      #expect(workload.tokens == 1_000 * lengths.reduce(0, +) + last)
      #expect(planner.workload(steps: .max, rowLimit: 80).steps >= .max / 2)
    }
  }

  @Test func paddedRowsAreLaidOutExactly() throws {
    let dataset = TokenizedDataset(
      name: "d",
      rows: [
        (ids: [10, 11, 12, 13], isSupervised: flags("..x.")),
        (ids: [20, 21], isSupervised: flags("xx")), (ids: [30, 31], isSupervised: flags("xx")),
      ])
    let planner = try BatchPlanner(
      dataset, options: .evaluation(size: 2, padID: 9), seed: 1, stage: "evaluate")
    let steps = planner.epoch(0).steps
    var batch = planner.batch(steps[0].microBatches[0])
    #expect(batch.shape == BatchShape(rowCount: 1, length: 32))
    #expect(batch.tokens.prefix(8) == [10, 11, 12, 13, 20, 21, 9, 9])
    #expect(batch.targets.prefix(8) == [-1, 12, -1, -1, 21, -1, -1, -1])
    #expect(batch.positions.prefix(8) == [0, 1, 2, 3, 0, 1, 0, 0])
    #expect(batch.ranges.prefix(16) == [0, 1, 0, 2, 0, 3, 0, 4, 4, 5, 4, 6, 6, 7, 7, 8])
    #expect(batch.supervisedCount == 2 && batch.tokenCount == 6)

    batch.fill(steps[1].microBatches[0], of: dataset, padID: 9)
    #expect(batch.tokens.prefix(3) == [30, 31, 9])
    #expect(batch.ranges.prefix(6) == [0, 1, 0, 2, 2, 3])
    #expect(batch.targets.filter { $0 >= 0 } == [31])
    #expect(batch == planner.batch(steps[1].microBatches[0]))
  }

  @Test func packedRowsAreLaidOutExactly() throws {
    let planner = try planner([3, 4, 2, 1], BatchOptions(size: 1, packedLength: 6))
    // Row 2 fits beside row 1 and fills it; row 3 goes beside row 0.
    #expect(planner.packing?.sequences == [[0, 3], [1, 2]])
    let batch = planner.batch(planner.epoch(0).steps[0].microBatches[0])
    #expect(batch.tokens.prefix(6) == [0, 1001, 1002, 3, 0, 0])
    #expect(batch.targets.prefix(6) == [1001, 1002, -1, -1, -1, -1])
    #expect(batch.positions.prefix(6) == [0, 1, 2, 0, 0, 0])
    #expect(batch.ranges.prefix(12) == [0, 1, 0, 2, 0, 3, 3, 4, 4, 5, 5, 6])
  }

  @Test(
    arguments: [
      (0, 32), (1, 32), (33, 64), (1024, 1024), (1025, 1088), (2048, 2048), (2049, 2176),
    ])
  func shapesOfJoinedRowsAreFew(count: Int, length: Int) {
    #expect(BatchPlanner.joinedLength(count) == length)
  }

  @Test func theFullestSequenceWithRoomIsChosen() {
    let packing = SequencePacking(lengths: [5, 7, 3, 5, 10], order: [0, 1, 2, 3, 4], capacity: 10)
    #expect(packing.sequences == [[0, 3], [1, 2], [4]])
  }

  @Test func rowsStayWholeAndApartUnderPacking() throws {
    for seed in UInt64(0)..<12 {
      let capacity = 16 + Int(seed) * 13
      let lengths = randomLengths(150, upTo: capacity, seed: seed)
      let planner = try planner(
        lengths, BatchOptions(size: 3, shuffle: true, packedLength: capacity), seed: seed)
      var supervised = 0
      for microBatch in planner.epoch(Int(seed)).steps.flatMap(\.microBatches) {
        let batch = planner.batch(microBatch)
        #expect(
          batch.shape
            == BatchShape(rowCount: 1, length: BatchPlanner.joinedLength(batch.tokenCount)))
        #expect(batch.tokenCount == microBatch.tokenCount)
        #expect(batch.supervisedCount == microBatch.supervisedCount)
        supervised += batch.supervisedCount
        var start = 0
        for rows in microBatch.rows {
          let first = start
          for row in rows {
            let places = start..<start + lengths[row]
            #expect(Int(batch.tokens[places.lowerBound]) == row)
            for (offset, place) in places.enumerated() {
              #expect(batch.ranges[2 * place] == Int32(start))
              #expect(batch.ranges[2 * place + 1] == Int32(place + 1))
              let isLast = offset + 1 == lengths[row]
              #expect(batch.targets[place] == (isLast ? -1 : batch.tokens[place + 1]))
            }
            start += lengths[row]
          }
          #expect(start - first <= capacity)
        }
      }
      #expect(supervised == planner.dataset.statistics.supervisedTokens)
    }
  }

  @Test func packingWastesLittle() throws {
    let planner = try planner(
      randomLengths(2_000, upTo: 256, seed: 8),
      BatchOptions(size: 1, shuffle: true, packedLength: 512))
    let positions = planner.microBatchesPerEpoch * 512
    #expect(Double(planner.dataset.statistics.tokens) / Double(positions) > 0.97)
  }

  @Test func whatDoesNotFitIsAnError() throws {
    #expect(throws: DatasetError.rowTooLong(tokens: 9, limit: 8, at: nil)) {
      try planner([2, 9], BatchOptions(size: 1, packedLength: 8))
    }
    #expect(throws: DatasetError.noSupervisedTokens(section: "d", truncated: 0)) {
      try planner([1, 1], BatchOptions(size: 1))
    }
    for size in [Int.max, 1 << 40] {
      #expect(
        throws: DatasetError.batchTooLarge(
          size: size, length: 32, limit: BatchPlanner.maximumPositions)
      ) { try planner([2], BatchOptions(size: size)) }
    }
    #expect(try planner([2, 2], BatchOptions(size: 1, accumulate: .max)).stepsPerEpoch == 1)
  }
}
