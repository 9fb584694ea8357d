import Diagnostics
import Pipelines

/// A setting of any type, as the plan prints it.
private protocol PrintableSetting {
  var resolved: ResolvedSetting { get }
}

extension Setting: PrintableSetting {
  fileprivate var resolved: ResolvedSetting {
    ResolvedSetting(path: path, value: settingText(value), origin: origin.words)
  }
}

extension Origin {
  /// Where a value came from, as `pipeline.yaml:14 ← vars.rank pipeline.yaml:3`.
  var words: String {
    switch self {
    case .file(let span): Self.words(span)
    case .composed(let span, let sources):
      ([Self.words(span)] + sources.map(\.words)).joined(separator: " ← ")
    case .default: "default"
    case .option(let text): text
    }
  }

  /// A line of a file; of what the command line sets only its name.
  fileprivate static func words(_ span: SourceSpan) -> String {
    span.file == PipelineOverride.settingsFile ? span.file : "\(span.file):\(span.start.line)"
  }
}

extension ValueSource {
  /// What a value was taken from, and where that is written.
  fileprivate var words: String {
    switch self {
    case .variable(let name, let span): "vars.\(name) \(Origin.words(span))"
    case .matrix(let name, _): "matrix.\(name)"
    case .environment(let name): "env.\(name)"
    case .environmentDefault(let name): "default of env.\(name)"
    }
  }
}

extension Pipeline {
  /// Every setting that stands somewhere in the pipeline's types, so that none can be forgotten,
  /// each path once and in the order of the types.
  var resolvedSettings: [ResolvedSetting] {
    var found: [ResolvedSetting] = []
    var seen: Set<String> = []
    collectSettings(of: self) { setting in
      if seen.insert(setting.path).inserted { found.append(setting) }
    }
    return found
  }
}

private func collectSettings(of value: Any, _ found: (ResolvedSetting) -> Void) {
  if let setting = value as? any PrintableSetting {
    found(setting.resolved)
    return
  }
  for child in Mirror(reflecting: value).children { collectSettings(of: child.value, found) }
}

/// A setting's value in the pipeline's own words.
private func settingText(_ value: Any) -> String {
  switch value {
  case let number as Double: return Quantities.compact(number)
  case let cadence as Cadence:
    let unit = cadence.unit.rawValue
    return "\(cadence.count) \(unit)\(cadence.count == 1 ? "" : "s")"
  case ScheduleSection.Warmup.steps(let count): return "\(count) steps"
  case ScheduleSection.Warmup.fraction(let share): return "\(Quantities.compact(share * 100))%"
  case let numbers as [Int]:
    return "[" + numbers.map(String.init).joined(separator: ", ") + "]"
  case let named as any RawRepresentable: return "\(named.rawValue)"
  case let text as String: return text.replacing("\n", with: "\\n")
  default: return "\(value)"
  }
}
