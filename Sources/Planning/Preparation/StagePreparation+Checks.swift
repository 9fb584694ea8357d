import Artifacts
import Diagnostics
import Models
import Pipelines

/// What is checked of a `train` stage before its numbers are worked out.
extension StagePreparation {
  /// The most optimizer steps of a stage: the plan names the learning rate of each.
  static let maximumSteps = 10_000_000

  /// Holds the number of steps against what a plan can hold.
  ///
  /// - Throws: `limit-exceeded` at the setting that asks for more.
  func checkLength(
    _ totalSteps: Int, _ train: TrainStage, _ stage: Stage
  ) throws(DiagnosticError) {
    guard totalSteps > Self.maximumSteps else { return }
    let (span, path) =
      switch train.length {
      case .epochs(let setting): (setting.span, setting.path)
      case .maxSteps(let setting): (setting.span, setting.path)
      }
    throw DiagnosticError(
      Diagnostic(
        .error, .limitExceeded,
        "a stage may have \(Quantities.grouped(Self.maximumSteps)) optimizer steps",
        at: span ?? stage.span, path: path, help: "train for fewer, or in several stages"))
  }

  /// Holds what an earlier stage trained against becoming part of the base weights.
  ///
  /// - Throws: `conflicting-keys` where the base has one table for what was adapted apart.
  func checkMerging(_ earlier: AdaptationPlan?) throws(DiagnosticError) {
    try checkBiases(earlier, span: nil, path: nil)
    guard let earlier, earlier.untiesWeights(of: model.description) else { return }
    throw DiagnosticError(
      Diagnostic(
        .error, .conflictingKeys,
        "a stage that adapts tied weights apart cannot be followed by another method",
        help: "export the merged model, and load it in a second pipeline"))
  }
}

extension StagePreparation {
  /// Holds the biases of updates against becoming part of the base weights.
  ///
  /// - Throws: `conflicting-keys` where a module has none that they could be added to.
  func checkBiases(
    _ adaptation: AdaptationPlan?, span: SourceSpan?, path: String?
  ) throws(DiagnosticError) {
    guard let module = adaptation?.modulesWithoutPlaceForBias(in: model.description).first else {
      return
    }
    throw DiagnosticError(
      Diagnostic(
        .error, .conflictingKeys,
        "the bias of the update of `\(module)` has no place in merged weights: the module has no bias",
        at: span, path: path, help: "export the adapter, or train without `lora_bias`"))
  }
}

extension FullSection {
  /// Which weights the section trains, with what is wrong at the entry that is.
  func plan(for description: ModelDescription) throws(DiagnosticError) -> AdaptationPlan {
    do throws(ModelError) { return try adaptation.plan(for: description) } catch {
      let place =
        switch error {
        case .deadEntry(_, let entry, _), .invalidPattern(_, let entry, _):
          freeze?.place(of: entry)
        case .invalidSetting: trainLast.map { ($0.span, $0.path) }
        case .missingKey, .invalidValue, .unsupportedValue, .unknownArchitecture, .deadTarget,
          .unsupportedTask, .unsupportedTarget, .conflictingSettings, .nothingTrainable, .program:
          nil as (SourceSpan?, String)?
        }
      throw DiagnosticError(
        Diagnostic(of: error).located(at: place?.0 ?? span, path: place?.1))
    }
  }

  /// The choice of weights.
  private var adaptation: Adaptation {
    let selection: LoRASpecification.Selection? =
      switch freeze {
      case .list(let entries)?: .list(entries.map(\.value))
      case .pattern(let pattern)?: .pattern(pattern.value)
      case .allLinear?, .familyDefault?, nil: nil
      }
    if trainLast == nil, selection == nil { return .full }
    return .partial(WeightSelection(trainLast: trainLast?.value, freeze: selection))
  }
}

extension LoRASection {
  /// How the section's adapter falls on the model, with what is wrong at the entry that is.
  func plan(for description: ModelDescription) throws(DiagnosticError) -> AdaptationPlan {
    do throws(ModelError) {
      return try Adaptation.lora(specification).plan(for: description)
    } catch {
      var place: (span: SourceSpan?, path: String)?
      switch error {
      case .deadTarget(let entry, _):
        place = self.place(ofEntry: entry, key: "target_modules")
      case .invalidPattern(let key, let pattern, _):
        place = self.place(ofEntry: pattern, key: key)
      case .invalidSetting(let key, _, _): place = self.place(ofEntry: "", key: key)
      case .deadEntry(let key, let entry, _): place = self.place(ofEntry: entry, key: key)
      case .missingKey, .invalidValue, .unsupportedValue, .unknownArchitecture, .unsupportedTask,
        .unsupportedTarget, .conflictingSettings, .nothingTrainable, .program:
        break
      }
      throw DiagnosticError(
        Diagnostic(of: error).located(at: place?.span ?? span, path: place?.path))
    }
  }

  /// The files of the adapter that it goes on from, held against `plan`; nil where it starts anew.
  func startingFiles(
    _ plan: AdaptationPlan, _ paths: InputPaths, task: ModelTask
  ) throws(DiagnosticError) -> AdapterFiles? {
    guard let initial = initialAdapter else { return nil }
    return try diagnosing(at: initial.span, path: initial.path) {
      let files = try AdapterFiles.open(paths.resolve(initial))
      if let finding = TaskFitsArchitecture.finding(
        ofAdapter: files.configuration, in: files.directory, task: task)
      {
        throw DiagnosticError(finding)
      }
      try AdapterAgreement.check(files, plan)
      return files
    }
  }
}

extension LoRASection {
  /// Where `entry` of the list or map `key` stands; nil where it is not written.
  func place(ofEntry entry: String, key: String) -> (span: SourceSpan?, path: String)? {
    switch key {
    case "target_modules": targetModules.place(of: entry)
    case "exclude_modules": excludeModules?.place(of: entry)
    case "modules_to_save": modulesToSave.first { $0.value == entry }.map { ($0.span, $0.path) }
    case "rank_pattern":
      rankPattern.first { $0.pattern == entry }.map { ($0.value.span, $0.value.path) }
    case "alpha_pattern":
      alphaPattern.first { $0.pattern == entry }.map { ($0.value.span, $0.value.path) }
    case "trainable_token_indices":
      (trainableTokens.first { $0.module == entry } ?? trainableTokens.first).map {
        ($0.ids.span, $0.ids.path)
      }
    case "layers_to_transform": layersToTransform.map { ($0.span, $0.path) }
    default: nil
    }
  }
}

extension LoRASection.Targets {
  fileprivate func place(of entry: String) -> (span: SourceSpan?, path: String)? {
    switch self {
    case .list(let entries): entries.first { $0.value == entry }.map { ($0.span, $0.path) }
    case .pattern(let setting), .allLinear(let setting): (setting.span, setting.path)
    case .familyDefault: nil
    }
  }
}
