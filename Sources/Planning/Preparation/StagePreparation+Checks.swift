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
    guard let earlier, earlier.untiesWeights(of: model.description) else { return }
    throw DiagnosticError(
      Diagnostic(
        .error, .conflictingKeys,
        "a stage that adapts tied weights apart cannot be followed by another method",
        help: "export the merged model, and load it in a second pipeline"))
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
    _ plan: AdaptationPlan, _ paths: InputPaths, task: ModelSection.Task
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
