import JSONSyntax
import Pipelines
import Tokenizers

extension CreatedModel {
  /// The config.json of a model that is made for the ids of `tokenizer`, in transformers' keys, with
  /// `dropout` wherever its family has some.
  func configuration(_ tokenizer: Tokenizer, dropout: Double = 0) -> JSONValue {
    var object = JSONObject([
      ("model_type", .string(architecture.value.rawValue)),
      ("vocab_size", .int(tokenizer.vocabularySize)),
      ("tie_word_embeddings", .bool(tieWordEmbeddings.value)),
    ])
    let own =
      switch architecture.value {
      case .llama: llama
      case .bart: bart(tokenizer)
      case .t5: t5(tokenizer)
      case .bert: bert
      }
    for (key, value) in own { object[key] = value }
    if dropout > 0 { for key in dropoutKeys { object[key] = .number(dropout) } }
    if let id = tokenizer.beginningID { object["bos_token_id"] = .int(Int(id)) }
    if let id = tokenizer.endID { object["eos_token_id"] = .int(Int(id)) }
    if let id = tokenizer.padID { object["pad_token_id"] = .int(Int(id)) }
    return .object(object)
  }

  /// The keys of all rates of dropout.
  private var dropoutKeys: [String] {
    switch architecture.value {
    case .llama: ["attention_dropout", "classifier_dropout"]
    case .bart: ["dropout", "attention_dropout", "activation_dropout"]
    case .t5: ["dropout_rate"]
    case .bert: ["hidden_dropout_prob", "attention_probs_dropout_prob"]
    }
  }

  private var llama: [(String, JSONValue)] {
    [
      ("hidden_size", .int(hiddenSize.value)),
      ("intermediate_size", .int(intermediateSize.value)),
      ("num_hidden_layers", .int(hiddenLayers.value)),
      ("num_attention_heads", .int(attentionHeads.value)),
      ("num_key_value_heads", .int(keyValueHeads?.value ?? attentionHeads.value)),
      ("max_position_embeddings", .int(maxPositionEmbeddings.value)),
      ("rope_theta", .number(ropeTheta.value)),
      ("rms_norm_eps", .number(rmsNormEpsilon.value)),
      ("initializer_range", .number(initializerRange.value)),
      ("hidden_act", "silu"),
    ] + (headDimension.map { [("head_dim", .int($0.value))] } ?? [])
  }

  private func bart(_ tokenizer: Tokenizer) -> [(String, JSONValue)] {
    let start = tokenizer.endID ?? tokenizer.padID ?? 0
    return [
      ("is_encoder_decoder", true),
      ("d_model", .int(hiddenSize.value)),
      ("encoder_layers", .int(hiddenLayers.value)),
      ("decoder_layers", .int(decoderLayers?.value ?? hiddenLayers.value)),
      ("encoder_attention_heads", .int(attentionHeads.value)),
      ("decoder_attention_heads", .int(attentionHeads.value)),
      ("encoder_ffn_dim", .int(intermediateSize.value)),
      ("decoder_ffn_dim", .int(intermediateSize.value)),
      ("max_position_embeddings", .int(maxPositionEmbeddings.value)),
      ("init_std", .number(initializerRange.value)),
      ("activation_function", "gelu"),
      ("dropout", .number(0)),
      ("scale_embedding", false),
      ("decoder_start_token_id", .int(Int(start))),
      // Null, as transformers' default is another token's number.
      ("forced_eos_token_id", .null),
    ]
  }

  private func t5(_ tokenizer: Tokenizer) -> [(String, JSONValue)] {
    [
      ("is_encoder_decoder", true),
      ("d_model", .int(hiddenSize.value)),
      ("d_kv", .int(headDimension?.value ?? hiddenSize.value / attentionHeads.value)),
      ("d_ff", .int(intermediateSize.value)),
      ("num_layers", .int(hiddenLayers.value)),
      ("num_decoder_layers", .int(decoderLayers?.value ?? hiddenLayers.value)),
      ("num_heads", .int(attentionHeads.value)),
      ("n_positions", .int(maxPositionEmbeddings.value)),
      ("relative_attention_num_buckets", .int(32)),
      ("relative_attention_max_distance", .int(128)),
      ("layer_norm_epsilon", .number(rmsNormEpsilon.value)),
      ("feed_forward_proj", "gated-gelu"),
      ("dropout_rate", .number(0)),
      ("decoder_start_token_id", .int(Int(tokenizer.padID ?? 0))),
    ]
  }

  private var bert: [(String, JSONValue)] {
    [
      ("hidden_size", .int(hiddenSize.value)),
      ("intermediate_size", .int(intermediateSize.value)),
      ("num_hidden_layers", .int(hiddenLayers.value)),
      ("num_attention_heads", .int(attentionHeads.value)),
      ("max_position_embeddings", .int(maxPositionEmbeddings.value)),
      ("type_vocab_size", .int(2)),
      ("hidden_act", "gelu"),
      ("hidden_dropout_prob", .number(0)),
      ("attention_probs_dropout_prob", .number(0)),
      ("initializer_range", .number(initializerRange.value)),
    ]
  }
}
