extension Plan {
  /// The plan on a screen: what will happen, on what, at what cost.
  package func text() -> String {
    var lines = ["\(pipeline.name) → \(pipeline.output)", ""]
    lines += modelLines
    lines += dataLines
    lines.append("")
    for (index, stage) in stages.enumerated() {
      lines += section("\(index + 1) \(stage.kindName)", stage.lines)
    }
    lines.append("")
    lines += memory.lines
    lines += section(
      "writes",
      outputs.map { output in
        let size = output.byteCount.map { ", \(Quantities.bytes($0))" } ?? ""
        return "\(output.path) (\(output.content)\(size))"
      })
    lines += section("plan", ["\(identity.prefix(16)) · seed \(pipeline.seed) · \(backendText)"])
    return lines.joined(separator: "\n") + "\n"
  }

  /// Every setting with its value and where it came from, for `--details`.
  package func details() -> String {
    let width = settings.map(\.path.count).max() ?? 0
    let values = settings.map(\.value.count).max() ?? 0
    return settings.map { setting in
      "\(Quantities.left(setting.path, width))  "
        + "\(Quantities.left(setting.value, min(values, 40)))  \(setting.origin)\n"
    }.joined()
  }

  private var backendText: String {
    "\(backend.name), \(backend.threads) thread\(backend.threads == 1 ? "" : "s")"
  }

  private var modelLines: [String] {
    let source = model.path ?? "drawn anew"
    return section(
      "model",
      [
        "\(model.family), \(Quantities.grouped(model.parameterCount)) parameters, "
          + "\(model.layerCount) layers, context \(Quantities.grouped(model.contextLength)), "
          + "vocabulary \(Quantities.grouped(model.vocabularySize))",
        "\(source), \(model.weightType)",
      ])
  }

  private var dataLines: [String] {
    let width = data.map(\.name.count).max() ?? 0
    return section(
      "data",
      data.map { facts in
        var line =
          "\(Quantities.left(facts.name, width))  \(Quantities.grouped(facts.rows)) rows, "
          + "\(Quantities.grouped(facts.tokens)) tokens, "
          + "\(Quantities.grouped(facts.supervisedTokens)) supervised"
        if facts.truncatedRows > 0 { line += ", \(facts.truncatedRows) truncated" }
        if facts.droppedRows > 0 { line += ", \(facts.droppedRows) dropped" }
        return line
      })
  }
}

/// `lines` under a title in the margin.
private func section(_ title: String, _ lines: [String]) -> [String] {
  lines.enumerated().map { Quantities.left($0 == 0 ? title : "", 12) + $1 }
}

extension StagePlan {
  fileprivate var kindName: String {
    switch work {
    case .train: "train"
    case .evaluate: "evaluate"
    case .generate: "generate"
    case .export: "export"
    }
  }

  fileprivate var lines: [String] {
    switch work {
    case .train(let plan): plan.lines
    case .evaluate(let plan):
      [
        "\(plan.metrics.joined(separator: ", ")) on \(plan.data): "
          + "\(Quantities.grouped(plan.rows)) rows, "
          + "\(Quantities.grouped(plan.supervisedTokens)) supervised tokens, "
          + "\(Quantities.scaled(plan.floatingPointOperations))FLOP"
      ]
    case .generate(let plan):
      [
        "\(plan.promptTokens.count) prompt\(plan.promptTokens.count == 1 ? "" : "s"), "
          + "at most \(plan.maxNewTokens) new tokens each, \(plan.sampling)"
      ]
    case .export(let plan):
      ["\(plan.kind) to \(plan.path), \(Quantities.bytes(plan.byteCount))"]
    }
  }
}

extension TrainingPlan {
  fileprivate var lines: [String] {
    let steps = Quantities.grouped(totalSteps)
    let rows = batch.packing ? "packed sequences" : "rows"
    let micro = batch.accumulate == 1 ? "\(batch.size)" : "\(batch.accumulate) × \(batch.size)"
    let fill = positions == 0 ? 0 : 100 * Double(tokens) / Double(positions)
    return [
      "\(method.text) on \(data)",
      trainableLine,
      "\(steps) steps of \(micro) \(rows) (\(Quantities.decimal(epochs, digits: 2)) epochs), "
        + "\(optimizer)",
      "learning rate \(schedule)  \(Quantities.curve(learningRates))",
      "\(Quantities.grouped(tokens)) tokens, \(Quantities.grouped(supervisedTokens)) supervised, "
        + "\(Quantities.decimal(fill, digits: 0)) % of positions filled, "
        + "\(Quantities.scaled(floatingPointOperations))FLOP",
    ]
  }
}

extension MethodFacts {
  fileprivate var text: String {
    switch self {
    case .full: return "all weights"
    case .lora(let facts):
      let ranks = Set(facts.modules.map(\.rank)).sorted().map(String.init).joined(separator: "/")
      let entries = facts.entries.map { "\($0.target) \($0.count)" }.joined(separator: ", ")
      let saved =
        facts.modulesToSave.isEmpty
        ? "" : ", whole \(facts.modulesToSave.joined(separator: ", "))"
      return "lora r \(ranks) on \(facts.modules.count) modules (\(entries)), "
        + "\(facts.coveredLayers) of \(facts.layerCount) layers\(saved)"
    }
  }
}

extension MemoryFacts {
  fileprivate var lines: [String] {
    let parts: [(String, Int)] = [
      ("weights", frozenBytes), ("trainable", trainableBytes), ("gradients", gradientBytes),
      ("optimizer", optimizerBytes), ("activations", activationBytes),
      ("scratch", workspaceBytes), ("caches", cacheBytes), ("rows", dataBytes),
      ("process", processBytes),
    ]
    let shown = parts.filter { $0.1 > 0 }
    let text = shown.map { "\($0.0) \(Quantities.bytes($0.1))" }
    let half = (text.count + 1) / 2
    return section(
      "memory",
      [
        "\(Quantities.bytes(peakBytes)) at the peak",
        text[..<half].joined(separator: " · "),
        text[half...].joined(separator: " · "),
      ].filter { !$0.isEmpty })
  }
}
