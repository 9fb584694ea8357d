import Tensors

extension TaskHead {
  /// The head that transformers puts on `family`'s stack for `task`; nil where the stack has its own, or
  /// there is none.
  init?(_ family: ModelFamily, _ task: ModelTask, on stack: StackDescription) {
    let make = HeadMaker(stack)
    if task == .seq2seqRegression {
      guard stack.hasCrossAttention else { return nil }
      self = make.single("regression_head", 1, hasBias: true)
      return
    }
    guard let style = family.headStyle else { return nil }
    switch task {
    case .causalLM, .seq2seqLM, .seq2seqRegression: return nil
    case .maskedLM:
      switch style {
      case .bert: self = make.bertMaskedLM
      case .roberta: self = make.robertaMaskedLM
      case .distilBERT: self = make.distilBERTMaskedLM
      case .score, .scoreOrClassifier, .scoreOfRows: return nil
      }
    case .sequenceClassification(let labels, _), .regression(let labels):
      switch style {
      case .bert: self = make.bertClassification(labels)
      case .roberta: self = make.robertaClassification(labels)
      case .distilBERT: self = make.distilBERTClassification(labels)
      case .score, .scoreOrClassifier, .scoreOfRows:
        self = make.single("score", labels, hasBias: false)
      }
      dropout = stack.dropout[.rowHead]
    case .tokenClassification(let labels):
      switch style {
      case .bert, .roberta, .distilBERT, .scoreOrClassifier:
        self = make.single("classifier", labels, hasBias: true, behind: "dropout")
      case .score: self = make.single("score", labels, hasBias: true, behind: "dropout")
      case .scoreOfRows: return nil
      }
      dropout = stack.dropout[.tokenHead]
    }
  }
}

/// Makes heads of one stack's width.
private struct HeadMaker {
  let stack: StackDescription

  init(_ stack: StackDescription) { self.stack = stack }

  private var width: Int { stack.hiddenSize }

  private func linear(
    _ path: String, _ outputs: Int, hasBias: Bool = true, tiedTo: String? = nil,
    biasTiedTo: String? = nil
  ) -> LinearLayer {
    var layer = LinearLayer(
      path: path, inputs: width, outputs: outputs, hasBias: hasBias,
      deviation: Float(stack.initializerRange), tiedTo: tiedTo, isOutputHead: true)
    layer.biasTiedTo = biasTiedTo
    return layer
  }

  private func norm(_ path: String) -> NormLayer {
    NormLayer(
      path: path, dimension: width, epsilon: Float(stack.normEpsilon), kind: stack.norm)
  }

  private var tokenTable: String { stack.names.path(of: .tokens) + ".weight" }

  /// One layer, behind a module without weights where one is named.
  func single(
    _ path: String, _ outputs: Int, hasBias: Bool, behind function: String? = nil
  ) -> TaskHead {
    TaskHead(
      parts: (function.map { [.function($0)] } ?? []) + [.output],
      output: linear(path, outputs, hasBias: hasBias))
  }

  /// The pooler of BERT, then a layer.
  func bertClassification(_ labels: Int) -> TaskHead {
    let pooler = stack.names.path + ".pooler"
    return TaskHead(
      parts: [
        .linear(linear(pooler + ".dense", width), then: .tanh), .function(pooler + ".activation"),
        .function("dropout"), .output,
      ], output: linear("classifier", labels))
  }

  func robertaClassification(_ labels: Int) -> TaskHead {
    TaskHead(
      parts: [
        .linear(linear("classifier.dense", width), then: .tanh), .function("classifier.dropout"),
        .output,
      ], output: linear("classifier.out_proj", labels), dropsInput: true)
  }

  func distilBERTClassification(_ labels: Int) -> TaskHead {
    TaskHead(
      parts: [
        .linear(linear("pre_classifier", width), then: .relu), .output, .function("dropout"),
      ], output: linear("classifier", labels))
  }

  var bertMaskedLM: TaskHead {
    let transform = "cls.predictions.transform"
    return TaskHead(
      parts: [
        .linear(linear(transform + ".dense", width), then: stack.activation),
        .function(transform + ".transform_act_fn"), .norm(norm(transform + ".LayerNorm")), .output,
      ],
      output: linear(
        "cls.predictions.decoder", stack.vocabularySize, tiedTo: tokenTable,
        biasTiedTo: "cls.predictions.bias"))
  }

  /// Its activation is GELU whatever `hidden_act` says.
  var robertaMaskedLM: TaskHead {
    TaskHead(
      parts: [
        .linear(linear("lm_head.dense", width), then: .gelu), .norm(norm("lm_head.layer_norm")),
        .output,
      ],
      output: linear(
        "lm_head.decoder", stack.vocabularySize, tiedTo: tokenTable, biasTiedTo: "lm_head.bias"))
  }

  var distilBERTMaskedLM: TaskHead {
    TaskHead(
      functionsBeforeStack: ["activation"],
      parts: [
        .linear(linear("vocab_transform", width), then: stack.activation),
        .norm(norm("vocab_layer_norm")), .output, .function("mlm_loss_fct"),
      ], output: linear("vocab_projector", stack.vocabularySize, tiedTo: tokenTable))
  }
}
