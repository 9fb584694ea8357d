import Artifacts
import Models

extension ModelDescription {
  /// How transformers loads the base of an adapter for this model; nil where it has no class for it.
  var adapterLoader: AdapterConfiguration.Loader? {
    if readsValues { return nil }
    return switch task {
    case .causalLM: .init(className: "AutoModelForCausalLM", hubTask: "text-generation")
    case .seq2seqLM: .init(className: "AutoModelForSeq2SeqLM", hubTask: "text2text-generation")
    case .maskedLM: .init(className: "AutoModelForMaskedLM", hubTask: "fill-mask")
    case .sequenceClassification, .regression:
      .init(className: "AutoModelForSequenceClassification", hubTask: "text-classification")
    case .tokenClassification:
      .init(className: "AutoModelForTokenClassification", hubTask: "token-classification")
    case .seq2seqRegression: nil
    }
  }
}
