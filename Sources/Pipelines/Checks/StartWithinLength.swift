import Diagnostics

/// Training starts before it ends.
enum StartWithinLength {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      guard case .epochs(let epochs) = train.length, findings.isSound(epochs),
        findings.isSound(train.startEpoch), train.startEpoch.span != nil,
        Double(train.startEpoch.value) >= epochs.value
      else { continue }
      let start = train.startEpoch.value
      findings.report(
        .conflictingKeys, "nothing is left of `epochs` after `start_epoch: \(start)`",
        at: train.startEpoch.span, train.startEpoch.path,
        help: "`epochs` counts those before the start too: `epochs: \(start + 1)` trains one",
        notes: [Diagnostic.Note("`epochs` ends the training here", at: epochs.span)])
    }
  }
}
