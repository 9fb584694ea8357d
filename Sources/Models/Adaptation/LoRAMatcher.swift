import RegularExpressions
import Tensors

/// Decides which modules of a model a LoRA configuration adapts, as PEFT does.
///
/// Two differences: an entry of `target_modules` that matches no module (of the chosen layers) is an
/// error, and so is a module that would be both adapted and trained whole.
/// Source: PEFT, `tuners/tuners_utils.py` (`inject_adapter`, `check_target_module_exists`) and
/// `utils/other.py` (`_set_trainable`).
struct LoRAMatcher {
  let specification: LoRASpecification
  let model: ModelDescription
  private let targets: ModuleSelector
  private let exclude: ModuleSelector?
  private let savedPatterns: [RegularExpression]
  private let layerPatterns: [RegularExpression]
  private let rankPatterns: [RegularExpression]
  private let alphaPatterns: [RegularExpression]

  init(_ specification: LoRASpecification, _ model: ModelDescription) throws(ModelError) {
    self.specification = specification
    self.model = model
    try Self.checkNumbers(specification)
    targets = try Self.selector(specification.targets, model)
    if let selection = specification.exclude {
      exclude = try ModuleSelector(selection, key: "exclude_modules")
    } else {
      exclude = nil
    }
    savedPatterns = try Self.compiled(specification.modulesToSave, key: "modules_to_save") {
      "(^|.*\\.)\($0)($|\\..*)"
    }
    layerPatterns = try Self.compiled(specification.layersPattern, key: "layers_pattern") {
      "(?:^|.*?\\.)\($0)\\.\\d+\\."
    }
    rankPatterns = try Self.compiled(
      specification.rankPattern.map(\.pattern), key: "rank_pattern", Self.ofModule)
    alphaPatterns = try Self.compiled(
      specification.alphaPattern.map(\.pattern), key: "alpha_pattern", Self.ofModule)
  }

  /// Matches every module of the model.
  func plan() throws(ModelError) -> AdaptationPlan {
    var counts = [Int](repeating: 0, count: targets.entries.count)
    var isAlive = [Bool](repeating: false, count: targets.entries.count)
    var excluded: [String] = []
    var adapted: [AdaptedModule] = []
    for module in model.moduleTree.modules {
      let match = targets.matches(module.path)
      guard !match.entries.isEmpty, isInChosenLayer(module.path, match.isWholePath) else {
        continue
      }
      for entry in match.entries { isAlive[entry] = true }
      if isExcluded(module.path) {
        excluded.append(module.path)
        continue
      }
      for entry in match.entries { counts[entry] += 1 }
      adapted.append(try adaptation(of: module))
    }
    if !isShorthand, let dead = isAlive.firstIndex(of: false) {
      throw deadTarget(dead)
    }
    if adapted.isEmpty { throw .nothingTrainable }
    let saved = try savedModules(adapted: Set(adapted.map(\.path)))
    let biases = trainedBiases(adapted: adapted, saved: saved)
    let rows = try trainedRows(adapted: Set(adapted.map(\.path)), saved: saved)
    return AdaptationPlan(
      adaptation: .lora(specification), adapted: adapted,
      targets: zip(targets.entries, counts).map { .init(entry: $0, count: $1) },
      excluded: excluded, savedModules: saved, trainedBiases: biases, trainedRows: rows,
      unmatched: unmatched(adapted),
      trainable: trainable(
        adapted: adapted, saved: saved, biases: Set(biases), rows: rows), model: model)
  }

  /// Why the entry number `index` of `target_modules` matches nothing.
  private func deadTarget(_ index: Int) -> ModelError {
    let entry = targets.entries[index]
    let isInOtherLayers = model.moduleTree.modules.contains {
      targets.matches($0.path).entries.contains(index)
    }
    guard isInOtherLayers, let layers = specification.layersToTransform else {
      return .deadTarget(entry: entry, near: NearNames.of(entry, in: model.moduleTree))
    }
    return .invalidSetting(
      key: "layers_to_transform", found: layers.map(String.init).joined(separator: ", "),
      expected: "numbers of layers that hold `\(entry)`")
  }

  /// Whether the targets are a word for modules that the user did not name one by one.
  private var isShorthand: Bool {
    switch specification.targets {
    case .allLinear: true
    case .list, .pattern, .familyDefault: false
    }
  }

  private func isExcluded(_ path: String) -> Bool {
    if let exclude, !exclude.matches(path).entries.isEmpty { return true }
    return savedPatterns.contains { $0.matchesPrefix(path) }
  }

  private func isInChosenLayer(_ path: String, _ isWholePath: Bool) -> Bool {
    guard !isWholePath, let layers = specification.layersToTransform, !layers.isEmpty else {
      return true
    }
    guard let layer = layerIndex(path) else { return false }
    return layers.contains(layer)
  }

  private func layerIndex(_ path: String) -> Int? {
    if layerPatterns.isEmpty { return LayerIndex.first(in: path) }
    let bytes = Array(path.utf8)
    for pattern in layerPatterns {
      let match = bytes.withUnsafeBufferPointer { buffer -> Range<Int>? in
        pattern.firstMatch(in: buffer, from: 0).flatMap { $0.lowerBound == 0 ? $0 : nil }
      }
      guard let match else { continue }
      let text = String(decoding: bytes[match], as: UTF8.self)
      return text.split(separator: ".").last.flatMap(LayerIndex.number)
    }
    return nil
  }

  private func adaptation(of module: Module) throws(ModelError) -> AdaptedModule {
    switch module.kind {
    case .linear, .embedding: break
    case .norm, .container, .function:
      throw .unsupportedTarget(
        module: module.path, reason: "it is neither a linear nor an embedding module")
    }
    let rank =
      rankPatterns.firstIndex { $0.matchesPrefix(module.path) }.map {
        specification.rankPattern[$0].value
      } ?? specification.rank
    let alpha =
      alphaPatterns.firstIndex { $0.matchesPrefix(module.path) }.map {
        specification.alphaPattern[$0].value
      } ?? specification.alpha
    let divisor = specification.useRSLoRA ? Double(rank).squareRoot() : Double(rank)
    if specification.loraBias, case .embedding = module.kind {
      throw .unsupportedTarget(
        module: module.path, reason: "`lora_bias` is for linear modules; this is an embedding")
    }
    try checkStart(of: module, rank: rank)
    return AdaptedModule(
      path: module.path, kind: module.kind, rank: rank, alpha: alpha, scaling: alpha / divisor,
      storesInputsFirst: module.storesInputsFirst, hasBias: specification.loraBias,
      isDecomposed: specification.useDoRA)
  }

  /// The outermost modules whose paths end with an entry of `modules_to_save`.
  private func savedModules(adapted: Set<String>) throws(ModelError) -> [String] {
    var saved: [String] = []
    for module in model.moduleTree.modules
    where specification.modulesToSave.contains(where: { module.path.hasSuffix($0) }) {
      if saved.contains(where: { module.path.hasPrefix($0 + ".") }) { continue }
      let inside = model.moduleTree.modules.first {
        adapted.contains($0.path)
          && ($0.path == module.path || $0.path.hasPrefix(module.path + "."))
      }
      if let inside {
        throw .unsupportedTarget(
          module: inside.path, reason: "`modules_to_save` trains it whole already")
      }
      saved.append(module.path)
    }
    return saved
  }

  private func trainedBiases(adapted: [AdaptedModule], saved: [String]) -> [String] {
    switch specification.bias {
    case .none: []
    case .all:
      model.parameters.filter { parameter in
        parameter.name.hasSuffix(".bias") && !Self.lies(parameter.module, in: saved)
      }.map(\.name)
    case .loraOnly: adapted.map { $0.path + ".bias" }.filter { model.parameter($0) != nil }
    }
  }

  private func unmatched(_ adapted: [AdaptedModule]) -> [AdaptationPlan.UnmatchedEntry] {
    let all = model.moduleTree.modules.map(\.path)
    let paths = adapted.map(\.path)
    var found: [AdaptationPlan.UnmatchedEntry] = []
    for (index, entry) in (exclude?.entries ?? []).enumerated()
    where !all.contains(where: { exclude?.matches($0).entries.contains(index) ?? false }) {
      found.append(.init(key: "exclude_modules", entry: entry))
    }
    for (entry, pattern) in zip(specification.rankPattern, rankPatterns)
    where !paths.contains(where: pattern.matchesPrefix) {
      found.append(.init(key: "rank_pattern", entry: entry.pattern))
    }
    for (entry, pattern) in zip(specification.alphaPattern, alphaPatterns)
    where !paths.contains(where: pattern.matchesPrefix) {
      found.append(.init(key: "alpha_pattern", entry: entry.pattern))
    }
    for entry in specification.modulesToSave where !all.contains(where: { $0.hasSuffix(entry) }) {
      found.append(.init(key: "modules_to_save", entry: entry))
    }
    let layers = Set(all.compactMap(layerIndex))
    for layer in specification.layersToTransform ?? [] where !layers.contains(layer) {
      found.append(.init(key: "layers_to_transform", entry: String(layer)))
    }
    return found
  }

  /// Whether `path` is one of `modules` or lies inside one.
  static func lies(_ path: String, in modules: [String]) -> Bool {
    modules.contains { path == $0 || path.hasPrefix($0 + ".") }
  }
}
