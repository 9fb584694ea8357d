import JSONSyntax
import Testing

/// Rows of one length as programs read them.
struct TokenBatch {
  let batch: Int
  let length: Int
  let tokens: [Int32]
  let positions: [Int32]
  /// Start and end of the visible keys of each query.
  let ranges: [Int32]
  /// The next token where it is supervised, −1 elsewhere.
  let targets: [Int32]
  /// Numbers of the tokens that are no padding.
  let realTokens: [Int32]

  var supervisedTokens: Int { targets.count { $0 >= 0 } }

  /// Reads `input_ids` and `labels` with either `attention_mask` or `segments` and `position_ids`.
  init(_ json: JSONValue) throws {
    let ids = try #require(json["input_ids"]).rows
    let labels = try #require(json["labels"]).rows
    let segments =
      try json["segments"]?.rows
      ?? #require(json["attention_mask"]).rows.map { $0.map { $0 == 1 ? 0 : -1 } }
    batch = ids.count
    length = try #require(ids.first).count
    let count = length
    tokens = ids.joined().map { Int32($0) }
    var positions: [Int32] = []
    var ranges: [Int32] = []
    var real: [Int32] = []
    for (row, segment) in segments.enumerated() {
      var start = 0
      for (index, number) in segment.enumerated() {
        if index > 0, number != segment[index - 1] { start = index }
        positions.append(number < 0 ? 0 : Int32(index - start))
        ranges += number < 0 ? [0, 0] : [Int32(start), Int32(index + 1)]
        if number >= 0 { real.append(Int32(row * count + index)) }
      }
    }
    self.positions = positions
    self.ranges = ranges
    realTokens = real
    targets = labels.flatMap { row in
      row.indices.map { index in
        index + 1 < row.count && row[index + 1] != -100 ? Int32(row[index + 1]) : -1
      }
    }
  }
}
