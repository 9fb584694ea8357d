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
  /// The numbers that the source's columns hold; empty where tokens are read.
  let sourceValues: [Float]
  /// Columns of the source; 0 where there is no encoder.
  let sourceLength: Int
  /// Numbers of the tokens that are no padding.
  let realTokens: [Int32]

  /// Reads rows of tokens or of numbers, and their labels.
  static func read(_ json: JSONValue, isEncoder: Bool) throws -> HeadBatch {
    let task = try task(json)
    guard let rows = json["values"]?.array else {
      return try HeadBatch(task, json, isEncoder: isEncoder)
    }
    return HeadBatch(
      task, inputs: rows.map(\.numbers), outputs: try #require(json["labels"]?.array))
  }

  /// Reads `input_ids`, `attention_mask`, `token_type_ids` and `labels`.
  private init(_ task: ModelTask, _ json: JSONValue, isEncoder: Bool) throws {
    self.task = task
    sourceValues = []
    sourceLength = 0
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

  /// Rows of numbers, where every column sees every other.
  private init(_ task: ModelTask, inputs: [[Double]], outputs: [JSONValue]) {
    let width = inputs.first?.count ?? 0
    self.task = task
    batch = inputs.count
    sourceLength = task == .seq2seqRegression ? width : 0
    let columns = sourceLength > 0 ? outputs.first?.numbers.count ?? 0 : width
    length = columns
    sourceValues = inputs.joined().map { Float($0) }
    tokens = inputs.flatMap { _ in (0..<Int32(columns)) }
    positions = tokens
    ranges = Self.everything(batch * columns, of: columns)
    types = []
    pooled = inputs.indices.map { Int32($0 * columns) }
    targets = []
    values = outputs.flatMap(\.numbers).map { Float($0) }
    realTokens = (0..<Int32(batch * columns)).map { $0 }
  }

  private static func everything(_ queries: Int, of keys: Int) -> [Int32] {
    (0..<queries).flatMap { _ in [0, Int32(keys)] }
  }

  /// The task that an oracle names.
  static func task(_ json: JSONValue) throws -> ModelTask {
    let count = try #require(json["label_count"]?.integer)
    switch json["task"]?.string {
    case "single": return .sequenceClassification(labels: count, multiLabel: false)
    case "multi": return .sequenceClassification(labels: count, multiLabel: true)
    case "regression": return .regression(outputs: count)
    case "seq2seq-values": return .seq2seqRegression
    case "tokens": return .tokenClassification(labels: count)
    default: return .maskedLM
    }
  }

  /// One over the number of what carries loss.
  var scale: Float {
    switch task {
    case .sequenceClassification(_, multiLabel: true), .regression, .seq2seqRegression:
      1 / Float(values.count)
    case .sequenceClassification, .tokenClassification, .maskedLM, .causalLM, .seq2seqLM:
      1 / Float(targets.count { $0 >= 0 })
    }
  }

  /// Writes what `runner`'s program reads.
  func write(to runner: ProgramRunner) throws {
    // A model without positions leaves them unread.
    func has(_ name: String) -> Bool {
      guard let id = runner.program.input(name) else { return false }
      return runner.program.operations.contains { $0.inputs.contains(id) }
    }
    try runner.set("tokens", tokens)
    if has("positions") { try runner.set("positions", positions) }
    try runner.set("ranges", ranges)
    if has("token_types") { try runner.set("token_types", types) }
    if has("pooled") { try runner.set("pooled", pooled) }
    if has("rows") { try runner.set("rows", realTokens) }
    if has("source.values") { try runner.set("source.values", floats: sourceValues) }
    if has("source.tokens") {
      let columns = (0..<batch).flatMap { _ in (0..<Int32(sourceLength)) }
      try runner.set("source.tokens", columns)
      if has("source.positions") { try runner.set("source.positions", columns) }
      try runner.set("source.ranges", Self.everything(columns.count, of: sourceLength))
      try runner.set("cross.ranges", Self.everything(tokens.count, of: sourceLength))
    }
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
    case .sequenceClassification, .regression, .seq2seqRegression: return found
    case .tokenClassification:
      var result = [Float](repeating: 0, count: found.count)
      for row in realTokens {
        let cells = Int(row) * width..<(Int(row) + 1) * width
        result.replaceSubrange(cells, with: found[cells])
      }
      return result
    case .maskedLM, .causalLM, .seq2seqLM:
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
