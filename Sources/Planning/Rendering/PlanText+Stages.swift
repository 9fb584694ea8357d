import Pipelines

/// The stages of a plan's text.
extension PlanText {
  /// All stages in `room` lines: first in full, then what is done in a line, then all but the first
  /// training in a line, then only the first and last of them.
  func stageLines(room: Int) -> [String] {
    let full = plan.stages.indices.map { lines(ofStage: $0, isShort: false) }
    if full.reduce(0, { $0 + $1.count }) <= room { return Array(full.joined()) }
    let settled = plan.stages.indices.map { index in
      lines(ofStage: index, isShort: isSettled(index))
    }
    if settled.reduce(0, { $0 + $1.count }) <= room { return Array(settled.joined()) }
    let first = plan.stages.indices.first { index in
      if case .train = plan.stages[index].work { !isSettled(index) } else { false }
    }
    let short = plan.stages.indices.map { lines(ofStage: $0, isShort: $0 != first) }
    if short.reduce(0, { $0 + $1.count }) <= room { return Array(short.joined()) }
    return ends(of: plan.stages.indices.map { lines(ofStage: $0, isShort: true) }, room: room)
  }

  /// As many of the first and the last as `room` holds, and what is left out between them.
  private func ends(of stages: [[String]], room: Int) -> [String] {
    let lines = stages.map { $0.first ?? "" }
    guard lines.count > room else { return lines }
    let head = max(1, (room - 1) * 2 / 3)
    let tail = max(1, room - 1 - head)
    let hidden = plan.stages[head..<max(head, lines.count - tail)]
    return lines.prefix(head)
      + Margin.section("…", ["\(hidden.count) more stages, which `--json` names"], paint)
      + lines.suffix(tail)
  }

  private func isSettled(_ index: Int) -> Bool {
    switch status?.stages[index] {
    case .done, .again: true
    case .new, .changed, .resumes, nil: false
    }
  }

  private func lines(ofStage index: Int, isShort: Bool) -> [String] {
    let stage = plan.stages[index]
    let status = status?.stages[index]
    let seconds = estimate?.stages[index].seconds
    var lines = isShort ? [stage.summary] : stage.lines(width: Self.width - Margin.width)
    if let seconds, !lines.isEmpty, seconds > 0 {
      lines[lines.count - 1] += seconds < 0.05 ? ", < 0.1 s" : ", \(Quantities.duration(seconds))"
    }
    switch status {
    case .changed(let changes):
      let shown = changes.prefix(3).map(\.text)
      let more = changes.count - shown.count
      lines += Margin.wrapped(
        ["changed: " + (shown.first ?? "")] + shown.dropFirst()
          + (more > 0 ? ["and \(more) more"] : []),
        separator: ", ", width: Self.width - Margin.width
      ).map(paint.yellow)
    case .resumes(let step): lines.append(paint.yellow("goes on after step \(step)"))
    case .new, .again, .done, nil: break
    }
    if isShort { lines = Array(lines.prefix(1)) }
    if status == .done { lines = lines.map(paint.dim) }
    return Margin.section(
      "\(index + 1) \(stage.kind.rawValue)", lines, sign: sign(of: status), paint)
  }

  private func sign(of status: PlanStatus.Stage?) -> String {
    switch status {
    case nil: " "
    case .new?: paint.green("+")
    case .changed?, .resumes?: paint.yellow(status?.sign ?? " ")
    case .again?, .done?: paint.dim(status?.sign ?? " ")
    }
  }
}

extension StagePlan {
  /// The stage in a line.
  fileprivate var summary: String {
    switch work {
    case .train(let plan):
      "\(plan.method.summary) on \(plan.data), \(Quantities.grouped(plan.totalSteps)) steps, "
        + "\(Quantities.scaled(plan.floatingPointOperations))FLOP"
    case .evaluate(let plan):
      "\(plan.metrics.joined(separator: ", ")) on \(plan.data): "
        + "\(Quantities.grouped(plan.rows)) rows, "
        + "\(Quantities.grouped(plan.supervisedTokens)) supervised, "
        + "\(Quantities.scaled(plan.floatingPointOperations))FLOP"
    case .generate(let plan):
      "\(plan.promptTokens.count) prompt\(plan.promptTokens.count == 1 ? "" : "s"), "
        + "at most \(plan.maxNewTokens) new tokens each, \(plan.sampling)"
    case .export(let plan):
      "\(plan.kind) to \(plan.path), \(Quantities.bytes(plan.byteCount))"
    }
  }

  /// The stage in as many lines of `width` columns as it takes.
  func lines(width: Int) -> [String] {
    switch work {
    case .train(let plan): plan.lines(width: width)
    case .evaluate, .generate, .export: [summary]
    }
  }
}

extension TrainingPlan {
  fileprivate func lines(width: Int) -> [String] {
    let rows = batch.packing ? "packed sequences" : "rows"
    let micro = batch.accumulate == 1 ? "\(batch.size)" : "\(batch.accumulate) × \(batch.size)"
    let fill = positions == 0 ? 0 : 100 * Double(tokens) / Double(positions)
    let each = totalSteps > 0 ? floatingPointOperations / totalSteps : 0
    return ["\(method.summary) on \(data), \(optimizer)"] + method.coverage(width: width) + [
      trainableLine,
      "\(Quantities.grouped(totalSteps)) steps of \(micro) \(rows), "
        + "\(Quantities.decimal(epochs, digits: 2)) epochs of "
        + "\(Quantities.grouped(stepsPerEpoch)) steps",
      "\(Quantities.grouped(tokens)) tokens, \(Quantities.grouped(supervisedTokens)) supervised, "
        + "\(Quantities.decimal(fill, digits: 0)) % of positions filled",
    ] + batch.orderLine + dropout.lines
      + LearningRateText.lines(schedule, warmupSteps: warmupSteps, learningRates, width: width) + [
        "\(Quantities.scaled(each))FLOP a step, "
          + "\(Quantities.scaled(floatingPointOperations))FLOP in all"
      ]
  }
}

extension BatchFacts {
  /// Which rows an epoch has, where it is not all of them by chance from the first epoch on.
  fileprivate var orderLine: [String] {
    let start = startEpoch > 0 ? ["from epoch \(Quantities.grouped(startEpoch)) on"] : []
    let order = sampler == BatchSection.NamedSampler.random.rawValue ? [] : ["sampler \(sampler)"]
    return order.isEmpty && start.isEmpty ? [] : [(order + start).joined(separator: ", ")]
  }
}

extension LoRAFacts {
  /// What makes the updates others than plain ones.
  var variantWords: [String] {
    var words: [String] = []
    if usesDoRA { words.append("DoRA") }
    if usesRSLoRA { words.append("rsLoRA") }
    if hasBias { words.append("with biases") }
    if start != "true" { words.append("init \(start)") }
    if let loraPlusRatio { words.append("LoRA+ \(Quantities.compact(loraPlusRatio))") }
    return words
  }
}

extension FullFacts {
  /// The trained weights in a few words.
  var words: String {
    let which =
      trainLast.map { $0 == 1 ? "the last block" : "the last \($0) blocks" } ?? "all weights"
    return freeze.isEmpty ? which : which + " but " + freeze.joined(separator: ", ")
  }
}

extension MethodFacts {
  /// The method in a few words.
  var summary: String {
    switch self {
    case .full(let facts): return facts.words
    case .lora(let facts):
      let ranks = Set(facts.modules.map(\.rank)).sorted().map(String.init)
      let modules = facts.modules.count
      let kinds = facts.variantWords
      return "lora r \(ranks.joined(separator: "/"))"
        + (kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))") + " on \(modules) "
        + "module\(modules == 1 ? "" : "s")"
    }
  }

  /// The adapted modules by pattern, and the layers that have some.
  func coverage(width: Int) -> [String] {
    switch self {
    case .full: return []
    case .lora(let facts):
      let entries = facts.entries.map { "\($0.target) \($0.count)" }
      let saved =
        facts.modulesToSave.map { "\($0) whole" }
        + facts.trainedRows.map { "\($0.target) \($0.count) tokens" }
      return Margin.wrapped(
        entries + saved + facts.layerDrawings, separator: " · ", width: width)
    }
  }
}

extension LoRAFacts {
  /// The adapted layers of each stack as a picture.
  fileprivate var layerDrawings: [String] {
    func drawing(_ title: String, _ counts: ArraySlice<Int>) -> String {
      "\(title) \(LayerDrawing.text(of: Array(counts))) "
        + "\(counts.count { $0 > 0 }) of \(counts.count)"
    }
    if encoderLayerCount == 0 { return [drawing("layers", modulesByLayer[...])] }
    return [
      drawing("encoder", modulesByLayer.prefix(encoderLayerCount)),
      drawing("decoder", modulesByLayer.dropFirst(encoderLayerCount)),
    ]
  }
}
