import JSONSyntax
import Models
import Tensors
import Testing

/// Pairs of a source and a target as the programs of an encoder–decoder read them.
struct SourceBatch {
  let batch: Int
  let length: Int
  let sourceLength: Int
  let sourceTokens: [Int32]
  let sourceLengths: [Int]
  let targetLengths: [Int]
  /// The decoder's inputs.
  let tokens: [Int32]
  /// The labels, −1 where nothing is supervised.
  let targets: [Int32]

  var supervisedTokens: Int { targets.count { $0 >= 0 } }
  /// Numbers of the target tokens that are no padding.
  var realTokens: [Int32] {
    targetLengths.indices.flatMap { row in
      (0..<targetLengths[row]).map { Int32(row * length + $0) }
    }
  }

  init(_ json: JSONValue) throws {
    let sources = try #require(json["source_ids"]).rows
    let inputs = try #require(json["decoder_input_ids"]).rows
    batch = sources.count
    sourceLength = try #require(sources.first).count
    length = try #require(inputs.first).count
    sourceTokens = sources.joined().map { Int32($0) }
    sourceLengths = try #require(json["source_mask"]).rows.map { $0.reduce(0, +) }
    targetLengths = try #require(json["target_lengths"]).integers
    tokens = inputs.joined().map { Int32($0) }
    targets = try #require(json["labels"]).rows.joined().map { $0 < 0 ? -1 : Int32($0) }
  }

  /// Writes everything but `targets` and `rows`.
  func write(to runner: ProgramRunner) throws {
    try writeSource(to: runner)
    try runner.set("tokens", tokens)
    try runner.set("positions", (0..<batch).flatMap { _ in (0..<length).map { Int32($0) } })
    try runner.set(
      "ranges", (0..<batch).flatMap { _ in (0..<length).flatMap { [0, Int32($0 + 1)] } })
    try runner.set(
      "cross.ranges",
      sourceLengths.flatMap { end in (0..<length).flatMap { _ in [0, Int32(end)] } })
  }

  /// Writes what the encoder reads; a padding token sees itself.
  func writeSource(to runner: ProgramRunner) throws {
    try runner.set("source.tokens", sourceTokens)
    try runner.set(
      "source.positions", (0..<batch).flatMap { _ in (0..<sourceLength).map { Int32($0) } })
    try runner.set(
      "source.ranges",
      sourceLengths.flatMap { end in
        (0..<sourceLength).flatMap { $0 < end ? [0, Int32(end)] : [Int32($0), Int32($0 + 1)] }
      })
  }
}

extension ModelUnderTest {
  /// Logits of every target token that is no padding, as `(B, T, V)` with zeros for the padding.
  func logits(_ batch: SourceBatch) throws -> [Float] {
    let rows = batch.realTokens
    let runner = try runner(
      TaskProgram.outputs(
        description, batch: batch.batch, length: batch.length, sourceLength: batch.sourceLength,
        rowCount: rows.count))
    try batch.write(to: runner)
    try runner.set("rows", rows)
    try runner.run()
    let found = try runner.output("logits")
    let width = description.vocabularySize
    var all = [Float](repeating: 0, count: batch.tokens.count * width)
    for (index, row) in rows.enumerated() {
      let start = Int(row) * width
      all.replaceSubrange(start..<start + width, with: found[index * width..<(index + 1) * width])
    }
    return all
  }

  /// The forward and backward program of the loss for the shape of `batch`.
  func lossRunner(_ batch: SourceBatch) throws -> ProgramRunner {
    try runner(
      TaskProgram.training(
        description, batch: batch.batch, length: batch.length, sourceLength: batch.sourceLength),
      isTraining: true, backward: true)
  }

  /// The mean loss of `batch`; gradients are added to what is there.
  func loss(_ batch: SourceBatch, _ runner: ProgramRunner) throws -> Float {
    try batch.write(to: runner)
    try runner.set("targets", batch.targets)
    try runner.set("loss_scale", 1 / Float(batch.supervisedTokens))
    try runner.run()
    return try runner.output("loss")[0]
  }
}
