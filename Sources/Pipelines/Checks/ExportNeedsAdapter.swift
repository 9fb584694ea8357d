/// An adapter is exported only after a stage that trains one.
enum ExportNeedsAdapter {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard findings.isSound("stages") else { return }
    var hasAdapter = false
    for stage in pipeline.stages {
      switch stage.work {
      case .train(let train):
        if case .lora = train.method { hasAdapter = true }
        if !findings.isSound("\(stage.path).train.method") { hasAdapter = true }
      case .export(.adapter(let path)) where !hasAdapter && findings.isSound(path):
        let isLater = pipeline.trainStages.contains { _, train in
          if case .lora = train.method { true } else { false }
        }
        findings.report(
          .missingAdapter, "no stage before this one trains an adapter", at: path.span, path.path,
          help: isLater
            ? "move this stage behind the `train` stage with `method: {lora: …}`"
            : "export the whole model: `merged: \(path.value)`")
      case .export, .evaluate, .generate: continue
      }
    }
  }
}
