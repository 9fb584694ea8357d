package import JSONSyntax

extension MethodComparison {
  /// One line of the table: a name, a value a column, and the numbers that ratios are made of.
  private struct Row {
    let name: String
    let words: (MethodCost) -> String?
    var number: ((MethodCost) -> Double)?
  }

  /// The column that the others are held against: all weights, or else the first.
  private var base: Int { costs.firstIndex { $0.method == "all weights" } ?? 0 }

  /// The table, aligned, each figure beside its share of the base's.
  package func text() -> String {
    guard costs.indices.contains(base) else { return "" }
    let against = costs[base]
    var table = TextTable(
      rightAligned: [false] + costs.indices.flatMap { $0 == base ? [true] : [true, true] })
    func add(_ name: String, _ cell: (Int) -> String, share: (Int) -> String) {
      table.add([name] + costs.indices.flatMap { $0 == base ? [cell($0)] : [cell($0), share($0)] })
    }
    add("", { costs[$0].title }, share: { _ in "of \(against.title)" })
    for row in Self.rows {
      let cells = costs.map(row.words)
      guard cells.contains(where: { $0 != nil }) else { continue }
      add(
        row.name, { cells[$0] ?? "–" },
        share: { index in
          guard let number = row.number, number(against) > 0 else { return "" }
          return Quantities.percent(number(costs[index]) / number(against))
        })
    }
    var lines = table.lines
    let assumptions = costs.compactMap { cost in
      cost.assumption.map { "`\(cost.title)` takes \($0): the pipeline has no `lora` section" }
    }
    if !assumptions.isEmpty { lines += [""] + assumptions }
    return lines.joined(separator: "\n") + "\n"
  }

  private static var rows: [Row] {
    [
      Row(name: "method", words: { $0.method }),
      Row(
        name: "trainable parameters", words: { Quantities.grouped($0.trainableParameters) },
        number: { Double($0.trainableParameters) }),
      Row(
        name: "  of all parameters",
        words: {
          let share = Double($0.trainableParameters) / Double(max(1, $0.allParameters))
          return share == 1 ? "100 %" : Quantities.decimal(share * 100, digits: 4) + " %"
        }),
      memory("memory at the peak") { $0.peakBytes },
      memory("memory in training") { $0.memory.peakBytes },
      memory("  frozen weights") { $0.memory.frozenBytes },
      memory("  trainable weights") { $0.memory.trainableBytes },
      memory("  gradients") { $0.memory.gradientBytes },
      memory("  optimizer state") { $0.memory.optimizerBytes },
      memory("  activations") { $0.memory.activationBytes },
      memory("  all else") { $0.otherBytes },
      Row(name: "steps", words: { Quantities.grouped($0.steps) }),
      Row(
        name: "FLOP a step", words: { Quantities.scaled($0.operationsPerStep) + "FLOP" },
        number: { Double($0.operationsPerStep) }),
      Row(
        name: "FLOP of the training", words: { Quantities.scaled($0.trainingOperations) + "FLOP" },
        number: { Double($0.trainingOperations) }),
      Row(
        name: "time, estimated", words: { $0.seconds.map(Quantities.duration) },
        number: { $0.seconds ?? 0 }),
      memory("a checkpoint") { $0.checkpointBytes },
      memory("the adapter or model") { $0.resultBytes },
    ]
  }

  private static func memory(_ name: String, _ bytes: @escaping (MethodCost) -> Int) -> Row {
    Row(
      name: name, words: { Quantities.bytes(bytes($0)) }, number: { Double(bytes($0)) })
  }

  /// The same values as JSON.
  package var json: JSONValue {
    [
      "base": costs.indices.contains(base) ? .string(costs[base].title) : .null,
      "methods": .array(costs.map(\.json)),
    ]
  }
}

extension MethodCost {
  /// Scratch, caches, rows and the program itself.
  fileprivate var otherBytes: Int {
    memory.workspaceBytes + memory.cacheBytes + memory.dataBytes + memory.processBytes
  }

  fileprivate var json: JSONValue {
    [
      "title": .string(title), "method": .string(method),
      "assumption": assumption.map { .string($0) } ?? .null,
      "trainable_parameters": .int(trainableParameters), "all_parameters": .int(allParameters),
      "peak_bytes": .int(peakBytes), "memory": memory.json, "total_steps": .int(steps),
      "flop_per_step": .int(operationsPerStep), "flop": .int(trainingOperations),
      "seconds": seconds.map { .number($0) } ?? .null,
      "optimizer_bytes": .int(memory.optimizerBytes),
      "checkpoint_bytes": .int(checkpointBytes), "result_bytes": .int(resultBytes),
    ]
  }
}
