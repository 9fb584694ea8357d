extension PlanComparison {
  /// The differences a line each: `~` for another value, `+` for a new one, `-` for one that is gone.
  ///
  /// What follows from the causes is cut down to what people ask for first unless `isWhole`.
  package func text(isWhole: Bool = false, isColored: Bool = false) -> String {
    guard !differences.isEmpty else { return "no difference\n" }
    var lines: [String] = []
    for cause in PlanDifference.Cause.allCases {
      let all = differences.filter { $0.cause == cause }
      let shown = isWhole ? all : all.filter(\.isHeadline)
      guard !all.isEmpty else { continue }
      if !lines.isEmpty { lines.append("") }
      lines.append(Self.styled(cause.title, "1", isColored))
      let width = min(shown.map(\.path.count).max() ?? 0, 48)
      lines += shown.map { $0.line(width: width, isColored: isColored) }
      let left = all.count - shown.count
      if left > 0 {
        lines.append("  … and \(left) more figure\(left == 1 ? "" : "s"): `--all` shows them")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  fileprivate static func styled(_ text: String, _ code: String, _ isColored: Bool) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

extension PlanDifference {
  fileprivate func line(width: Int, isColored: Bool) -> String {
    let (sign, colour, values) =
      switch (old, new) {
      case (nil, let new): ("+", "32", Self.short(new ?? ""))
      case (let old?, nil): ("-", "31", Self.short(old))
      case (let old?, let new?): ("~", "33", "\(Self.short(old)) → \(Self.short(new))")
      }
    let mark = PlanComparison.styled(sign, colour, isColored)
    let place = origin.map { "   " + PlanComparison.styled($0, "2", isColored) } ?? ""
    return "  \(mark) \(Quantities.left(path, width))  \(values)\(place)"
  }
}
