import Datasets
import Diagnostics
import Pipelines

/// Where the loss is taken over a part of each row, some of each row is left out of it.
enum MaskCoversPrompt {
  static func findings(_ section: DataSection, _ summary: ReadingSummary) -> [Diagnostic] {
    let (masked, wayOut): (String, String)
    switch section.lossOn.value {
    case .all: return []
    case .completion: (masked, wayOut) = ("prompt", "give the rows prompts")
    case .assistant:
      (masked, wayOut) = ("user's turn", "correct the `generation` blocks of the chat template")
    }
    guard summary.rows > 0, summary.unmasked.count == summary.rows else { return [] }
    let place =
      section.lossOn.span.map { ($0, section.lossOn.path) } ?? section.columns.firstPlace
    return [
      Diagnostic(
        .error, .nothingMasked,
        "every token of `\(section.name)` would be learned: no \(masked) is left out of the loss",
        at: place?.0 ?? section.span, path: place?.1 ?? section.path,
        help: "\(wayOut), or say `loss_on: all`", notes: DataChecks.note(summary.unmasked))
    ]
  }
}

extension DataSection.Columns {
  /// Where the columns begin; nil where they are not written.
  var firstPlace: (SourceSpan, String)? {
    first.span.map { ($0, first.path) }
  }
}
