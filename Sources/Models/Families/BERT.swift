extension StackDescription {
  /// BERT: token, position and type vectors under a norm, then layers that are normalised behind each
  /// part.
  ///
  /// Source: transformers, `BertModel`; Devlin et al. 2018, arXiv 1810.04805.
  static func bert(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var stack = try encoder(reader, path: "bert", paddingToken: 0)
    try stack.setBERTDropout(reader)
    stack.positions = .learned(offset: 0)
    return stack
  }

  /// RoBERTa: BERT with positions that begin behind the padding token's number.
  ///
  /// Source: transformers, `RobertaModel`; Liu et al. 2019, arXiv 1907.11692.
  static func roberta(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var stack = try encoder(reader, path: "roberta", paddingToken: 1)
    try stack.setBERTDropout(reader)
    let offset = (stack.paddingTokenID ?? 1) + 1
    if offset < 0 || offset >= stack.contextLength {
      throw .invalidValue(
        key: "max_position_embeddings", found: String(stack.contextLength),
        expected: "above `pad_token_id` + 1 (\(offset))")
    }
    stack.contextLength -= offset
    stack.positions = .learned(offset: offset)
    // Its module of positions is made after the norm's.
    if let index = stack.names.parts.firstIndex(where: { $0.part == .positions }) {
      let part = stack.names.parts.remove(at: index)
      stack.names.parts.insert(part, at: stack.names.parts.count - 1)
    }
    return stack
  }

  /// DistilBERT: BERT without types of tokens, under names of its own, and without dropout behind its
  /// attention.
  ///
  /// Source: transformers, `DistilBertModel`; Sanh et al. 2019, arXiv 1910.01108.
  static func distilBERT(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    let keys = StackKeys(
      hidden: "dim", intermediate: "hidden_dim", layers: "n_layers", heads: "n_heads",
      activation: "activation")
    var stack = try encoder(reader, path: "distilbert", keys: keys, paddingToken: 0)
    stack.normEpsilon = 1e-12
    stack.positions = .learned(offset: 0)
    stack.tokenTypeCount = 0
    stack.names = .distilBERT
    let rate = try reader.rate("dropout", default: 0.1)
    stack.dropout = [
      .embedding: rate, .attention: try reader.rate("attention_dropout", default: 0.1),
      .feedForward: rate, .rowHead: try reader.rate("seq_classif_dropout", default: 0.2),
      .tokenHead: rate,
    ]
    return stack
  }

  private mutating func setBERTDropout(_ reader: ConfigurationReader) throws(ModelError) {
    let hidden = try reader.rate("hidden_dropout_prob", default: 0.1)
    let head = try reader.rate("classifier_dropout", default: hidden)
    dropout = try ModelDropout(
      hidden: hidden, attention: reader.rate("attention_probs_dropout_prob", default: 0.1))
    (dropout[.rowHead], dropout[.tokenHead]) = (head, head)
  }

  private static func encoder(
    _ reader: ConfigurationReader, path: String,
    keys: StackKeys = StackKeys(normEpsilon: "layer_norm_eps"), paddingToken: Int
  ) throws(ModelError) -> StackDescription {
    for key in ["is_decoder", "add_cross_attention"] {
      try reader.refuse(key, supported: "false")
    }
    _ = try reader.choice(
      "position_embedding_type", [("absolute", true)], default: "absolute")
    var stack = try reader.decoder(
      StackDefaults(
        vocabulary: path == "roberta" ? 50_265 : 30_522, hidden: 768, intermediate: 3072,
        layers: path == "distilbert" ? 6 : 12, heads: 12, context: 512, normEpsilon: 1e-12,
        activation: "gelu", tiesEmbeddings: true, paddingToken: paddingToken), keys: keys)
    if !stack.tiesEmbeddings {
      throw .unsupportedValue(key: "tie_word_embeddings", found: "false", supported: "true")
    }
    stack.norm = .layer
    stack.residual = .post
    stack.rotary = []
    stack.feedForward = .plain
    stack.hasEmbeddingNorm = true
    stack.hasFinalNorm = false
    stack.hasQueryKeyValueBias = true
    stack.hasAttentionOutputBias = true
    stack.hasFeedForwardBias = true
    stack.tokenTypeCount = try reader.integer("type_vocab_size", in: 0...(1 << 16), default: 2)
    stack.names = .bert(path)
    return stack
  }
}

extension StackNames {
  fileprivate static func bert(_ path: String) -> StackNames {
    StackNames(
      path: path,
      parts: [
        (.tokens, "embeddings.word_embeddings"), (.positions, "embeddings.position_embeddings"),
        (.tokenTypes, "embeddings.token_type_embeddings"), (.embeddingNorm, "embeddings.LayerNorm"),
        (.function, "embeddings.dropout"), (.layers, "encoder.layer"),
      ],
      layer: [
        (.query, "attention.self.query"), (.key, "attention.self.key"),
        (.value, "attention.self.value"), (.function, "attention.self.dropout"),
        (.attentionOutput, "attention.output.dense"),
        (.attentionNorm, "attention.output.LayerNorm"), (.function, "attention.output.dropout"),
        (.up, "intermediate.dense"), (.function, "intermediate.intermediate_act_fn"),
        (.down, "output.dense"), (.feedForwardNorm, "output.LayerNorm"),
        (.function, "output.dropout"),
      ])
  }

  fileprivate static var distilBERT: StackNames {
    StackNames(
      path: "distilbert",
      parts: [
        (.tokens, "embeddings.word_embeddings"), (.positions, "embeddings.position_embeddings"),
        (.embeddingNorm, "embeddings.LayerNorm"), (.function, "embeddings.dropout"),
        (.layers, "transformer.layer"),
      ],
      layer: [
        (.query, "attention.q_lin"), (.key, "attention.k_lin"), (.value, "attention.v_lin"),
        (.attentionOutput, "attention.out_lin"), (.function, "attention.dropout"),
        (.attentionNorm, "sa_layer_norm"), (.function, "ffn.dropout"), (.up, "ffn.lin1"),
        (.down, "ffn.lin2"), (.function, "ffn.activation"),
        (.feedForwardNorm, "output_layer_norm"),
      ])
  }
}
