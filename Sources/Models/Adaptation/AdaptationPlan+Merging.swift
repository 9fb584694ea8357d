package import Tensors

/// A low-rank update of one weight.
package struct LowRankUpdate: Hashable, Sendable {
  /// The name of the factor that goes with the weight's rows.
  package let rowFactor: String
  /// Whether the row factor is `(r, rows)`, as A of a weight that stores inputs first, or `(rows, r)`.
  package let rowFactorIsWide: Bool
  /// The name of the factor that goes with the weight's columns.
  package let columnFactor: String
  /// Whether the column factor is `(r, columns)`, as a linear's A, or `(columns, r)`.
  package let columnFactorIsWide: Bool
  package let rows: Int
  package let columns: Int
  package let rank: Int
  package let scaling: Double
  /// The name of the lengths that the outputs are brought to; nil leaves them as they come.
  package let magnitude: String?
  /// Whether outputs lie in the weight's rows.
  package let outputsAreRows: Bool

  /// The number of outputs.
  package var outputCount: Int { outputsAreRows ? rows : columns }

  /// The length of each output vector of `weight (rows, columns)`.
  package func norms(
    of weight: UnsafePointer<Float>, into norms: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: outputCount) { sums in
      sums.initialize(repeating: 0)
      for row in 0..<rows {
        for column in 0..<columns {
          let value = Double(weight[row * columns + column])
          sums[outputsAreRows ? row : column] += value * value
        }
      }
      for output in 0..<outputCount { norms[output] = Float(sums[output].squareRoot()) }
    }
  }

  /// Brings the output vectors of `weight (rows, columns)` to the lengths `magnitude`.
  package func rescale(
    _ weight: UnsafeMutablePointer<Float>, to magnitude: UnsafePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: outputCount) { factors in
      guard let lengths = factors.baseAddress else { return }
      norms(of: weight, into: lengths)
      for output in 0..<outputCount { lengths[output] = magnitude[output] / lengths[output] }
      for row in 0..<rows {
        for column in 0..<columns {
          weight[row * columns + column] *= lengths[outputsAreRows ? row : column]
        }
      }
    }
  }

  /// Adds `scaling · B·A`, or its transpose where inputs come first, to `weight (rows, columns)`, in float32 as PEFT's `merge_and_unload`.
  ///
  /// - Precondition: the buffers hold `rows · rank`, `rank · columns` and `rows · columns` elements.
  package func add(
    rowFactor b: UnsafePointer<Float>, columnFactor a: UnsafePointer<Float>,
    to weight: UnsafeMutablePointer<Float>
  ) {
    let factor = Float(scaling)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { sums in
      for row in 0..<rows {
        sums.initialize(repeating: 0)
        for index in 0..<rank {
          let share = rowFactorIsWide ? b[index * rows + row] : b[row * rank + index]
          if columnFactorIsWide {
            let line = a + index * columns
            for column in 0..<columns { sums[column] += share * line[column] }
          } else {
            for column in 0..<columns { sums[column] += share * a[column * rank + index] }
          }
        }
        let target = weight + row * columns
        for column in 0..<columns { target[column] += factor * sums[column] }
      }
    }
  }
}

/// One tensor of a model with the adaptation merged in.
package struct MergedTensor: Hashable, Sendable {
  /// Where its elements come from.
  package enum Source: Hashable, Sendable {
    /// The base's weight of this name.
    case base(String)
    /// The trained weight of this name.
    case trained(String)
  }

  /// Its name in the merged checkpoint.
  package let name: String
  package let shape: Shape
  package let source: Source
  /// What is added to the source.
  package let update: LowRankUpdate?
  /// The bias of an update that is added to the source, times a number.
  package let bias: ScaledBias?
  /// Rows that take the place of the source's.
  package let rows: TrainedRows?

  /// Whether it is another than the base's.
  package var isChanged: Bool {
    switch source {
    case .base: update != nil || bias != nil || rows != nil
    case .trained: true
    }
  }

  /// A trained bias and what it counts.
  package struct ScaledBias: Hashable, Sendable {
    package let name: String
    package let scaling: Double
  }

  package init(
    name: String, shape: Shape, source: Source, update: LowRankUpdate? = nil,
    bias: ScaledBias? = nil, rows: TrainedRows? = nil
  ) {
    self.name = name
    self.shape = shape
    self.source = source
    self.update = update
    self.bias = bias
    self.rows = rows
  }
}

extension AdaptationPlan {
  /// The tensors of the merged checkpoint, in the order of the model's weights.
  ///
  /// A weight tied to another appears on its own where ``untiesWeights(of:)`` is true.
  package func mergedTensors(of model: ModelDescription) -> [MergedTensor] {
    let unties = untiesWeights(of: model)
    return model.parameters.filter { $0.tiedTo == nil || unties }.map { parameter in
      let stored = model.storedName(of: parameter.name)
      return MergedTensor(
        name: parameter.name, shape: parameter.shape,
        source: trainedName(parameter).map { .trained($0) } ?? .base(stored),
        update: update(of: parameter), bias: bias(of: parameter),
        rows: trainedName(parameter) == nil ? trainedRows.first { $0.table == stored } : nil)
    }
  }

  /// Modules whose update has a bias that the merged model has no place for.
  package func modulesWithoutPlaceForBias(in model: ModelDescription) -> [String] {
    adapted.filter { $0.hasBias && model.parameter($0.path + ".bias") == nil }.map(\.path)
  }

  /// Whether two weights that were one differ after training, so that the merged model's
  /// `tie_word_embeddings` must be false.
  package func untiesWeights(of model: ModelDescription) -> Bool {
    switch adaptation {
    case .full, .partial: return false
    case .lora: break
    }
    return model.parameters.contains { parameter in
      guard let tied = parameter.tiedTo, let stored = model.parameter(tied) else { return false }
      return [parameter, stored].contains {
        trainedName($0) != nil || update(of: $0) != nil
      }
    }
  }

  private func trainedName(_ parameter: ParameterDescription) -> String? {
    switch adaptation {
    case .full: parameter.tiedTo ?? parameter.name
    case .partial:
      trainable.first { $0.name == parameter.tiedTo ?? parameter.name }?.name
    case .lora: trainable.first { $0.name == parameter.name }?.name
    }
  }

  /// Whether the adapted modules store their weights inputs first: PEFT's `fan_in_fan_out`.
  package var storesInputsFirst: Bool { adapted.contains(where: \.storesInputsFirst) }

  private func bias(of parameter: ParameterDescription) -> MergedTensor.ScaledBias? {
    guard let module = adaptedModule(parameter.module), module.hasBias,
      parameter.name == module.path + ".bias"
    else { return nil }
    return MergedTensor.ScaledBias(name: module.nameOfBias, scaling: module.scaling)
  }

  /// The update of a weight; nil where it has none.
  package func update(of parameter: ParameterDescription) -> LowRankUpdate? {
    guard let module = adaptedModule(parameter.module), parameter.shape.rank == 2 else {
      return nil
    }
    let isEmbedding =
      switch module.kind {
      case .embedding: true
      case .linear, .norm, .container, .function: false
      }
    // Rows of an embedding and of a weight that stores inputs first go with A.
    let inputsFirst = module.storesInputsFirst
    let rowsGoWithA = isEmbedding || inputsFirst
    return LowRankUpdate(
      rowFactor: rowsGoWithA ? module.nameOfA : module.nameOfB, rowFactorIsWide: inputsFirst,
      columnFactor: rowsGoWithA ? module.nameOfB : module.nameOfA,
      columnFactorIsWide: !rowsGoWithA, rows: parameter.shape[0], columns: parameter.shape[1],
      rank: module.rank, scaling: module.scaling,
      magnitude: module.isDecomposed ? module.nameOfMagnitude : nil,
      outputsAreRows: !rowsGoWithA)
  }
}
