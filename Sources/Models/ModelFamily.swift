package import JSONSyntax

/// The families of models that can be trained, by transformers' `model_type`.
package enum ModelFamily: String, CaseIterable, Hashable, Sendable {
  case llama
  case mistral
  case qwen2
  case qwen3
  case gpt2
  case gemma
  case gemma2
  case gemma3 = "gemma3_text"
  case phi3
  case gptNeoX = "gpt_neox"
  case bert
  case roberta
  case distilBERT = "distilbert"
  case bart, mbart, marian, t5

  /// PEFT's `target_modules` where the user names none; empty where PEFT has no default.
  ///
  /// Source: PEFT 0.21.2, `TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING`.
  package var defaultTargets: [String] {
    switch self {
    case .llama, .mistral, .qwen2, .qwen3, .gemma, .gemma2, .gemma3: ["q_proj", "v_proj"]
    case .gpt2: ["c_attn"]
    case .gptNeoX: ["query_key_value"]
    case .bert, .roberta: ["query", "value"]
    case .bart: ["q_proj", "v_proj"]
    case .t5: ["q", "v"]
    case .phi3, .distilBERT, .mbart, .marian: []
    }
  }

  /// What a model of the family is trained to do where nothing else is said.
  package var defaultTask: ModelTask {
    switch self {
    case .llama, .mistral, .qwen2, .qwen3, .gpt2, .gemma, .gemma2, .gemma3, .phi3, .gptNeoX:
      .causalLM
    case .bert, .roberta, .distilBERT: .maskedLM
    case .bart, .mbart, .marian, .t5: .seq2seqLM
    }
  }

  /// The class of transformers that holds such a model with its head.
  package var architecture: String {
    switch self {
    case .llama: "LlamaForCausalLM"
    case .mistral: "MistralForCausalLM"
    case .qwen2: "Qwen2ForCausalLM"
    case .qwen3: "Qwen3ForCausalLM"
    case .gpt2: "GPT2LMHeadModel"
    case .gemma: "GemmaForCausalLM"
    case .gemma2: "Gemma2ForCausalLM"
    case .gemma3: "Gemma3ForCausalLM"
    case .phi3: "Phi3ForCausalLM"
    case .gptNeoX: "GPTNeoXForCausalLM"
    case .bert: "BertForMaskedLM"
    case .roberta: "RobertaForMaskedLM"
    case .distilBERT: "DistilBertForMaskedLM"
    case .bart: "BartForConditionalGeneration"
    case .mbart: "MBartForConditionalGeneration"
    case .marian: "MarianMTModel"
    case .t5: "T5ForConditionalGeneration"
    }
  }
}

extension ModelFamily {
  /// A config.json of the family whose head is a weight of its own, and which says all else as before.
  ///
  /// What the tied head of a T5 reads is scaled unless its configuration says otherwise, and that stays.
  package func untyingHead(of configuration: JSONValue) -> JSONValue {
    guard var members = configuration.object else { return configuration }
    if self == .t5, members["scale_decoder_outputs"] == nil {
      members["scale_decoder_outputs"] = true
    }
    members["tie_word_embeddings"] = false
    return .object(members)
  }
}
