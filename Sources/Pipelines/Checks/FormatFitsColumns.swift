import Diagnostics

/// Plain text has one column, `text`.
enum FormatFitsColumns {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for section in pipeline.data where findings.isSound(section.path + ".columns") {
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
}
