extension PlanOutline {
  /// The outline on a screen: what is known, and what has to be there for the rest.
  package func text(isColored: Bool = false) -> String {
    let paint = Paint(isColored: isColored)
    var lines = [paint.bold(pipeline.name) + " → \(pipeline.output)", ""]
    lines += Margin.section("model", modelLines, paint)
    lines += Margin.section("data", dataLines, paint)
    lines.append("")
    let stages = stageLines(paint)
    let room = max(3, PlanText.lineLimit - lines.count - 7)
    lines += stages.prefix(room)
    if stages.count > room { lines += Margin.section("…", ["which `--json` has whole"], paint) }
    lines.append("")
    switch memory {
    case .known(let facts): lines += facts.section(paint)
    case .after(let path): lines += Margin.section("memory", [Self.waiting(path)], paint)
    }
    lines += Margin.section(
      "missing", Margin.wrapped(missing, separator: ", ", width: PlanText.contentWidth), paint)
    return lines.joined(separator: "\n") + "\n"
  }

  private var modelLines: [String] {
    switch model {
    case .known(let facts): facts.lines
    case .after(let path): [Self.waiting(path)]
    }
  }

  private var dataLines: [String] {
    let width = data.map(\.name.count).max() ?? 0
    return data.map { part in
      switch part.facts {
      case .known(let facts): facts.line(nameWidth: width)
      case .after(let path): "\(Quantities.left(part.name, width))  \(Self.waiting(path))"
      }
    }
  }

  private func stageLines(_ paint: Paint) -> [String] {
    stages.enumerated().flatMap { index, stage in
      switch stage {
      case .whole(let plan):
        Margin.section(
          "\(index + 1) \(plan.kind.rawValue)", plan.lines(width: PlanText.contentWidth), paint)
      case .partial(let outline):
        Margin.section(
          "\(index + 1) \(outline.kind)",
          outline.facts + [paint.yellow("the rest is " + Self.waiting(outline.knownAfter))], paint)
      }
    }
  }

  private static func waiting(_ path: String) -> String { "known after \(path) is there" }
}
