/// The learning rate in words: the curve, and what it peaks and ends with.
enum LearningRateText {
  /// As few lines of `width` columns as hold it.
  static func lines(
    _ schedule: String, warmupSteps: Int, _ rates: [Double], width: Int
  ) -> [String] {
    let curve = Quantities.curve(rates, width: 20)
    var parts = ["learning rate " + (curve.isEmpty ? "" : curve + "  ") + schedule]
    if warmupSteps > 0 {
      let unit = warmupSteps == 1 ? "step" : "steps"
      parts.append("warm-up \(Quantities.grouped(warmupSteps)) \(unit)")
    }
    parts.append("peak \(Quantities.significant(rates.max() ?? 0))")
    parts.append("last \(Quantities.significant(rates.last ?? 0))")
    return Margin.wrapped(parts, separator: ", ", width: width)
  }
}
