extension StackDescription {
  /// Qwen2 and Qwen2.5: Llama's blocks with biases of queries, keys and values.
  ///
  /// Source: transformers, `Qwen2ForCausalLM`; Yang et al. 2024, arXiv 2407.10671.
  static func qwen2(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var decoder = try reader.decoder(
      StackDefaults(
        vocabulary: 151_936, hidden: 4096, intermediate: 22_016, layers: 32, heads: 32,
        keyValueHeads: 32, context: 32_768))
    decoder.hasQueryKeyValueBias = true
    try decoder.setQwenWindows(reader)
    decoder.dropout = try reader.decoderDropout()
    return decoder
  }

  /// Qwen3: no biases, each head's query and key normalised, heads of a width of their own.
  ///
  /// Source: transformers, `Qwen3ForCausalLM`; Yang et al. 2025, arXiv 2505.09388.
  static func qwen3(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var decoder = try reader.decoder(
      StackDefaults(
        vocabulary: 151_936, hidden: 4096, intermediate: 22_016, layers: 32, heads: 32,
        keyValueHeads: 32, headDimension: 128, context: 32_768))
    let hasBias = try reader.bool("attention_bias", default: false)
    decoder.hasQueryKeyValueBias = hasBias
    decoder.hasAttentionOutputBias = hasBias
    decoder.normaliseQueriesAndKeys()
    try decoder.setQwenWindows(reader)
    decoder.dropout = try reader.decoderDropout()
    return decoder
  }

  /// Windows for the layers from `max_window_layers` on, where `use_sliding_window`.
  private mutating func setQwenWindows(_ reader: ConfigurationReader) throws(ModelError) {
    guard try reader.bool("use_sliding_window", default: false) else { return }
    let window = try reader.nullableInteger(
      "sliding_window", in: StackLimits.context, default: 4096)
    let first = try reader.integer("max_window_layers", in: 0...(1 << 12), default: 28)
    let sliding = try reader.slidingLayers(layers.count) { $0 >= first }
    for index in layers.indices where sliding[index] { layers[index].window = window }
  }
}
