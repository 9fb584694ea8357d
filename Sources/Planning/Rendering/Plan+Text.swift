extension Plan {
  /// The plan on a screen: what will happen and why, on what, at what cost.
  ///
  /// `status` tells what is new, changed or done, `estimate` how long it takes; either is left out
  /// where it is not known. Colours are for terminals, never for files.
  package func text(
    status: PlanStatus? = nil, estimate: PlanEstimate? = nil, isColored: Bool = false
  ) -> String {
    PlanText(self, status: status, estimate: estimate, paint: Paint(isColored: isColored)).text
  }
}

/// A plan as text of at most ``PlanText/lineLimit`` lines, however many stages it has.
struct PlanText {
  /// The lines of a screen.
  static let lineLimit = 40
  /// The columns of a screen.
  static let width = 100
  /// The columns beside the titles.
  static let contentWidth = width - Margin.width
  /// The most data sections and outputs that are listed.
  private static let listLimit = 6

  let plan: Plan
  let status: PlanStatus?
  let estimate: PlanEstimate?
  let paint: Paint

  init(_ plan: Plan, status: PlanStatus?, estimate: PlanEstimate?, paint: Paint) {
    self.plan = plan
    self.status = status
    self.estimate = estimate
    self.paint = paint
  }

  var text: String {
    let head = [headline, ""] + modelLines + dataLines + [""]
    let foot = [""] + memoryLines + outputLines + timeLines + closingLines
    let room = Self.lineLimit - head.count - foot.count
    let lines = head + stageLines(room: room) + foot
    return lines.joined(separator: "\n") + "\n"
  }

  private var headline: String {
    paint.bold(plan.pipeline.name) + " → \(plan.pipeline.output)"
  }

  private var modelLines: [String] { Margin.section("model", plan.model.lines, paint) }

  private var dataLines: [String] {
    let listed = plan.data.prefix(Self.listLimit)
    let width = listed.map(\.name.count).max() ?? 0
    var lines = listed.map { $0.line(nameWidth: width) }
    let more = plan.data.count - listed.count
    if more > 0 { lines.append("and \(more) more") }
    return Margin.section("data", lines, paint)
  }

  private var memoryLines: [String] { plan.memory.section(paint) }

  private var outputLines: [String] {
    let inside = plan.pipeline.output + "/"
    let records = plan.outputs.filter { $0.byteCount == nil && $0.path.hasPrefix(inside) }
    let names = records.map { $0.path.dropFirst(inside.count) }.joined(separator: ", ")
    let others = Self.byPath(plan.outputs.filter { !records.contains($0) })
    var lines = others.prefix(Self.listLimit).map { outputs in
      let size = outputs.compactMap(\.byteCount).reduce(0, +)
      let more = outputs.count > 1 ? " and \(outputs.count - 1) more" : ""
      return "\(outputs[0].path): \(outputs[0].content)\(more), \(Quantities.bytes(size))"
    }
    if others.count > lines.count { lines.append("and \(others.count - lines.count) more") }
    if !names.isEmpty { lines.insert("\(inside)  \(names)", at: 0) }
    return Margin.section("writes", lines, paint)
  }

  /// The outputs, those on the same path together.
  private static func byPath(_ outputs: [OutputFacts]) -> [[OutputFacts]] {
    var groups: [[OutputFacts]] = []
    for output in outputs {
      if let index = groups.firstIndex(where: { $0[0].path == output.path }) {
        groups[index].append(output)
      } else {
        groups.append([output])
      }
    }
    return groups
  }

  private var timeLines: [String] {
    guard let estimate else { return [] }
    return Margin.section(
      "time", ["about \(Quantities.duration(estimate.seconds)) on \(backendText)"], paint)
  }

  private var closingLines: [String] {
    let identity = Margin.section(
      "plan", ["\(plan.identity.prefix(16)) · seed \(plan.pipeline.seed) · \(backendText)"], paint)
    guard let status else { return identity }
    return identity + Margin.section("status", [status.words], paint)
  }

  private var backendText: String {
    let backend = plan.backend
    return "\(backend.name), \(backend.threads) thread\(backend.threads == 1 ? "" : "s")"
  }
}

extension ModelFacts {
  /// The model in two lines.
  var lines: [String] {
    let layers =
      encoderLayerCount == 0
      ? "\(layerCount) layers" : "\(encoderLayerCount) + \(layerCount) layers"
    return [
      "\(family), \(Quantities.grouped(parameterCount)) parameters, "
        + "\(layers), context \(Quantities.grouped(contextLength)), "
        + "vocabulary \(Quantities.grouped(vocabularySize))",
      "\(path ?? "drawn anew"), \(weightType)",
    ] + newHead
  }

  /// The modules that the checkpoint has no weights for, in a line; empty where it has all.
  private var newHead: [String] {
    var modules: [String] = []
    for name in newWeights {
      let module = name.split(separator: ".").dropLast().joined(separator: ".")
      if modules.last != module { modules.append(module) }
    }
    return modules.isEmpty ? [] : ["new head, drawn anew: \(modules.joined(separator: ", "))"]
  }
}

extension DataFacts {
  /// The rows in a line, their name as wide as `nameWidth`.
  func line(nameWidth: Int) -> String {
    var line =
      "\(Quantities.left(name, nameWidth))  \(Quantities.grouped(rows)) rows, "
      + (sourceTokens > 0 ? "\(Quantities.grouped(sourceTokens)) source tokens, " : "")
      + "\(Quantities.grouped(tokens)) tokens, \(Quantities.grouped(supervisedTokens)) supervised"
    if truncatedRows > 0 { line += ", \(truncatedRows) truncated" }
    if droppedRows > 0 { line += ", \(droppedRows) dropped" }
    if missingValues > 0 { line += ", \(Quantities.grouped(missingValues)) numbers missing" }
    return line + labelWords
  }

  /// How often each class occurs; of many the most frequent.
  private var labelWords: String {
    guard !labels.isEmpty else { return "" }
    let shown = labels.enumerated()
      .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.prefix(4)
    let words = shown.map { "\($0.element.name) \(Quantities.grouped($0.element.count))" }
    return "; " + words.joined(separator: ", ") + (labels.count > shown.count ? ", …" : "")
  }
}

extension MemoryFacts {
  /// The peak, drawn to scale, with its parts by name.
  func section(_ paint: Paint) -> [String] {
    let bar = MemoryBar(self)
    return Margin.section(
      "memory",
      ["\(Quantities.bytes(peakBytes)) at the peak", bar.line(paint)]
        + bar.legend(width: PlanText.contentWidth, paint), paint)
  }
}

extension PlanStatus {
  /// What a run would do, in words.
  fileprivate var words: String {
    switch directory {
    case .free: return counts
    case .foreign: return "\(counts); the output directory holds files that are of no run"
    case .thisPlan(isFinished: true):
      return isPending ? "\(counts); `--resume` goes on" : "done, nothing is left to do"
    case .thisPlan(isFinished: false): return "\(counts); `--resume` goes on"
    case .otherPlan:
      return "\(counts); the output holds a run of another plan, `--overwrite` starts anew"
    }
  }

  /// `4 done, 1 resumes, 2 new`.
  private var counts: String {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for stage in stages {
      if counts[stage.word] == nil { order.append(stage.word) }
      counts[stage.word, default: 0] += 1
    }
    return order.map { "\(counts[$0] ?? 0) \($0)" }.joined(separator: ", ")
  }
}

extension PlanStatus.Stage {
  /// The status in a word.
  var word: String {
    switch self {
    case .new: "new"
    case .changed: "changed"
    case .again: "again"
    case .resumes: "resumes"
    case .done: "done"
    }
  }

  /// The status in a character.
  var sign: String {
    switch self {
    case .new: "+"
    case .changed: "~"
    case .again: "*"
    case .resumes: ">"
    case .done: "="
    }
  }
}
