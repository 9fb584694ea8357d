/// Which weights a training of the model's own weights leaves as they are.
package struct WeightSelection: Hashable, Sendable {
  /// Only the last blocks of the last stack and the head, whole, are trained.
  package var trainLast: Int?
  /// What is left alone: modules by name, or weights by a regular expression over their names.
  package var freeze: LoRASpecification.Selection?

  package init(trainLast: Int? = nil, freeze: LoRASpecification.Selection? = nil) {
    self.trainLast = trainLast
    self.freeze = freeze
  }
}

/// Decides which weights of a model a selection trains.
struct WeightSelector {
  let selection: WeightSelection
  let model: ModelDescription

  /// - Throws: ``ModelError`` for more blocks than there are, an entry that names nothing, a pattern
  ///   that is none, or nothing left to train.
  func plan() throws(ModelError) -> AdaptationPlan {
    var trained = model.storedParameters
    if let count = selection.trainLast {
      let blocks = Self.blocks(of: model)
      guard (1...max(1, blocks.count)).contains(count), !blocks.isEmpty else {
        throw .invalidSetting(
          key: "train_last", found: String(count),
          expected: "at most \(blocks.count), the blocks of the model's last stack")
      }
      let last = Array(blocks.suffix(count))
      trained = trained.filter { parameter in
        LoRAMatcher.lies(parameter.module, in: last)
          || parameter.isNewWhenMissing
          || model.moduleTree[parameter.module]?.isOutputHead ?? false
      }
    }
    let frozen = try frozenNames()
    trained = trained.filter { !frozen.contains($0.name) }
    if trained.isEmpty { throw .nothingTrainable }
    return AdaptationPlan(
      adaptation: .partial(selection), trainable: trained.map(TrainableParameter.init), model: model
    )
  }

  private func frozenNames() throws(ModelError) -> Set<String> {
    guard let freeze = selection.freeze else { return [] }
    let selector = try ModuleSelector(freeze, key: "freeze")
    switch freeze {
    case .pattern(let pattern):
      let names = model.storedParameters.map(\.name).filter { selector.names($0) }
      if names.isEmpty { throw .deadEntry(key: "freeze", entry: pattern, near: []) }
      return Set(names)
    case .list(let entries):
      var modules: [String] = []
      for (index, entry) in entries.enumerated() {
        let named = model.moduleTree.modules.map(\.path).filter {
          selector.matches($0).entries.contains(index)
        }
        if named.isEmpty {
          throw .deadEntry(
            key: "freeze", entry: entry, near: NearNames.of(entry, in: model.moduleTree))
        }
        modules += named
      }
      return Set(
        model.parameters.filter { LoRAMatcher.lies($0.module, in: modules) }
          .map { $0.tiedTo ?? $0.name })
    }
  }

  /// The paths of the blocks of the last stack: modules whose name is a number, outside of others.
  static func blocks(of model: ModelDescription) -> [String] {
    let blocks = model.moduleTree.modules.filter { module in
      let parts = module.path.split(separator: ".")
      return parts.last.flatMap(LayerIndex.number) != nil
        && !parts.dropLast().contains { LayerIndex.number($0) != nil }
    }.map(\.path)
    guard let last = blocks.last, let dot = last.lastIndex(of: ".") else { return blocks }
    return blocks.filter { $0.hasPrefix(last[...dot]) }
  }
}

extension TrainableParameter {
  /// A weight of the base, trained where it stands.
  init(_ parameter: ParameterDescription) {
    self.init(
      name: parameter.name, shape: parameter.shape, module: parameter.module,
      source: .base(parameter.name), adapterKey: nil, isTransposedInFile: false)
  }
}
