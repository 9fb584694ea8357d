package import Tensors

/// A module that gets a low-rank update.
package struct AdaptedModule: Hashable, Sendable {
  package let path: String
  /// ``ModuleKind/linear(inputs:outputs:hasBias:)`` or ``ModuleKind/embedding(count:dimension:)``.
  package let kind: ModuleKind
  package let rank: Int
  package let alpha: Double
  /// What the update is multiplied by: alpha / r, or alpha / √r with rsLoRA.
  package let scaling: Double
  /// Whether the module's weight is `(inputs, outputs)`.
  package let storesInputsFirst: Bool
  /// Whether the update's second matrix has a bias.
  package let hasBias: Bool
  /// Whether a trained vector gives the lengths of the module's outputs: DoRA.
  package let isDecomposed: Bool

  /// The name of the update's first matrix in programs.
  package var nameOfA: String {
    switch kind {
    case .embedding: path + ".lora_embedding_A"
    case .linear, .norm, .container, .function: path + ".lora_A.weight"
    }
  }
  /// The name of the update's second matrix in programs.
  package var nameOfB: String {
    switch kind {
    case .embedding: path + ".lora_embedding_B"
    case .linear, .norm, .container, .function: path + ".lora_B.weight"
    }
  }
  /// The name of the bias of the update's second matrix in programs.
  package var nameOfBias: String { path + ".lora_B.bias" }
  /// The name of the lengths of the module's outputs in programs, and in the adapter's file.
  package var nameOfMagnitude: String { path + ".lora_magnitude_vector" }
}

/// Rows of a table that are trained by themselves, the others staying as they are.
package struct TrainedRows: Hashable, Sendable {
  /// The table's module.
  package let path: String
  /// The name of the table as it is stored.
  package let table: String
  /// The numbers of the rows, in the order of the trained ones.
  package let ids: [Int]

  /// The name of the trained rows in programs, and in the adapter's file.
  package var name: String { path + ".token_adapter.trainable_tokens_delta" }
}

/// A weight that the optimizer changes.
package struct TrainableParameter: Hashable, Sendable {
  /// Where its first value comes from.
  package enum Source: Hashable, Sendable {
    /// The base's weight of this name, converted to float32.
    case base(String)
    /// Drawn anew, from the stream `init/<name>`.
    case new(Initialisation)
    /// Rows of the base's weight of this name.
    case rows(of: String, ids: [Int])
    /// The lengths of its module's output vectors, as the base and the update's beginning make them.
    case norms
  }

  /// Its name in programs.
  package let name: String
  package let shape: Shape
  /// The path of its module.
  package let module: String
  package let source: Source
  /// Its name in PEFT's adapter file; nil for a weight that is no part of an adapter.
  package let adapterKey: String?
  /// Whether the adapter file holds the transpose: an embedding's A, `(r, V)` there.
  package let isTransposedInFile: Bool

  /// The shape in the adapter file.
  package var fileShape: Shape {
    isTransposedInFile ? Shape(shape.dimensions.reversed()) : shape
  }

  /// Writes the beginning of a new weight into `values`; a base's weight is left alone.
  package func fill(into values: UnsafeMutableBufferPointer<Float>, seed: UInt64) {
    guard case .new(let initialisation) = source else { return }
    initialisation.fill(name, into: values, columns: shape.columns, seed: seed)
  }
}

/// How an adaptation falls on one model: which modules, which weights, how many.
package struct AdaptationPlan: Hashable, Sendable {
  /// An entry of `target_modules` and the number of modules that it adapts.
  package struct TargetMatch: Hashable, Sendable {
    package let entry: String
    package let count: Int
  }

  /// An entry of another list that no module answers to; PEFT passes over it.
  package struct UnmatchedEntry: Hashable, Sendable {
    /// `exclude_modules`, `rank_pattern`, `alpha_pattern`, `modules_to_save`, `layers_to_transform`.
    package let key: String
    package let entry: String
  }

  package let adaptation: Adaptation
  /// In module order.
  package let adapted: [AdaptedModule]
  /// In the order of `target_modules`.
  package let targets: [TargetMatch]
  /// Paths that a target names and `exclude_modules` or `modules_to_save` takes out.
  package let excluded: [String]
  /// Paths of the modules that are trained whole.
  package let savedModules: [String]
  /// Names of the biases that are trained beside the updates.
  package let trainedBiases: [String]
  /// Tables of which some rows are trained.
  package let trainedRows: [TrainedRows]
  /// Numbers of the layers with an adapted module, ascending.
  package let adaptedLayers: [Int]
  package let unmatched: [UnmatchedEntry]
  /// In module order: the order of the flat buffers.
  package let trainable: [TrainableParameter]
  package let count: ParameterCount
  private let adaptedPositions: [String: Int]
  private let keyPositions: [String: Int]

  init(
    adaptation: Adaptation, adapted: [AdaptedModule] = [], targets: [TargetMatch] = [],
    excluded: [String] = [], savedModules: [String] = [], trainedBiases: [String] = [],
    trainedRows: [TrainedRows] = [], unmatched: [UnmatchedEntry] = [],
    trainable: [TrainableParameter],
    model: ModelDescription
  ) {
    self.adaptation = adaptation
    self.adapted = adapted
    self.targets = targets
    self.excluded = excluded
    self.savedModules = savedModules
    self.trainedBiases = trainedBiases
    self.trainedRows = trainedRows
    adaptedLayers = Set(adapted.compactMap { LayerIndex.first(in: $0.path) }).sorted()
    self.unmatched = unmatched
    self.trainable = trainable
    let trainableCount = trainable.reduce(0) { $0 + $1.shape.count }
    let added =
      switch adaptation {
      case .full, .partial: 0
      case .lora: trainableCount - trainedBiases.reduce(0) { $0 + Self.size(of: $1, in: model) }
      }
    count = ParameterCount(trainable: trainableCount, all: model.parameterCount + added)
    adaptedPositions = Dictionary(
      adapted.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    keyPositions = Dictionary(
      trainable.enumerated().compactMap { index, parameter in
        parameter.adapterKey.map { ($0, index) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// How many modules are adapted in each layer of `model`, an encoder's layers first.
  package func adaptedModuleCounts(in model: ModelDescription) -> [Int] {
    var counts = [Int](repeating: 0, count: model.encoderLayerCount + model.layerCount)
    for module in adapted {
      guard let layer = LayerIndex.first(in: module.path) else { continue }
      let isOfEncoder = model.encoder.map { module.path.hasPrefix($0.names.path + ".") } ?? false
      let place = isOfEncoder ? layer : model.encoderLayerCount + layer
      if counts.indices.contains(place) { counts[place] += 1 }
    }
    return counts
  }

  private static func size(of name: String, in model: ModelDescription) -> Int {
    model.parameter(name)?.shape.count ?? 0
  }

  /// The modules whose weights lose a part to their new updates.
  package var splitModules: [AdaptedModule] {
    guard case .lora(let specification) = adaptation, specification.start.changesBase else {
      return []
    }
    return adapted.filter { module in
      switch module.kind {
      case .linear: true
      case .embedding, .norm, .container, .function: false
      }
    }
  }

  /// Which matrix of an update a trained weight is.
  package enum Factor: Hashable, Sendable { case first, second }

  /// Which matrix of an update `parameter` is; nil for whatever else is trained.
  package func factor(_ parameter: TrainableParameter) -> Factor? {
    guard let module = adaptedModule(parameter.module) else { return nil }
    if parameter.name == module.nameOfA { return .first }
    return parameter.name == module.nameOfB ? .second : nil
  }

  /// The numbers of an exported adapter: where updates began as a part of the weights, their
  /// matrices stand beside their beginnings.
  package var exportedCount: Int {
    let isDoubled = !splitModules.isEmpty
    return trainable.reduce(0) { sum, parameter in
      sum + parameter.shape.count * (isDoubled && factor(parameter) != nil ? 2 : 1)
    }
  }

  /// The places of the trainable weights in the flat buffers.
  package var layout: ParameterLayout {
    ParameterLayout(trainable.map { ($0.name, $0.shape) })
  }

  /// The update of the module at `path`.
  package func adaptedModule(_ path: String) -> AdaptedModule? {
    adaptedPositions[path].map { adapted[$0] }
  }

  /// The weight that PEFT's adapter file calls `key`, also under the names of older versions.
  package func parameter(forAdapterKey key: String) -> TrainableParameter? {
    if let index = keyPositions[key] { return trainable[index] }
    let other =
      key.hasSuffix(".base_layer.bias")
      ? key.dropLast(".base_layer.bias".count) + ".bias"
      : key.hasSuffix(".bias") ? key.dropLast(".bias".count) + ".base_layer.bias" : key[...]
    return keyPositions[String(other)].map { trainable[$0] }
  }
}

extension TrainableParameter {
  /// The base's weight that it begins as.
  var baseName: String? { if case .base(let name) = source { name } else { nil } }
}

extension Adaptation {
  /// Works out how the adaptation falls on `model`.
  ///
  /// - Throws: ``ModelError`` for an entry that matches nothing, a pattern that is none, a module
  ///   that cannot be adapted, or a number out of range.
  package func plan(for model: ModelDescription) throws(ModelError) -> AdaptationPlan {
    switch self {
    case .lora(var specification):
      specification.modulesToSave += model.headModules.filter {
        !specification.modulesToSave.contains($0)
      }
      return try LoRAMatcher(specification, model).plan()
    case .full:
      return AdaptationPlan(
        adaptation: self,
        trainable: model.trainableParameters.map(TrainableParameter.init), model: model)
    case .partial(let selection):
      return try WeightSelector(selection: selection, model: model).plan()
    }
  }
}
