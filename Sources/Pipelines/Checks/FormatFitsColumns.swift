import Diagnostics

/// Plain text has one column, `text`, and two files side by side `source` and `target`.
enum FormatFitsColumns {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for section in pipeline.data where findings.isSound(section.path + ".columns") {
      if case .pair = section.source {
        checkPair(section, findings)
        continue
      }
      guard let format = section.format, format.value == .text, findings.isSound(format) else {
        continue
      }
      if case .text(let column) = section.columns, column.value == "text" { continue }
      findings.report(
        .conflictingKeys, "`format: text` has no columns but `text` in `\(section.name)`",
        at: format.span, format.path, help: "remove `columns`, or name the files' real format",
        notes: section.columnsNote)
    }
  }

  private static func checkPair(_ section: DataSection, _ findings: Findings) {
    if case .sourceTarget(let source, let target) = section.columns,
      source.value == "source", target.value == "target"
    {
      return
    }
    findings.report(
      .conflictingKeys,
      "two files side by side have the columns `source` and `target` in `\(section.name)`",
      at: section.columns.firstSpan ?? section.span, section.path + ".columns",
      help: "remove `columns`, or name one file that holds both", notes: [])
  }
}
