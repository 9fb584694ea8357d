import Diagnostics

/// A list names modules; a regular expression is a text of its own.
enum TargetEntries {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      if case .full(let full) = train.method, let frozen = full.freeze {
        check(frozen, "freeze", findings)
      }
      guard case .lora(let lora) = train.method else { continue }
      check(lora.targetModules, "target_modules", findings)
      if let excluded = lora.excludeModules { check(excluded, "exclude_modules", findings) }
    }
  }

  private static func check(_ targets: LoRASection.Targets, _ key: String, _ findings: Findings) {
    switch targets {
    case .list(let names):
      for name in names {
        if name.value == LoRATable.allLinear {
          findings.report(
            .ambiguousValue, "`all-linear` in a list is the name of a module", at: name.span,
            name.path, help: "write `\(key): all-linear`")
        } else if !name.value.unicodeScalars.allSatisfy(isOfName) {
          findings.report(
            .invalidPattern,
            "`\(Findings.excerpt(name.value))` in the list `\(key)` is no module's name",
            at: name.span, name.path,
            help: "a list holds names; a regular expression is written alone: "
              + "`\(key): '\(Findings.excerpt(name.value))'`")
        }
      }
    case .pattern(let text):
      let names = text.value.split { $0 == "," || $0 == " " }
      guard names.count > 1,
        text.value.unicodeScalars.allSatisfy({ isOfName($0) || $0 == "," || $0 == " " })
      else { return }
      findings.report(
        .ambiguousValue,
        "`\(Findings.excerpt(text.value))` in `\(key)` is one regular expression, not several names",
        at: text.span, text.path,
        help: "write `\(key): [\(names.joined(separator: ", "))]`")
    case .allLinear, .familyDefault: return
    }
  }

  /// Whether modules' names hold such a scalar.
  private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "_", ".", "-": true
    default: scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
  }
}
