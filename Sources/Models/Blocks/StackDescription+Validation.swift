/// The ranges of sizes: wide enough for any model, narrow enough that no product overflows.
enum StackLimits {
  static let vocabulary = 1...(1 << 22)
  static let hidden = 1...(1 << 17)
  static let intermediate = 1...(1 << 20)
  static let layers = 1...(1 << 12)
  static let heads = 1...(1 << 12)
  static let headDimension = 2...(1 << 13)
  static let context = 1...(1 << 27)
  static let buckets = 4...(1 << 16)
  static let distances = 1...(1 << 16)
  static let token = 0...(1 << 30)
  /// A padding token may be −1, for none.
  static let padding = -1...(1 << 30)
}

extension StackDescription {
  /// Throws for sizes that no program can have, by the keys that most families give them.
  func validate() throws(ModelError) {
    try check("num_hidden_layers", layers.count, StackLimits.layers)
    try check("vocab_size", vocabularySize, StackLimits.vocabulary)
    try check("hidden_size", hiddenSize, StackLimits.hidden)
    try check("intermediate_size", intermediateSize, StackLimits.intermediate)
    try check("num_attention_heads", headCount, StackLimits.heads)
    try check("num_key_value_heads", keyValueHeadCount, StackLimits.heads)
    try check("head_dim", headDimension, StackLimits.headDimension)
    try check("max_position_embeddings", contextLength, StackLimits.context)
    if !headCount.isMultiple(of: keyValueHeadCount) {
      throw .invalidValue(
        key: "num_key_value_heads", found: String(keyValueHeadCount),
        expected: "a divisor of `num_attention_heads` (\(headCount))")
    }
    if let relativePositions { try validate(relativePositions) }
    if positions == .sinusoidal, !hiddenSize.isMultiple(of: 2) {
      throw .invalidValue(
        key: "d_model", found: String(hiddenSize), expected: "even, for sines and cosines")
    }
    for rotary in rotary where !rotary.dimension.isMultiple(of: 2) || rotary.dimension < 2 {
      throw .invalidValue(
        key: rotary.dimension == headDimension ? "head_dim" : "partial_rotary_factor",
        found: String(rotary.dimension), expected: "even, for rotary positions")
    }
    for rotary in rotary where rotary.dimension > headDimension {
      throw .invalidValue(
        key: "partial_rotary_factor", found: String(rotary.dimension),
        expected: "at most the width of a head (\(headDimension))")
    }
  }

  private func validate(_ relative: RelativePositions) throws(ModelError) {
    let exact = relative.buckets / (relative.isBidirectional ? 4 : 2)
    if exact < 1 {
      throw .invalidValue(
        key: "relative_attention_num_buckets", found: String(relative.buckets),
        expected: "at least 4")
    }
    if relative.longest <= exact {
      throw .invalidValue(
        key: "relative_attention_max_distance", found: String(relative.longest),
        expected: "above \(exact)")
    }
  }

  private func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(ModelError) {
    if range.contains(value) { return }
    throw .invalidValue(
      key: key, found: String(value),
      expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
  }
}
