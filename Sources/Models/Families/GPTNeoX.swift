extension StackDescription {
  /// GPT-NeoX and Pythia: attention and feed-forward side by side, a part of each head rotated,
  /// query, key and value of each head beside each other in one matrix.
  ///
  /// The head's module has the name of checkpoints, `embed_out`; transformers 5 calls it `lm_head`.
  ///
  /// Source: transformers, `GPTNeoXForCausalLM`; Black et al. 2022, arXiv 2204.06745.
  static func gptNeoX(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var keys = StackKeys()
    keys.normEpsilon = "layer_norm_eps"
    var decoder = try reader.decoder(
      StackDefaults(
        vocabulary: 50_432, hidden: 6144, intermediate: 24_576, layers: 44, heads: 64,
        context: 2048, normEpsilon: 1e-5, activation: "gelu"), keys: keys)
    if decoder.keyValueHeadCount != decoder.headCount {
      throw .unsupportedValue(
        key: "num_key_value_heads", found: String(decoder.keyValueHeadCount),
        supported: "as many as `num_attention_heads`")
    }
    let section = try reader.nested("rope_parameters")
    if try section?.optionalNumber("rope_theta") == nil {
      decoder.rotary[0].theta = try reader.number("rotary_emb_base", default: 10_000)
    }
    let share = try reader.partialRotaryFactor(olderKey: "rotary_pct", default: 0.25)
    decoder.rotary[0].dimension = Int(Double(decoder.headDimension) * min(share, 1))
    let hasBias = try reader.bool("attention_bias", default: true)
    decoder.hasQueryKeyValueBias = hasBias
    decoder.hasAttentionOutputBias = hasBias
    decoder.hasFeedForwardBias = true
    decoder.norm = .layer
    decoder.residual =
      try reader.bool("use_parallel_residual", default: true) ? .parallel : .sequential
    decoder.projections = .fusedByHead
    decoder.feedForward = .plain
    decoder.paddingTokenID = nil
    decoder.names = .gptNeoX
    decoder.dropout = try ModelDropout(
      hidden: reader.rate("hidden_dropout", default: 0),
      attention: reader.rate("attention_dropout", default: 0))
    decoder.dropout[.tokenHead] = try reader.rate("classifier_dropout", default: 0.1)
    return decoder
  }
}

extension StackNames {
  fileprivate static let gptNeoX = StackNames(
    path: "gpt_neox",
    parts: [
      (.tokens, "embed_in"), (.function, "emb_dropout"), (.layers, "layers"),
      (.finalNorm, "final_layer_norm"), (.function, "rotary_emb"),
    ],
    layer: [
      (.attentionNorm, "input_layernorm"), (.feedForwardNorm, "post_attention_layernorm"),
      (.function, "post_attention_dropout"), (.function, "post_mlp_dropout"),
      (.queryKeyValue, "attention.query_key_value"), (.attentionOutput, "attention.dense"),
      (.up, "mlp.dense_h_to_4h"), (.down, "mlp.dense_4h_to_h"), (.function, "mlp.act"),
    ], head: "embed_out")
}
