import Diagnostics

/// No mixed source contains itself.
enum MixCycles {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    var parts: [String: [Setting<String>]] = [:]
    for section in pipeline.data {
      if case .mix(let mix) = section.source { parts[section.name] = mix.map(\.data) }
    }
    for section in pipeline.data {
      for part in parts[section.name] ?? []
      where reaches(section.name, from: base(part.value), parts) {
        findings.report(
          .conflictingKeys, "`\(section.name)` is mixed from itself", at: part.span, part.path,
          help: "mix entries that are loaded",
          notes: [Diagnostic.Note("`\(section.name)` is described here", at: section.span)])
      }
    }
  }

  private static func base(_ reference: String) -> String {
    String(reference.prefix { $0 != "." })
  }

  private static func reaches(
    _ goal: String, from start: String, _ parts: [String: [Setting<String>]]
  ) -> Bool {
    var open = [start]
    var seen: Set<String> = []
    while let name = open.popLast() {
      if name == goal { return true }
      guard seen.insert(name).inserted else { continue }
      open += (parts[name] ?? []).map { base($0.value) }
    }
    return false
  }
}
