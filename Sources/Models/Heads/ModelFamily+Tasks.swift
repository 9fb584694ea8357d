extension ModelFamily {
  /// Whether every position sees all of its row.
  package var isEncoder: Bool {
    switch self {
    case .bert, .roberta, .distilBERT: true
    case .llama, .mistral, .qwen2, .qwen3, .gpt2, .gemma, .gemma2, .gemma3, .phi3, .gptNeoX,
      .bart, .mbart, .t5, .marian:
      false
    }
  }

  /// The class of transformers that holds such a model with the head of `task`; nil where there is none.
  package func architecture(for task: ModelTask) -> String? {
    switch task {
    case .causalLM, .seq2seqLM: task == defaultTask ? architecture : nil
    case .maskedLM: isEncoder ? prefix.map { $0 + "ForMaskedLM" } : nil
    case .sequenceClassification, .regression: prefix.map { $0 + "ForSequenceClassification" }
    case .tokenClassification:
      self == .gemma3 ? nil : prefix.map { $0 + "ForTokenClassification" }
    case .seq2seqRegression: self == .bart ? "BartForSeq2SeqRegression" : nil
    }
  }

  /// How the names of transformers' classes begin; nil where there is no head but the family's own.
  private var prefix: String? {
    switch self {
    case .llama: "Llama"
    case .mistral: "Mistral"
    case .qwen2: "Qwen2"
    case .qwen3: "Qwen3"
    case .gpt2: "GPT2"
    case .gemma: "Gemma"
    case .gemma2: "Gemma2"
    case .gemma3: "Gemma3Text"
    case .phi3: "Phi3"
    case .gptNeoX: "GPTNeoX"
    case .bert: "Bert"
    case .roberta: "Roberta"
    case .distilBERT: "DistilBert"
    case .bart, .mbart, .t5, .marian: nil
    }
  }
}

extension ModelTask {
  /// How many numbers the head makes of a row or a token; nil where they are the vocabulary's.
  package var labelCount: Int? {
    switch self {
    case .causalLM, .seq2seqLM, .maskedLM, .seq2seqRegression: nil
    case .sequenceClassification(let labels, _), .tokenClassification(let labels): labels
    case .regression(let outputs): outputs
    }
  }

  /// The modules that PEFT trains whole beside the updates, for an adapter of this task.
  ///
  /// Source: PEFT 0.21.2, `PeftModelForSequenceClassification`, `PeftModelForTokenClassification`.
  package var headModules: [String] { labelCount == nil ? [] : ["classifier", "score"] }

  /// transformers' `problem_type`.
  var problemType: String? {
    switch self {
    case .sequenceClassification(_, let multiLabel):
      multiLabel ? "multi_label_classification" : "single_label_classification"
    case .regression: "regression"
    case .causalLM, .seq2seqLM, .maskedLM, .tokenClassification, .seq2seqRegression: nil
    }
  }
}
