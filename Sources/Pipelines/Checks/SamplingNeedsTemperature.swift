import Diagnostics

/// `top_k` and `top_p` narrow a draw, which temperature 0 does not make.
enum SamplingNeedsTemperature {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for stage in pipeline.stages {
      guard case .generate(let generate) = stage.work, findings.isSound(generate.temperature),
        generate.temperature.value == 0
      else { continue }
      let settings = [
        generate.topK.map { ("top_k", $0.span, $0.path) },
        generate.topP.map { ("top_p", $0.span, $0.path) },
      ]
      for case (let key, let span, let path)? in settings where findings.isSound(path) {
        findings.report(
          .conflictingKeys, "`\(key)` has no effect at temperature 0", at: span, path,
          help: "add `temperature: 1.0`, or remove `\(key)`",
          notes: generate.temperature.span.map {
            [Diagnostic.Note("`temperature` is 0", at: $0)]
          } ?? [Diagnostic.Note("`temperature` is 0 by default", at: nil)])
      }
    }
  }
}
