package import Datasets
package import Models
package import Tensors

/// Builds every program of a stage, so that planning lays out exactly what execution compiles.
package struct ProgramFactory: Sendable {
  package let description: ModelDescription
  /// Nil before the first training stage.
  package let adaptation: AdaptationPlan?
  /// How matrices that are not trained are kept.
  package let weightType: DType

  package init(description: ModelDescription, adaptation: AdaptationPlan?, weightType: DType) {
    self.description = description
    self.adaptation = adaptation
    self.weightType = weightType
  }

  /// The places of the trainable weights.
  package var parameters: ParameterLayout { adaptation?.layout ?? ParameterLayout([]) }

  /// The base weights that trained ones take the place of.
  var replacedWeights: [ParameterDescription] {
    switch adaptation?.adaptation {
    case .full: description.storedParameters
    case .partial: adaptation?.trainable.compactMap { description.parameter($0.name) } ?? []
    case .lora, nil: []
    }
  }

  /// Forward and backward for batches of `shape`; result `loss`.
  ///
  /// - Throws: ``ModelError`` when the model cannot be built for it.
  package func training(_ shape: BatchShape) throws(ModelError) -> Program {
    let forward = try LanguageModelProgram.training(
      description, batch: shape.rowCount, length: shape.length, weightType: weightType)
    let adapted = try adapt(forward, isTraining: true)
    do { return try Differentiation.backward(of: adapted, from: "loss") } catch {
      throw .program(error)
    }
  }

  /// Forward alone for batches of `shape`; result `loss`, and with `predictions` what the model
  /// predicts: of language models the likeliest tokens and the targets' ranks.
  ///
  /// - Throws: ``ModelError`` when the model cannot be built for it.
  package func evaluation(
    _ shape: BatchShape, predictions: Bool
  ) throws(ModelError) -> Program {
    try adapt(
      try LanguageModelProgram.training(
        description, batch: shape.rowCount, length: shape.length, weightType: weightType,
        predictions: predictions), isTraining: false)
  }

  /// The next token's logits after `queryLength` tokens of one row, over caches of `capacity`.
  ///
  /// - Throws: ``ModelError`` when the model cannot be built for it.
  package func decoding(queryLength: Int, capacity: Int) throws(ModelError) -> Program {
    try adapt(
      try LanguageModelProgram.decoding(
        description, batch: 1, queryLength: queryLength, capacity: capacity, rowCount: 1,
        weightType: weightType), isTraining: false)
  }

  /// The logits of all `length` tokens of one row.
  ///
  /// - Throws: ``ModelError`` when the model cannot be built for it.
  package func logits(length: Int) throws(ModelError) -> Program {
    try adapt(
      try LanguageModelProgram.logits(
        description, batch: 1, length: length, rowCount: length, weightType: weightType),
      isTraining: false)
  }

  private func adapt(_ program: Program, isTraining: Bool) throws(ModelError) -> Program {
    guard let adaptation else { return program }
    return try adaptation.adapting(program, of: description, isTraining: isTraining)
  }
}

extension Program {
  /// The states of the program and their sizes in bytes, in the order of its values.
  package var states: [(name: String, byteCount: Int)] {
    values.compactMap { value in
      if case .state(let name) = value.role { (name, value.type.byteCount) } else { nil }
    }
  }
}
