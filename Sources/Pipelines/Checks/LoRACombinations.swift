import Diagnostics

/// Settings of `lora` that PEFT does not combine either.
enum LoRACombinations {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      guard case .lora(let lora) = train.method else { continue }
      if lora.loraBias.value, lora.useDoRA.value {
        findings.report(
          .conflictingKeys, "`lora_bias` cannot be combined with `use_dora`",
          at: lora.loraBias.span, lora.loraBias.path, help: "remove one of the two",
          notes: lora.useDoRA.span.map { [Diagnostic.Note("`use_dora` is here", at: $0)] } ?? [])
      }
      checkStart(of: lora, findings)
    }
  }

  /// What new updates begin as is nothing for an adapter to go on from, or with biases.
  private static func checkStart(of lora: LoRASection, _ findings: Findings) {
    guard lora.start.value != .kaimingUniform else { return }
    let word = "`init_lora_weights: \(lora.start.value.rawValue)`"
    if let adapter = lora.initialAdapter {
      findings.report(
        .conflictingKeys, "\(word) is for new updates; `init` goes on from others",
        at: lora.start.span, lora.start.path, help: "remove one of the two",
        notes: adapter.span.map { [Diagnostic.Note("`init` is here", at: $0)] } ?? [])
    }
    if lora.loraBias.value {
      findings.report(
        .conflictingKeys, "`lora_bias` cannot be combined with \(word)", at: lora.loraBias.span,
        lora.loraBias.path, help: "remove one of the two")
    }
  }
}
