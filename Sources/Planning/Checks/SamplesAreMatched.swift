import Datasets
import Diagnostics
import Pipelines

/// Every sample of two matrices is in both.
enum SamplesAreMatched {
  static func findings(_ section: DataSection, _ summary: ReadingSummary) -> [Diagnostic] {
    guard case .pair(let source, let target) = section.source else { return [] }
    return [(source, summary.unpairedSources), (target, summary.unpairedTargets)].compactMap {
      setting, kind in
      guard kind.count > 0 else { return nil }
      let isOne = kind.count == 1
      return Diagnostic(
        .warning, .unpairedRows,
        "\(Quantities.grouped(kind.count)) sample\(isOne ? "" : "s") of `\(setting.value)` "
          + "\(isOne ? "is" : "are") in no row of the other matrix and left out",
        at: setting.span ?? section.span, path: setting.path,
        help: "give the rows of both the same names, or take out what has no partner",
        notes: DataChecks.note(kind))
    }
  }
}
