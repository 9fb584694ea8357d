package import Datasets
import JSONSyntax
import Models
import Pipelines
import Tokenizers

extension PreparedModel {
  /// What rows are for, as the task, the model and the tokenizer say.
  var rowTask: RowTask {
    switch task {
    case .causalLM: .causalLM
    case .seq2seqLM: .seq2seqLM(decoderStart)
    case .maskedLM: .maskedLM(masking)
    case .sequenceClassification:
      .sequenceClassification(labels: labels, multiLabel: isMultiLabel)
    case .tokenClassification: .tokenClassification(labels: labels)
    case .regression where description.readsValues: .matrices(seriesNames, answers: .rows)
    case .regression: .regression
    case .seq2seqRegression: .matrices(seriesNames, answers: .positions)
    }
  }

  /// The columns that the model was made for, by their numbers.
  private var seriesNames: SeriesNames? {
    ValueTask.columns(in: configuration).map {
      SeriesNames(inputs: $0.inputs, outputs: $0.outputs)
    }
  }

  /// What a token sees of its row.
  package var visibility: BatchVisibility {
    description.family.isEncoder ? .whole : .causal
  }

  /// How the labels of a decoder become its inputs.
  private var decoderStart: DecoderStart {
    switch description.labelShift?.first {
    case .lastToken: .lastLabel
    case .token(let id): .token(Int32(clamping: id))
    case nil: .token(startToken)
    }
  }

  /// What a decoder's text begins with: config.json's, else as transformers' families have it.
  var startToken: Int32 {
    for key in ["decoder_start_token_id", "pad_token_id", "bos_token_id"] {
      if let id = configuration[key]?.integer { return Int32(clamping: id) }
    }
    return tokenizer.padID ?? tokenizer.beginningID ?? 0
  }

  /// A number of config.json or of generation_config.json that names a token.
  func forcedToken(_ key: String) -> Int32? {
    let id = checkpoint?.generationConfiguration?[key]?.integer ?? configuration[key]?.integer
    return id.map { Int32(clamping: $0) }
  }

  /// The model's config.json, whether it was read or made.
  private var configuration: JSONValue {
    description.configuration.json(weightType: weightType.exported)
  }

  private var masking: MaskingRule {
    let size = tokenizer.vocabularySize
    let special = (0..<Int32(clamping: size)).filter { tokenizer.isSpecial($0) }
    return MaskingRule(
      maskID: tokenizer.maskID ?? 0,
      vocabularySize: size,
      specialIDs: Set(special))
  }
}

extension RowTask {
  /// The same task with another share of hidden tokens, where tokens are hidden.
  func hiding(_ probability: Double) -> RowTask {
    guard case .maskedLM(let rule) = self else { return self }
    return .maskedLM(
      MaskingRule(
        probability: probability, maskID: rule.maskID, vocabularySize: rule.vocabularySize,
        specialIDs: rule.specialIDs))
  }
}
