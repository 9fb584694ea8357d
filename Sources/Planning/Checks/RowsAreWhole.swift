import Datasets
import Diagnostics
import Pipelines

/// Few rows are cut, or the pipeline says `overlong: truncate` itself.
enum RowsAreWhole {
  /// The share of cut rows above which it is said.
  private static let tolerance = 0.1

  static func findings(_ section: DataSection, _ summary: ReadingSummary) -> [Diagnostic] {
    let cut = summary.truncated.count
    let limits = [section.maxLength, section.maxSourceLength].compactMap { $0 }
    guard let limit = limits.first, section.overlong.span == nil,
      Double(cut) > tolerance * Double(summary.rows)
    else { return [] }
    return [
      Diagnostic(
        .warning, .rowsTruncated,
        "\(DataChecks.share(cut, of: summary.rows)) of `\(section.name)` are cut at `max_length`",
        at: limit.span ?? section.span, path: limit.path,
        help: wayOut(summary, "say that it is meant with `overlong: truncate`"),
        notes: DataChecks.note(summary.truncated))
    ]
  }

  /// Limits under which rows stay whole, or `otherwise`.
  static func wayOut(_ summary: ReadingSummary, _ otherwise: String) -> String {
    guard let most = limits(summary, 0.95), let all = limits(summary, 1) else { return otherwise }
    let limits =
      most == all
      ? "`max_length: \(all)` keeps all rows whole"
      : "`max_length: \(most)` keeps 95 % of the rows whole, `\(all)` all"
    return "\(limits); or \(otherwise)"
  }

  /// The limits under which `share` of the rows would stay whole, as they are written.
  private static func limits(_ summary: ReadingSummary, _ share: Double) -> String? {
    switch (summary.sourceLength(holding: share), summary.length(holding: share)) {
    case (let source?, let target?): "{source: \(source), target: \(target)}"
    case (let source?, nil): "{source: \(source)}"
    case (nil, let length?): "\(length)"
    case (nil, nil): nil
    }
  }
}
