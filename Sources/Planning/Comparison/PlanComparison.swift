package import JSONSyntax

/// What differs between two plans, by what made it differ.
///
/// Works on the plans' JSON, so that saved plans compare with each other and with new ones.
package struct PlanComparison: Hashable, Sendable {
  /// Causes first, in the order of ``PlanDifference/Cause``, and what follows from them last.
  package let differences: [PlanDifference]

  /// Compares `old` with `new`, each as `Plan.json` writes it.
  package init(from old: JSONValue, to new: JSONValue) {
    let stages = StageAlignment(from: old, to: new)
    let settings = SettingDifferences(from: old, to: new, stages)
    let model = Self.model(old, new)
    let isTokenizerOther = model.contains {
      $0.path == "model.tokenizer_sha256" || $0.path == "model.chat_template_sha256"
    }
    let data = DataDifferences(from: old, to: new, settings, isTokenizerOther: isTokenizerOther)
    var all = settings.pipeline + data.differences + model
    all += Self.backend(old, new, settings.backend)
    all += Self.compare(
      "hone_version", old["hone_version"], new["hone_version"], cause: .hone)
    all += Self.compare("format", old["format"], new["format"], cause: .hone)
    all += DerivedDifferences(from: old, to: new, stages).differences
    differences = PlanDifference.Cause.allCases.flatMap { cause in
      all.filter { $0.cause == cause }
    }
  }

  /// What is at the root of the differences.
  package var causes: [PlanDifference] { differences.filter { $0.cause != .consequence } }

  /// What follows from the causes.
  package var consequences: [PlanDifference] { differences.filter { $0.cause == .consequence } }

  /// Whether the plans are the same but for what was measured.
  package var isSame: Bool { differences.allSatisfy(\.isMeasured) }

  /// The differences as JSON, in the order of the text.
  package var json: JSONValue {
    [
      "same": .bool(isSame),
      "differences": .array(
        differences.map {
          [
            "cause": .string($0.cause.rawValue), "path": .string($0.path),
            "old": $0.old.map { .string($0) } ?? .null,
            "new": $0.new.map { .string($0) } ?? .null,
            "origin": $0.origin.map { .string($0) } ?? .null,
          ]
        }),
    ]
  }

  /// One figure in both plans: nothing where it is the same.
  static func compare(
    _ path: String, _ old: JSONValue?, _ new: JSONValue?, cause: PlanDifference.Cause,
    origin: String? = nil, isHeadline: Bool = true, isMeasured: Bool = false
  ) -> [PlanDifference] {
    guard old != new, let words = FigureWords(path, old, new) else { return [] }
    return [
      PlanDifference(
        cause, path, old: words.old, new: words.new, origin: origin, isHeadline: isHeadline,
        isMeasured: isMeasured)
    ]
  }

  /// What the model's files say.
  ///
  /// What a created model is follows from its settings, and the dtype is a setting; where a file
  /// is, is of no account.
  private static func model(
    _ old: JSONValue, _ new: JSONValue
  ) -> [PlanDifference] {
    let isCreated = new["model"]?["header_sha256"]?.isNull ?? true
    let keys = FigureWords.keys(of: old["model"], new["model"])
    return keys.filter { $0 != "path" }.flatMap { key in
      let isFile =
        key == "tokenizer_sha256" || key == "chat_template_sha256" || (!isCreated && key != "dtype")
      return compare(
        "model.\(key)", old["model"]?[key], new["model"]?[key],
        cause: isFile ? .model : .consequence, isHeadline: isFile || key == "parameters")
    }
  }

  /// The backend as it declares itself, and where another was asked for.
  private static func backend(
    _ old: JSONValue, _ new: JSONValue, _ settings: [PlanDifference]
  ) -> [PlanDifference] {
    let facts = ["name", "threads"].flatMap { key in
      compare(
        "backend.\(key)", old["backend"]?[key], new["backend"]?[key], cause: .backend,
        origin: settings.last?.origin ?? (key == "threads" ? "this machine" : nil))
    }
    return facts.isEmpty ? settings : facts
  }
}
