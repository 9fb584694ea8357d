import Diagnostics

/// A template is well formed, has a variable and does not give the answer away.
enum TemplateFitsColumns {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for section in pipeline.data {
      guard let template = section.template, findings.isSound(template) else { continue }
      if findings.isSound(section.path + ".columns"), case .messages = section.columns {
        findings.report(
          .conflictingKeys,
          "`template` has no place beside `messages` in `\(section.name)`", at: template.span,
          template.path, help: "remove it: the model's chat template renders conversations",
          notes: section.columnsNote)
        continue
      }
      if findings.isSound(section.path + ".columns"), case .words = section.columns {
        findings.report(
          .conflictingKeys,
          "`template` has no place beside `tokens` in `\(section.name)`", at: template.span,
          template.path, help: "remove it: the words are given one by one",
          notes: section.columnsNote)
        continue
      }
      check(template, section, findings)
    }
  }

  private static func check(
    _ template: Setting<String>, _ section: DataSection, _ findings: Findings
  ) {
    func report(_ message: String, _ help: String) {
      findings.report(.invalidTemplate, message, at: template.span, template.path, help: help)
    }
    guard let variables = variables(of: template.value) else {
      return report("`template` has `{{` without `}}`", "write variables as `{{column}}`")
    }
    if variables.contains("") {
      return report("`template` has an empty `{{}}`", "write variables as `{{column}}`")
    }
    if variables.isEmpty {
      return report(
        "`template` has no variable, so every row would be the same",
        template.value.contains("{")
          ? "variables have two braces: `{{column}}`"
          : "name a column in it, as `{{\(section.inputColumn)}}`")
    }
    let (made, learned, names): (String, String, [String])
    switch section.columns {
    case .promptCompletion(_, let completion):
      (made, learned, names) = (
        "prompt", "the completion follows the prompt by itself", ["completion", completion.value]
      )
    case .sourceTarget(_, let target):
      (made, learned, names) = (
        "source", "the decoder learns the target by itself", ["target", target.value]
      )
    case .labelled(_, _, let label):
      (made, learned, names) = ("text", "the label is learned by itself", label.map(\.value))
    case .text, .messages, .words: return
    }
    guard let leak = variables.first(where: names.contains) else { return }
    report(
      "`template` makes the \(made) and holds `{{\(leak)}}`, which is to be learnt",
      "leave `{{\(leak)}}` out; \(learned)")
  }

  /// The names between `{{` and `}}`; nil where a pair is not closed.
  static func variables(of template: String) -> [String]? {
    var names: [String] = []
    var rest = Array(template.unicodeScalars)[...]
    while let open = pair("{", in: rest) {
      let inside = rest[(open + 2)...]
      guard let close = pair("}", in: inside) else { return nil }
      let name = String(String.UnicodeScalarView(inside[..<close]))
      names.append(Substring(name).trimmingSpaces())
      rest = inside[(close + 2)...]
    }
    return names
  }

  private static func pair(_ brace: Unicode.Scalar, in text: ArraySlice<Unicode.Scalar>) -> Int? {
    text.indices.first {
      text[$0] == brace && $0 + 1 < text.endIndex && text[$0 + 1] == brace
    }
  }
}

extension DataSection {
  /// The role that a template would hold.
  var inputColumn: String {
    switch columns {
    case .text(let column): column.value
    case .promptCompletion: "prompt"
    case .messages(let column): column.value
    case .sourceTarget: "source"
    case .labelled(let text, _, _): text.value
    case .words(let tokens, _): tokens.value
    }
  }
}
