package import Tensors

/// Why a model cannot be described, or an adaptation not be resolved.
package enum ModelError: Error, Hashable, Sendable {
  /// `config.json` lacks a key that the family needs.
  case missingKey(String)
  /// A key of `config.json` holds what it cannot hold.
  case invalidValue(key: String, found: String, expected: String)
  /// A key of `config.json` asks for what is not built.
  case unsupportedValue(key: String, found: String, supported: String)
  /// `model_type` names no family of ours.
  case unknownArchitecture(String)
  /// The family has no head for a task.
  case unsupportedTask(task: String, family: String)
  /// An entry of `target_modules` adapts no module.
  case deadTarget(entry: String, near: [String])
  /// An entry of another list or pattern names nothing that it could be about.
  case deadEntry(key: String, entry: String, near: [String])
  /// A regular expression does not compile.
  case invalidPattern(key: String, pattern: String, reason: String)
  /// A module that an entry matches cannot be adapted.
  case unsupportedTarget(module: String, reason: String)
  /// Two settings exclude each other.
  case conflictingSettings(String, String)
  /// A number of the adaptation is out of range.
  case invalidSetting(key: String, found: String, expected: String)
  /// Nothing would be trained.
  case nothingTrainable
  /// The forward program does not fit together.
  case program(ProgramError)

  /// What kind of finding an error is; the raw value is the diagnostic's code.
  package enum Category: String, CaseIterable, Sendable {
    case invalidModelConfiguration = "invalid-model-configuration"
    case unknownArchitecture = "unknown-architecture"
    case unsupportedTask = "task-mismatch"
    case deadTarget = "dead-target"
    case invalidPattern = "invalid-pattern"
    case unsupportedTarget = "unsupported-target"
    case conflictingKeys = "conflicting-keys"
    case valueOutOfRange = "value-out-of-range"
    case nothingTrainable = "nothing-trainable"
    case internalError = "internal-error"
  }

  /// The kind of finding.
  package var category: Category {
    switch self {
    case .missingKey, .invalidValue, .unsupportedValue: .invalidModelConfiguration
    case .unknownArchitecture: .unknownArchitecture
    case .unsupportedTask: .unsupportedTask
    case .deadTarget, .deadEntry: .deadTarget
    case .invalidPattern: .invalidPattern
    case .unsupportedTarget: .unsupportedTarget
    case .conflictingSettings: .conflictingKeys
    case .invalidSetting: .valueOutOfRange
    case .nothingTrainable: .nothingTrainable
    case .program: .internalError
    }
  }

  /// What is wrong: lower case, no full stop, names in backticks.
  package var message: String {
    switch self {
    case .missingKey(let key): "`\(key)` is missing from the model's configuration"
    case .invalidValue(let key, let found, let expected):
      "`\(key)` of the model's configuration must be \(expected); found `\(found)`"
    case .unsupportedValue(let key, let found, _):
      "`\(key)` of the model's configuration is `\(found)`, which is not supported"
    case .unknownArchitecture(let name): "`\(name)` is no model family that can be trained here"
    case .unsupportedTask(let task, let family): "a model of type `\(family)` cannot do `\(task)`"
    case .deadTarget(let entry, _): "`\(entry)` in `target_modules` matches no module of the model"
    case .deadEntry(let key, let entry, _):
      "`\(entry)` in `\(key)` names no \(key == "freeze" ? "module or weight" : "module") of the model"
    case .invalidPattern(let key, let pattern, let reason):
      "`\(pattern)` in `\(key)` is no regular expression: \(reason)"
    case .unsupportedTarget(let module, let reason): "`\(module)` cannot be adapted: \(reason)"
    case .conflictingSettings(let first, let second):
      "`\(first)` cannot be combined with \(second)"
    case .invalidSetting(let key, let found, let expected):
      "`\(key)` must be \(expected); found `\(found)`"
    case .nothingTrainable: "no weight of the model would be trained"
    case .program(let error): "the model's program does not fit together: \(error)"
    }
  }

  /// The way out.
  package var help: String? {
    switch self {
    case .missingKey(let key): "add `\(key)` to config.json, as transformers writes it"
    case .invalidValue: "correct config.json, or load the model from its original directory"
    case .unsupportedValue(_, _, let supported): "supported: \(supported)"
    case .unknownArchitecture:
      "supported model types: "
        + ModelFamily.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    case .unsupportedTask:
      "change `task`, or load a model of a family that has a head for it"
    case .deadEntry("freeze", _, let near) where near.isEmpty:
      "a text is a pattern for a weight's whole name, as `model\\.embed_tokens\\..*`; "
        + "`hone inspect` prints the model's modules"
    case .deadTarget(_, let near) where near.isEmpty, .deadEntry(_, _, let near) where near.isEmpty:
      "`hone inspect` prints the model's module names"
    case .deadTarget(let entry, let near) where near.contains(entry):
      "a text is a pattern for a module's whole path; write `[\(entry)]` to match by name"
    case .deadTarget(_, let near), .deadEntry(_, _, let near):
      "near names: " + near.map { "`\($0)`" }.joined(separator: ", ")
    case .invalidPattern: "write a list of module names, or a pattern as Python's `re` reads it"
    case .unsupportedTarget: "name linear or embedding modules in `target_modules`"
    case .conflictingSettings("layers_pattern", _), .conflictingSettings("layers_to_transform", _):
      "remove it, or write the targets as a list"
    case .conflictingSettings: "remove one of the two"
    case .invalidSetting("layers_to_transform", _, _):
      "only modules in numbered layers can be narrowed so; name others by their whole path, as "
        + "`model.embed_tokens`"
    case .invalidSetting: nil
    case .nothingTrainable: "choose modules in `target_modules`, or train with `full`"
    case .program: "this is a defect of the program, not of your files; please report it"
    }
  }
}

/// Runs `body`, which builds a program, and gives its error this module's type.
func buildingProgram<Result>(
  _ body: () throws(ProgramError) -> Result
) throws(ModelError) -> Result {
  do { return try body() } catch { throw .program(error) }
}
