import Diagnostics

/// Every name of rows that a stage or a mix uses is an entry of `data`, or a part of a split one.
enum DataReferences {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard findings.isSound("data") else { return }
    for reference in references(pipeline) where findings.isSound(reference) {
      check(reference, pipeline.data, findings)
    }
  }

  /// The settings that name rows, in their order.
  private static func references(_ pipeline: Pipeline) -> [Setting<String>] {
    let mixed = pipeline.data.flatMap { section -> [Setting<String>] in
      switch section.source {
      case .load, .pair: []
      case .mix(let parts): parts.map(\.data)
      }
    }
    return mixed + pipeline.stages.flatMap(\.data)
  }

  private static func check(
    _ reference: Setting<String>, _ sections: [DataSection], _ findings: Findings
  ) {
    let pieces = reference.value.split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(pieces[0])
    guard let section = sections.first(where: { $0.name == name }) else {
      findings.report(
        .unknownData, "there is no `\(Findings.excerpt(name))` in `data`", at: reference.span,
        reference.path, help: help(for: reference.value, sections))
      return
    }
    guard pieces.count == 2, findings.isSound(section.path + ".split") else { return }
    let part = String(pieces[1])
    let parts = section.split.map(\.name)
    guard !parts.contains(part) else { return }
    let help: String
    if parts.isEmpty {
      help = "use `\(name)`, or add `split: {\(part.isEmpty ? "train" : part): 0.9, …}` to it"
    } else if let near = Suggestion.nearest(to: part, among: parts) {
      help = "did you mean `\(name).\(near)`?"
    } else {
      help = "its parts are " + parts.map { "`\(name).\($0)`" }.joined(separator: ", ")
    }
    let message =
      parts.isEmpty
      ? "`\(name)` has no parts, so there is no `\(Findings.excerpt(reference.value))`"
      : "`\(name)` has no part `\(Findings.excerpt(part))`"
    findings.report(
      .unknownData, message, at: reference.span, reference.path, help: help,
      notes: [Diagnostic.Note("`\(name)` is described here", at: section.span)])
  }

  private static func help(for text: String, _ sections: [DataSection]) -> String {
    let names = sections.map(\.name)
    let all = sections.flatMap { section in
      [section.name] + section.split.map { "\(section.name).\($0.name)" }
    }
    if let near = Suggestion.nearest(to: text, among: all) { return "did you mean `\(near)`?" }
    if let part = all.first(where: { $0.hasSuffix("." + text) }) {
      return "did you mean `\(part)`?"
    }
    return names.isEmpty
      ? "describe it: `data: {\(text.prefix { $0 != "." }): {load: …}}`"
      : "the names are " + names.map { "`\($0)`" }.joined(separator: ", ")
  }
}
