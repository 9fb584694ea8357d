import Diagnostics

/// `nesterov` looks ahead along a momentum.
enum NesterovNeedsMomentum {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      guard case .sgd(let momentum, let nesterov) = train.optimizer.kind, nesterov.value,
        findings.isSound(momentum), momentum.value == 0
      else { continue }
      findings.report(
        .conflictingKeys, "`nesterov` needs a `momentum` above 0", at: nesterov.span,
        nesterov.path, help: "add `momentum: 0.9`, or remove `nesterov`",
        notes: momentum.span.map { [Diagnostic.Note("`momentum` is 0 here", at: $0)] } ?? [])
    }
  }
}
