import Diagnostics

/// Evaluations, checkpoints and falls of the learning rate that are asked for happen at least once.
enum CadencesWithinLength {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      for cadence in train.cadences
      where findings.isSound(cadence.every) && train.tellsWhether(cadence) {
        let every = cadence.every.value.count
        switch train.length {
        case .maxSteps(let steps):
          guard findings.isSound(steps), findings.isSound(train.schedule.warmup) else { continue }
          let warmup = train.schedule.warmupSteps(of: steps.value)
          if train.isTooLong(
            cadence, steps: every, warmupSteps: warmup, totalSteps: steps.value)
          {
            let words = "\(steps.value) step\(steps.value == 1 ? "" : "s")"
            findings.report(
              cadence.finding(
                length: words,
                note: Diagnostic.Note("`max_steps` is \(steps.value)", at: steps.span)))
          }
        case .epochs(let epochs):
          let length = epochs.value - Double(train.startEpoch.value)
          let isTooLong =
            cadence.kind == .decay ? Double(every) >= length : Double(every) > length
          guard findings.isSound(epochs), findings.isSound(train.startEpoch), length > 0, isTooLong
          else { continue }
          findings.report(
            cadence.finding(
              length: "\(number(length)) epoch\(length == 1 ? "" : "s")",
              note: Diagnostic.Note("`epochs` is \(number(epochs.value))", at: epochs.span)))
        }
      }
    }
  }

  /// `3` for 3.0.
  private static func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

/// Something that a `train` stage does every so often.
package struct StageCadence: Hashable, Sendable {
  /// What is done.
  package enum Kind: String, CaseIterable, Sendable { case evaluation, checkpoint, decay }
  package let kind: Kind
  package let every: Setting<Cadence>

  /// What is wrong with it in a stage of `length`, as `100 steps`.
  package func message(length: String) -> String {
    let outcome =
      switch kind {
      case .evaluation: "nothing is measured between the first step and the last"
      case .checkpoint: "no checkpoint is written before the end"
      case .decay: "the learning rate never falls"
      }
    return "\(outcome): `every: \(every.value.words)` is not over within \(length)"
  }

  /// The way out.
  package static let help = "make it shorter than the stage"

  fileprivate func finding(length: String, note: Diagnostic.Note) -> Diagnostic {
    Diagnostic(
      .warning, .cadenceExceedsRun, message(length: length), at: every.span, path: every.path,
      help: Self.help, notes: [note])
  }
}

extension TrainStage {
  /// Everything that the stage does every so often.
  package var cadences: [StageCadence] {
    var cadences: [StageCadence] = []
    if let evaluate { cadences.append(StageCadence(kind: .evaluation, every: evaluate.every)) }
    if let checkpoint {
      cadences.append(StageCadence(kind: .checkpoint, every: checkpoint.every))
    }
    switch schedule.kind {
    case .step(let every, _): cadences.append(StageCadence(kind: .decay, every: every))
    case .constant, .linear, .cosine, .polynomial, .inverseSquareRoot: break
    }
    return cadences
  }

  /// Whether the pipeline alone tells that the stage is too short for `cadence`.
  package func tellsWhether(_ cadence: StageCadence) -> Bool {
    switch (length, cadence.every.value.unit) {
    case (.maxSteps, .step), (.epochs, .epoch): true
    case (.maxSteps, .epoch), (.epochs, .step): false
    }
  }

  /// Whether a cadence of that many steps never comes up in a stage of `totalSteps`.
  package func isTooLong(
    _ cadence: StageCadence, steps: Int, warmupSteps: Int, totalSteps: Int
  ) -> Bool {
    switch (cadence.kind, cadence.every.value.unit) {
    case (.decay, .step): steps >= totalSteps - warmupSteps
    case (.decay, .epoch): steps >= totalSteps
    case (.evaluation, _), (.checkpoint, _): steps > totalSteps
    }
  }
}

extension ScheduleSection {
  /// The steps of the warm-up in a stage of `totalSteps`.
  package func warmupSteps(of totalSteps: Int) -> Int {
    switch warmup.value {
    case .steps(let steps): steps
    case .fraction(let share): Int((share * Double(totalSteps)).rounded(.up))
    }
  }
}
