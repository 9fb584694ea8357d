import Execution
import Planning
import Synchronization

/// Tells a run's story to a person: one live line while training, one line for everything else.
final class RunConsole: Sendable {
  private struct State {
    var stageStart: (name: String, first: Int, elapsed: Double)?
    var liveWidth = 0
    var lastShown = -1.0
    var elapsed = 0.0
    var tokens = 0
    var firstStep = 0
    var baseline: [String: Double] = [:]
  }

  private let terminal: Terminal
  private let state = Mutex(State())

  init(terminal: Terminal) { self.terminal = terminal }

  /// Shows `event`.
  func show(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .step(let metrics): showStep(metrics, &state)
      default:
        clearLive(&state)
        if let text = text(of: event, &state) { terminal.print(text + "\n") }
      }
    }
  }

  private func text(of event: RunEvent, _ state: inout State) -> String? {
    switch event {
    case .runStarted(_, let output, let resumedAt):
      return resumedAt.map { "going on in \(output) after step \($0)" }
    case .stageStarted(let name, let index, let count, _):
      state.elapsed = 0
      state.tokens = 0
      state.firstStep = 0
      return "\n\(bold("\(index + 1)/\(count) \(name)"))"
    case .step: return nil
    case .evaluation(let metrics): return evaluationText(metrics, &state)
    case .generation(let generation):
      let between = generation.isChat ? "\n  → " : ""
      return "  \(dim(Self.visible(generation.prompt)))\(between)\(Self.visible(generation.text))"
    case .checkpoint(_, let step, let path): return dim("  step \(step) saved to \(path)")
    case .exported(_, let kind, let path, let byteCount):
      return "  \(kind) in \(path) (\(Quantities.bytes(byteCount)))"
    case .stageFinished(_, let seconds): return dim("  took \(Quantities.duration(seconds))")
    case .memory(let use):
      return dim("  peak memory \(Quantities.bytes(use.processPeakBytes))")
    case .interrupted(_, let step):
      return "stopped after step \(step), state saved; `--resume` goes on from here"
    case .runFinished(let seconds): return "\ndone in \(Quantities.duration(seconds))"
    }
  }

  private func evaluationText(_ metrics: EvaluationMetrics, _ state: inout State) -> String {
    let place = metrics.step.map { "  step \($0): " } ?? "  "
    var text =
      "\(place)held-out loss \(Quantities.decimal(metrics.loss, digits: 4))"
      + metrics.values.filter { $0.name != "loss" }.map { ", \($0.text)" }.joined()
      + " on \(metrics.data) "
      + "(\(Quantities.grouped(metrics.rows)) rows)"
    if let before = state.baseline[metrics.data] {
      text += ", was \(Quantities.decimal(before, digits: 4))"
    } else {
      state.baseline[metrics.data] = metrics.loss
    }
    return text
  }

  private func showStep(_ metrics: StepMetrics, _ state: inout State) {
    if state.firstStep == 0 { state.firstStep = metrics.step }
    state.elapsed += metrics.seconds
    state.tokens += metrics.tokens
    let isLast = metrics.step == metrics.totalSteps
    if terminal.isInteractive {
      guard isLast || state.elapsed - state.lastShown > 0.1 || state.lastShown > state.elapsed
      else { return }
      state.lastShown = state.elapsed
      let line = String(line(of: metrics, state).prefix(max(20, terminal.width - 1)))
      let padding = String(repeating: " ", count: max(0, state.liveWidth - line.count))
      terminal.printError("\r" + line + padding)
      state.liveWidth = line.count
      if isLast {
        terminal.printError("\n")
        state.liveWidth = 0
      }
    } else if isLast || metrics.step == state.firstStep
      || metrics.step * 10 / metrics.totalSteps != (metrics.step - 1) * 10 / metrics.totalSteps
    {
      terminal.print(line(of: metrics, state) + "\n")
    }
  }

  private func line(of metrics: StepMetrics, _ state: State) -> String {
    let done = metrics.step - state.firstStep + 1
    let left = state.elapsed / Double(done) * Double(metrics.totalSteps - metrics.step)
    let speed = state.elapsed > 0 ? Double(state.tokens) / state.elapsed : 0
    let total = String(metrics.totalSteps)
    return "  step \(Quantities.right(String(metrics.step), total.count))/\(total)  "
      + "loss \(Quantities.decimal(metrics.loss, digits: 4))  "
      + "\(Quantities.grouped(Int(speed))) tokens/s  "
      + (metrics.step == metrics.totalSteps
        ? "took \(Quantities.duration(state.elapsed))" : "\(Quantities.duration(left)) left")
  }

  private func clearLive(_ state: inout State) {
    guard state.liveWidth > 0 else { return }
    terminal.printError("\n")
    state.liveWidth = 0
  }

  private func bold(_ text: String) -> String {
    terminal.usesColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text
  }

  private func dim(_ text: String) -> String {
    terminal.usesColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text
  }

  /// Text of a model with its control characters made harmless, lines indented.
  private static func visible(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": output += "\n    "
      case "\t": output += "\t"
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value): output += "\u{FFFD}"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}

extension MetricValue {
  /// As `ccc 0.8123`.
  fileprivate var text: String {
    guard let value else { return "\(name) undefined" }
    return "\(name) " + Quantities.decimal(value, digits: name == "perplexity" ? 2 : 4)
  }
}
