import Diagnostics

/// `loss_on` names something that the columns have.
enum LossFitsColumns {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for section in pipeline.data where findings.isSound(section.path + ".columns") {
      let loss = section.lossOn
      guard findings.isSound(loss), loss.span != nil else { continue }
      let needed: String
      switch (loss.value, section.columns) {
      case (.all, _), (.completion, .promptCompletion), (.assistant, .messages): continue
      case (.completion, _): needed = "`prompt` and `completion`"
      case (.assistant, _): needed = "`messages`"
      }
      let fitting =
        switch section.columns {
        case .text, .sourceTarget, .labelled, .words: "all"
        case .promptCompletion: "completion"
        case .messages: "assistant"
        }
      findings.report(
        .conflictingKeys,
        "`loss_on: \(loss.value.rawValue)` needs \(needed) in `columns` of `\(section.name)`",
        at: loss.span, loss.path,
        help: "name them, or write `loss_on: \(fitting)`",
        notes: section.columnsNote)
    }
  }
}

extension DataSection {
  /// Where the columns are written; nothing where they are the default.
  var columnsNote: [Diagnostic.Note] {
    switch columns {
    case .text(let setting): note("`text`", setting.span)
    case .promptCompletion(let prompt, _): note("`prompt` and `completion`", prompt.span)
    case .messages(let setting): note("`messages`", setting.span)
    case .sourceTarget(let source, _): note("`source` and `target`", source.span)
    case .labelled(let text, _, _): note("`text` and `label`", text.span)
    case .words(let tokens, _): note("`tokens` and `tags`", tokens.span)
    }
  }

  private func note(_ names: String, _ span: SourceSpan?) -> [Diagnostic.Note] {
    span.map { [Diagnostic.Note("`columns` has \(names)", at: $0)] }
      ?? [Diagnostic.Note("`columns` is `{text: text}` by default", at: nil)]
  }
}

extension DataSection.Columns {
  /// The setting that stands first in `columns`.
  package var first: Setting<String> {
    switch self {
    case .text(let setting), .messages(let setting), .promptCompletion(let setting, _),
      .sourceTarget(let setting, _), .labelled(let setting, _, _), .words(let setting, _):
      setting
    }
  }

  var firstSpan: SourceSpan? { first.span }
}
