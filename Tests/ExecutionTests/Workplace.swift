import Artifacts
import CPUBackend
import Diagnostics
import Execution
import Foundation
import JSONSyntax
import Pipelines
import Planning
import Tensors
import Tokenizers

/// A temporary directory with a tokenizer and rows, and the pipelines that run in it.
final class Workplace {
  let directory: String
  let backend = CPUBackend(threads: 1)

  /// Made once; every workplace gets its files.
  private static let tokenizerFiles: [(name: String, text: String)] = {
    guard
      let tokenizer = try? BytePairTrainer.train(
        texts: sentences, vocabularySize: 300, specialTokens: ["<|end|>"])
    else { return [] }
    return [
      ("tokenizer.json", tokenizer.tokenizerJSON().text()),
      ("tokenizer_config.json", tokenizer.configurationJSON().text()),
    ]
  }()

  static let sentences = [
    "the cat sat on the mat", "the dog sat on the log", "a cat and a dog sat in the sun",
    "the sun is on the mat", "a log is in the sun", "the mat and the log",
    "the cat is on the log and the dog is in the sun and the mat is on the log",
    "a dog and a cat", "the sun sat on the cat", "is the dog on the mat",
  ]

  init() throws {
    directory = NSTemporaryDirectory() + "hone-runs-\(UUID().uuidString)"
    try FilePaths.createDirectories(directory)
    for file in Self.tokenizerFiles { try write("tokenizer/" + file.name, file.text) }
    let rows = Self.sentences.map { JSONValue.object(JSONObject([("text", .string($0))])).text() }
    try write("rows.jsonl", rows.joined(separator: "\n") + "\n")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// The path of `name` here.
  func path(_ name: String) -> String { FilePaths.joining(directory, name) }

  func write(_ name: String, _ text: String) throws { try AtomicFile.write(path(name), text) }

  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }

  /// Lines of JSON.
  func lines(_ name: String) throws -> [JSONValue] {
    try String(decoding: bytes(name), as: UTF8.self).split(separator: "\n")
      .map { try JSONValue(parsing: String($0)) }
  }

  func remove(_ name: String) throws { try FilePaths.remove(path(name)) }

  func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: path(name), toPath: path(other))
  }

  // MARK: pipelines

  static let createdModel = """
    create: {architecture: llama, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2,
        num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 128}
      tokenizer: tokenizer
    """

  static let data = """
    rows: {load: rows.jsonl, split: {train: 0.8, eval: 0.2}}
    """

  /// The text of a pipeline that writes to `run` here.
  func text(
    model: String = createdModel, data: String = data, seed: Int = 5, _ stages: String
  ) -> String {
    """
    hone: 1
    name: test
    seed: \(seed)
    output: \(path("run"))
    model:
      \(model)
    data:
      \(data)
    stages:
    \(stages)
    """
  }

  /// A stage that trains with LoRA on `rows.train`.
  static func lora(
    _ method: String = "r: 4, alpha: 16, target_modules: all-linear", length: String = "epochs: 3",
    rest: String = ""
  ) -> String {
    """
      - train:
          data: rows.train
          method: {lora: {\(method)}}
          \(length)
          batch: {size: 2}
          optimizer: {adamw: {learning_rate: 1e-2}}
          \(rest)

    """
  }

  func export(_ kind: String, _ name: String) -> String {
    "  - export: {\(kind): \(path(name))}\n"
  }

  /// What reading and planning `text` gives.
  func prepare(
    _ text: String, file: String = "pipeline.yaml"
  ) -> (run: PreparedRun?, diagnostics: [Diagnostic]) {
    let (pipeline, diagnostics) = PipelineReader.read(
      file: path(file), text: Array(text.utf8))
    guard let pipeline else { return (nil, diagnostics) }
    return Planner(pipeline, backend: backend, honeVersion: "test").prepare()
  }

  func plan(_ text: String) throws -> PreparedRun {
    let (run, diagnostics) = prepare(text)
    guard let run else { throw DiagnosticError(diagnostics) }
    return run
  }

  /// Runs `text` to its end, or to the interruption after `stop` steps.
  @discardableResult
  func run(
    _ text: String, mode: RunMode = .new, stop: Int? = nil,
    watch: (@Sendable (RunEvent) -> Void)? = nil
  ) throws -> [RunEvent] {
    let recorder = Recorder(stop: stop, watch: watch)
    let outcome = try Executor(
      plan(text), backend: backend, mode: mode, context: recorder.context
    ).execute()
    guard (outcome == .interrupted) == (stop != nil) else {
      throw BackendError.deviceFailure("the run ended as \(outcome)")
    }
    return recorder.events
  }
}

/// Collects the events of a run on one thread, with a clock that counts its questions.
final class Recorder: @unchecked Sendable {
  private(set) var events: [RunEvent] = []
  private var time = 0.0
  private var steps = 0
  private let stop: Int?
  private let watch: (@Sendable (RunEvent) -> Void)?

  init(stop: Int? = nil, watch: (@Sendable (RunEvent) -> Void)? = nil) {
    self.stop = stop
    self.watch = watch
  }

  var context: RunContext {
    RunContext(
      now: {
        self.time += 0.25
        return self.time
      },
      emit: { event in
        self.events.append(event)
        if case .step = event { self.steps += 1 }
        self.watch?(event)
      },
      isInterrupted: { self.stop.map { self.steps >= $0 } ?? false }, peakMemory: { 1 })
  }
}

extension [RunEvent] {
  /// Each event's kind, runs of steps as one.
  var kinds: [String] {
    var kinds: [String] = []
    for event in self {
      let kind = event.json["event"]?.string ?? "?"
      if kind != "step" || kinds.last != "step" { kinds.append(kind) }
    }
    return kinds
  }

  var steps: [StepMetrics] {
    compactMap { if case .step(let metrics) = $0 { metrics } else { nil } }
  }

  var evaluations: [EvaluationMetrics] {
    compactMap { if case .evaluation(let metrics) = $0 { metrics } else { nil } }
  }

  var generations: [Generation] {
    compactMap { if case .generation(let generation) = $0 { generation } else { nil } }
  }
}

extension JSONValue {
  /// The object without its seconds, which an interruption moves.
  var untimed: JSONValue {
    guard var object else { return self }
    object["seconds"] = nil
    return .object(object)
  }
}

extension [Diagnostic] {
  /// The finding of that code.
  func first(_ code: DiagnosticCode) -> Diagnostic? { first { $0.code == code } }
}
