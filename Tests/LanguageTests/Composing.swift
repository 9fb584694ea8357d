import Diagnostics
import Pipelines

/// A pipeline that has everything that may be composed.
let trainingPipeline = """
  hone: 1
  name: demo
  model: {load: models/m}
  data:
    rows: {load: data/rows.jsonl, split: {train: 0.9, eval: 0.1}}
  stages:
    - evaluate: {name: before, data: rows.eval}
    - train:
        data: rows.train
        method: {lora: {r: 8, alpha: 16}}
        epochs: 1
        optimizer: {adamw: {learning_rate: 1e-4}}
        schedule: {cosine: {}, warmup: 10%}
    - evaluate: {data: rows.eval}
  """

/// Reads `text` as `file`, beside other files, with what the command line and the environment say.
func reading(
  _ text: String, file: String = "test.yaml", files: [String: String] = [:], set: [String] = [],
  environment: [String: String] = [:]
) -> PipelineReading {
  PipelineReader.read(
    SourceText(file: file, bytes: Array(text.utf8)),
    in: PipelineSurroundings(
      overrides: set.map { .set($0) }, environment: { environment[$0] },
      readFile: { (path: String) throws(DiagnosticError) in
        guard let text = files[path] else {
          throw DiagnosticError(
            Diagnostic(.error, .missingFile, "no file `\(path)`", help: "look for it"))
        }
        return SourceText(file: path, bytes: Array(text.utf8))
      }))
}

extension PipelineReading {
  /// The findings as people see them.
  var rendered: String { TextRenderer.text(DiagnosticReport(diagnostics, sources: sources)) }

  /// The one pipeline, where there is no `matrix`.
  var pipeline: Pipeline? { cases.count == 1 ? cases.first?.pipeline : nil }

  /// The text that each finding points at, with its line.
  var marked: [String] {
    diagnostics.map { diagnostic in
      guard let span = diagnostic.span,
        let source = sources.first(where: { $0.file == span.file })
      else { return "nowhere" }
      let bytes = source.bytes[span.start.offset..<span.end.offset]
      return "\(span.file):\(span.start.line): \(String(decoding: bytes, as: UTF8.self))"
    }
  }
}

extension Pipeline {
  /// The first train stage.
  var train: TrainStage? {
    stages.lazy.compactMap { stage -> TrainStage? in
      if case .train(let train) = stage.work { train } else { nil }
    }.first
  }

  /// The first train stage's adapter.
  var lora: LoRASection? {
    if case .lora(let lora) = train?.method { lora } else { nil }
  }
}
