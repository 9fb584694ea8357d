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
  /// What the backward pass computes again.
  package var recomputation = Recomputation.none

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
    let forward = try TaskProgram.training(
      description, batch: shape.rowCount, length: shape.length, sourceLength: shape.sourceLength,
      weightType: weightType, dropout: true)
    let adapted = try adapt(forward, isTraining: true)
    do {
      return try Differentiation.backward(
        of: adapted, from: "loss", anew: description.recomputed(recomputation, in: adapted))
    } catch {
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
      try TaskProgram.training(
        description, batch: shape.rowCount, length: shape.length,
        sourceLength: shape.sourceLength, weightType: weightType, predictions: predictions),
      isTraining: false)
  }

  /// Reads the sources of all lines and keeps what decoding needs of them.
  ///
  /// - Throws: ``ModelError`` when the model cannot be built for it.
  package func encoding(_ writing: PreparedWriting) throws(ModelError) -> Program {
    try adapt(
      try TaskProgram.encoding(
        description, batch: writing.lines, sourceLength: writing.sourceLength,
        weightType: weightType), isTraining: false, isPart: true)
  }

  /// The next token's logits of all lines, beside what ``encoding(_:)`` kept.
  ///
  /// - Throws: ``ModelError`` when the model cannot be built for it.
  package func writing(_ writing: PreparedWriting) throws(ModelError) -> Program {
    try adapt(
      try TaskProgram.decoding(
        description, batch: writing.lines, queryLength: 1, capacity: writing.capacity,
        sourceLength: writing.sourceLength, rowCount: writing.lines, weightType: weightType),
      isTraining: false, isPart: true)
  }

  /// The next token's logits after `queryLength` tokens of each line, over caches of `capacity`.
  ///
  /// - Throws: ``ModelError`` when the model cannot be built for it.
  package func decoding(
    lines: Int, queryLength: Int, capacity: Int
  ) throws(ModelError) -> Program {
    try adapt(
      try LanguageModelProgram.decoding(
        description, batch: lines, queryLength: queryLength, capacity: capacity, rowCount: lines,
        weightType: weightType), isTraining: false)
  }

  /// The logits of all `length` tokens of one row, beside a source of `sourceLength`.
  ///
  /// - Throws: ``ModelError`` when the model cannot be built for it.
  package func logits(length: Int, sourceLength: Int = 0) throws(ModelError) -> Program {
    try adapt(
      try TaskProgram.outputs(
        description, batch: 1, length: length, sourceLength: sourceLength, rowCount: length,
        weightType: weightType), isTraining: false)
  }

  /// The program with the adaptation; one that `isPart` need not read every adapted module.
  private func adapt(
    _ program: Program, isTraining: Bool, isPart: Bool = false
  ) throws(ModelError) -> Program {
    guard let adaptation else { return program }
    return try adaptation.adapting(
      program, of: description, isTraining: isTraining, isPart: isPart)
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
