import Artifacts
import Models

extension AdapterCard {
  /// The card of an adapter for `model`.
  init(of model: ModelDescription) {
    // transformers takes two labels where it is told nothing.
    let labels = model.task.labelCount.flatMap { $0 == 2 ? nil : $0 }
    switch model.task {
    case _ where model.readsValues, .seq2seqRegression: self.init()
    case .causalLM: self.init(className: "AutoModelForCausalLM", hubTask: "text-generation")
    case .seq2seqLM: self.init(className: "AutoModelForSeq2SeqLM", hubTask: "text2text-generation")
    case .maskedLM: self.init(className: "AutoModelForMaskedLM", hubTask: "fill-mask")
    case .sequenceClassification, .regression:
      self.init(
        className: "AutoModelForSequenceClassification", hubTask: "text-classification",
        labelCount: labels)
    case .tokenClassification:
      self.init(
        className: "AutoModelForTokenClassification", hubTask: "token-classification",
        labelCount: labels)
    }
  }
}
