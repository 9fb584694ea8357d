import JSONSyntax
import Models
import Testing

/// Rows with the labels of a head's task, as programs read them.
struct HeadBatch {
  let task: ModelTask
  let batch: Int
  let length: Int
  let tokens: [Int32]
  let positions: [Int32]
  let ranges: [Int32]
  let types: [Int32]
  /// The token that stands for each row.
  let pooled: [Int32]
  let targets: [Int32]
  let values: [Float]
  /// Numbers of the tokens that are no padding.
  let realTokens: [Int32]

  /// Reads `input_ids`, `attention_mask`, `token_type_ids` and `labels`.
  init(_ json: JSONValue, isEncoder: Bool) throws {
    task = try Self.task(json)
    let ids = try #require(json["input_ids"]).rows
    let lengths = try #require(json["attention_mask"]).rows.map { $0.reduce(0, +) }
    let width = try #require(ids.first).count
    batch = ids.count
    length = width
    tokens = ids.joined().map { Int32($0) }
    types = json["token_type_ids"]?.rows.joined().map { Int32($0) } ?? tokens.map { _ in 0 }
    let places = lengths.indices.flatMap { row in (0..<width).map { (row, $0) } }
    positions = places.map { $0.1 < lengths[$0.0] ? Int32($0.1) : 0 }
    ranges = places.flatMap { row, index -> [Int32] in
      index >= lengths[row]
        ? [Int32(index), Int32(index + 1)] : [0, Int32(isEncoder ? lengths[row] : index + 1)]
    }
    pooled = lengths.enumerated().map { row, length in
      Int32(row * width + (isEncoder ? 0 : length - 1))
    }
    realTokens = places.filter { $0.1 < lengths[$0.0] }.map { Int32($0.0 * width + $0.1) }
    let labels = try #require(json["labels"]?.array)
    targets = labels.flatMap { $0.integer.map { [$0] } ?? $0.integers }.map { Int32(max($0, -1)) }
    values = labels.flatMap(\.numbers).map { Float($0) }
  }

  /// The task that an oracle names.
  static func task(_ json: JSONValue) throws -> ModelTask {
    let count = try #require(json["label_count"]?.integer)
    switch json["task"]?.string {
    case "single": return .sequenceClassification(labels: count, multiLabel: false)
    case "multi": return .sequenceClassification(labels: count, multiLabel: true)
    case "regression": return .regression(outputs: count)
    case "tokens": return .tokenClassification(labels: count)
    default: return .maskedLM
    }
  }

  /// One over the number of what carries loss.
  var scale: Float {
    switch task {
    case .sequenceClassification(_, multiLabel: true), .regression: 1 / Float(values.count)
    case .sequenceClassification, .tokenClassification, .maskedLM, .causalLM, .seq2seqLM,
      .seq2seqRegression:
      1 / Float(targets.count { $0 >= 0 })
    }
  }

  /// Writes what `runner`'s program reads.
  func write(to runner: ProgramRunner) throws {
    try runner.set("tokens", tokens)
    try runner.set("positions", positions)
    try runner.set("ranges", ranges)
    func has(_ name: String) -> Bool { runner.program.input(name) != nil }
    if has("token_types") { try runner.set("token_types", types) }
    if has("pooled") { try runner.set("pooled", pooled) }
    if has("rows") { try runner.set("rows", realTokens) }
    if has("targets") { try runner.set("targets", targets) }
    if has("values") {
      try runner.set("values", floats: values)
      try runner.set("weights", floats: [Float](repeating: 1, count: values.count))
    }
    if has("loss_scale") { try runner.set("loss_scale", scale) }
  }

  /// `found`, with zeros for what the program says of padding, as the oracle has it.
  func padded(_ found: [Float]) -> [Float] {
    let width = found.count / tokens.count
    switch task {
    case .sequenceClassification, .regression: return found
    case .tokenClassification:
      var result = [Float](repeating: 0, count: found.count)
      for row in realTokens {
        let cells = Int(row) * width..<(Int(row) + 1) * width
        result.replaceSubrange(cells, with: found[cells])
      }
      return result
    case .maskedLM, .causalLM, .seq2seqLM, .seq2seqRegression:
      let width = found.count / realTokens.count
      var result = [Float](repeating: 0, count: tokens.count * width)
      for (index, row) in realTokens.enumerated() {
        result.replaceSubrange(
          Int(row) * width..<(Int(row) + 1) * width,
          with: found[index * width..<(index + 1) * width])
      }
      return result
    }
  }
}
