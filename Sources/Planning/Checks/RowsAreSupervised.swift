import Datasets
import Diagnostics
import Pipelines

/// Every row has something to learn, and keeps it when it is cut.
///
/// That no row at all has is an error of its own, and found before.
enum RowsAreSupervised {
  static func findings(_ section: DataSection, _ summary: ReadingSummary) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    let (empty, cut) = (summary.unsupervised, summary.cutBeforeLearned)
    if empty.count > 0 {
      let place = section.columns.firstPlace
      let what =
        switch section.lossOn.value {
        case .assistant: "no turn of the assistant's"
        case .all, .completion: "nothing to learn"
        }
      findings.append(
        Diagnostic(
          .warning, .unsupervisedRows,
          "\(DataChecks.share(empty.count, of: summary.rows)) of `\(section.name)` have \(what)",
          at: place?.0 ?? section.span, path: place?.1 ?? section.path,
          help: "take them out: they cost time and change nothing",
          notes: DataChecks.note(empty)))
    }
    if cut.count > 0, let limit = section.maxLength {
      findings.append(
        Diagnostic(
          .warning, .unsupervisedRows,
          "\(DataChecks.share(cut.count, of: summary.rows)) of `\(section.name)` lose all that is "
            + "to be learned at `max_length`",
          at: limit.span ?? section.span, path: limit.path,
          help: RowsAreWhole.wayOut(summary, "set `overlong: drop`"),
          notes: DataChecks.note(cut)))
    }
    return findings
  }
}
