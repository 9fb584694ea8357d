import JSONSyntax
import Pipelines
import Tokenizers

extension CreatedModel {
  /// The config.json of a model that is made for the ids of `tokenizer`.
  func configuration(_ tokenizer: Tokenizer) -> JSONValue {
    var object = JSONObject([
      ("model_type", .string(architecture.value.rawValue)),
      ("vocab_size", .int(tokenizer.vocabularySize)),
      ("hidden_size", .int(hiddenSize.value)),
      ("intermediate_size", .int(intermediateSize.value)),
      ("num_hidden_layers", .int(hiddenLayers.value)),
      ("num_attention_heads", .int(attentionHeads.value)),
      ("num_key_value_heads", .int(keyValueHeads?.value ?? attentionHeads.value)),
      ("max_position_embeddings", .int(maxPositionEmbeddings.value)),
      ("rope_theta", .number(ropeTheta.value)),
      ("rms_norm_eps", .number(rmsNormEpsilon.value)),
      ("tie_word_embeddings", .bool(tieWordEmbeddings.value)),
      ("initializer_range", .number(initializerRange.value)),
      ("hidden_act", "silu"),
    ])
    if let headDimension { object["head_dim"] = .int(headDimension.value) }
    if let id = tokenizer.beginningID { object["bos_token_id"] = .int(Int(id)) }
    if let id = tokenizer.endID { object["eos_token_id"] = .int(Int(id)) }
    if let id = tokenizer.padID { object["pad_token_id"] = .int(Int(id)) }
    return .object(object)
  }
}
