import Diagnostics

/// Rows share a sequence only where each token is predicted from those before it.
enum PackingFitsTask {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard findings.isSound(pipeline.model.task), pipeline.model.task.value != .causalLM else {
      return
    }
    for (_, train) in pipeline.trainStages {
      let packing = train.batch.packing
      guard findings.isSound(packing), packing.value else { continue }
      findings.report(
        .conflictingKeys, "`packing` is for `task: causal_lm` only", at: packing.span, packing.path,
        help: "remove it; rows of about one length share a batch with `sampler: length_grouped`")
    }
  }
}
