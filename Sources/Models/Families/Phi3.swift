extension StackDescription {
  /// Phi-3: Llama's blocks with queries, keys and values in one matrix, and gate and up in another.
  ///
  /// `embd_pdrop` is passed over, as transformers does.
  ///
  /// Source: transformers, `Phi3ForCausalLM`; arXiv 2404.14219. Of its positions `longrope` is not
  /// built.
  static func phi3(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var decoder = try reader.decoder(
      StackDefaults(
        vocabulary: 32_064, hidden: 3072, intermediate: 8192, layers: 32, heads: 32,
        context: 4096, normEpsilon: 1e-5, paddingToken: 32_000))
    let share = try reader.partialRotaryFactor(default: 1)
    decoder.rotary[0].dimension = Int(Double(decoder.headDimension) * min(share, 1))
    let window = try reader.optionalInteger("sliding_window", in: StackLimits.context)
    for index in decoder.layers.indices { decoder.layers[index].window = window }
    decoder.projections = .fused
    decoder.feedForward = .fusedGated
    decoder.names.setLayer([
      (.attentionOutput, "self_attn.o_proj"), (.queryKeyValue, "self_attn.qkv_proj"),
      (.gateUp, "mlp.gate_up_proj"), (.down, "mlp.down_proj"),
      (.function, "mlp.activation_fn"), (.attentionNorm, "input_layernorm"),
      (.feedForwardNorm, "post_attention_layernorm"), (.function, "resid_attn_dropout"),
      (.function, "resid_mlp_dropout"),
    ])
    decoder.dropout = try reader.decoderDropout()
    let residual = try reader.rate("resid_pdrop", default: 0)
    decoder.dropout[.attentionOutput] = residual
    decoder.dropout[.feedForward] = residual
    return decoder
  }
}
