package import Diagnostics
import Pipelines

/// What a plan may cost at most, as a gate before money is spent.
package struct PlanLimits: Hashable, Sendable {
  /// Bytes at the peak; nil allows any.
  package let memory: Int?
  /// Seconds of the whole run; nil allows any.
  package let time: Double?

  package init(memory: Int? = nil, time: Double? = nil) {
    self.memory = memory
    self.time = time
  }

  /// Whether there is anything to hold a plan against.
  package var isEmpty: Bool { memory == nil && time == nil }

  /// What of the plan is above a limit, each at the setting that governs it most, with what would
  /// fit: found by planning again, not by a formula.
  package func diagnostics(of planning: Replanning) -> [Diagnostic] {
    [
      memory.flatMap { MemoryLimit(byteCount: $0, planning).diagnostic },
      time.flatMap { TimeLimit(seconds: $0, planning).diagnostic },
    ].compactMap { $0 }
  }
}

/// A pipeline that differs from another in one thing, to see whether it fits.
struct Alternative {
  /// As the user would write it: "`batch.size: 4` with `accumulate: 2`".
  let words: String
  let change: (Pipeline) -> Pipeline
}

extension Setting {
  /// Where it is written, or else where `stage` is.
  func span(in stage: Stage) -> SourceSpan? { span ?? stage.span }
}
