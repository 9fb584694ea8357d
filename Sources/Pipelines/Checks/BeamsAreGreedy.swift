import Diagnostics

/// Beams keep the likeliest texts; they do not draw.
enum BeamsAreGreedy {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for stage in pipeline.stages {
      guard case .generate(let generate) = stage.work, findings.isSound(generate.beams),
        findings.isSound(generate.temperature), generate.beams.value > 1,
        generate.temperature.value > 0
      else { continue }
      findings.report(
        .conflictingKeys, "`num_beams` keeps the likeliest texts; `temperature` draws by chance",
        at: generate.beams.span, generate.beams.path, help: "remove one of them",
        notes: generate.temperature.span.map { [Diagnostic.Note("`temperature` is here", at: $0)] }
          ?? [])
    }
  }
}
