import Diagnostics

/// The parts of a split are together not more than all rows.
enum SplitFractions {
  /// What rounding of decimal fractions may add.
  static let tolerance = 1e-9

  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for section in pipeline.data where findings.isSound(section.path + ".split") {
      let sum = section.split.reduce(0) { $0 + $1.fraction.value }
      guard sum > 1 + tolerance, let last = section.split.last else { continue }
      let rounded = (sum * 1e6).rounded() / 1e6
      findings.report(
        .valueOutOfRange,
        "the fractions of `split` in `\(section.name)` add up to `\(rounded)`, more than 1",
        at: last.fraction.span, section.path + ".split",
        help: "make them 1 or less together; what is left over is not used")
    }
  }
}
