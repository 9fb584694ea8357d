extension ModelFamily {
  /// Which heads a family's stack gets besides its own.
  enum HeadStyle: Hashable {
    case bert, roberta, distilBERT
    /// One layer `score`, for rows and tokens.
    case score
    /// One layer, `score` for rows and `classifier` for tokens.
    case scoreOrClassifier
    /// One layer `score` for rows; none for tokens.
    case scoreOfRows
  }

  /// The style of the family's other heads; nil where it has none.
  var headStyle: HeadStyle? {
    switch self {
    case .bert: .bert
    case .roberta: .roberta
    case .distilBERT: .distilBERT
    case .llama, .mistral, .qwen2, .qwen3, .gemma, .gemma2, .phi3: .score
    case .gpt2, .gptNeoX: .scoreOrClassifier
    case .gemma3: .scoreOfRows
    case .bart, .mbart, .marian, .t5: nil
    }
  }

  /// Whether every position sees all of its row.
  package var isEncoder: Bool { defaultTask == .maskedLM }

  /// The class of transformers that holds such a model with the head of `task`; nil where there is none.
  package func architecture(for task: ModelTask) -> String? {
    if task == defaultTask { return architecture }
    guard let headStyle else { return nil }
    // transformers' class of Gemma 3 without images has another name here.
    let prefix = self == .gemma3 ? "Gemma3Text" : String(architecture.prefixBeforeHead)
    switch task {
    case .causalLM, .seq2seqLM, .maskedLM, .seq2seqRegression: return nil
    case .sequenceClassification, .regression: return prefix + "ForSequenceClassification"
    case .tokenClassification:
      return headStyle == .scoreOfRows ? nil : prefix + "ForTokenClassification"
    }
  }

  /// The class's name with another head.
  func architecture(withHead head: String) -> String {
    architecture.prefixBeforeHead + "For" + head
  }
}

extension String {
  /// The class's name up to its head's.
  fileprivate var prefixBeforeHead: Substring {
    for head in ["For", "LMHead"] {
      if let range = firstRange(of: head) { return self[..<range.lowerBound] }
    }
    return self[...]
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
