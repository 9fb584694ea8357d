import Artifacts
import CPUBackend
import Execution
import JSONSyntax
import Pipelines
import Planning
import Testing

/// LoRA beside frozen matrices that are kept quantised.
struct QuantisedBaseTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// Rows of 64 and 128, whole blocks of every dtype.
  private static func model(_ dtype: String) -> String {
    """
    create: {architecture: llama, hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2,
        num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 128}
      tokenizer: tokenizer
      dtype: \(dtype)
    """
  }

  private func text(_ dtype: String, rest: String = "") -> String {
    place.text(
      model: Self.model(dtype),
      Workplace.lora() + "  - evaluate: {data: rows.eval}\n" + place.export("adapter", "adapter")
        + rest)
  }

  /// How far a loss may be from float32's.
  ///
  /// A weight is off by half a step of its block's scale: 1/254 of the largest in q8_0, 1/16 in q4_0
  /// and up to 1/6.5 between the outer levels of nf4.
  private static let tolerances = ["q8_0": 0.02, "q4_0": 0.25, "nf4": 0.25]

  @Test(arguments: tolerances.keys.sorted())
  func trainsNearlyAsBesideFloat32(_ dtype: String) throws {
    let expected = try place.run(text("float32"))
    let found = try place.run(text(dtype), mode: .overwrite)
    let allowed = try #require(Self.tolerances[dtype])
    #expect(found.steps.count == expected.steps.count)
    for (found, expected) in zip(found.steps, expected.steps) {
      #expect(abs(found.loss - expected.loss) < allowed, "step \(found.step)")
    }
    #expect(found.steps.map(\.loss) != expected.steps.map(\.loss))
    let (last, first) = try (#require(found.steps.last), #require(found.steps.first))
    #expect(last.loss < first.loss - 0.5)
  }

  @Test(arguments: tolerances.keys.sorted())
  func threadsDoNotChangeAByte(_ dtype: String) throws {
    var adapters: [[UInt8]] = []
    for threads in [1, 2] {
      let backend = CPUBackend(threads: threads)
      let (pipeline, _) = PipelineReader.read(
        file: place.path("pipeline.yaml"), text: Array(text(dtype).utf8))
      let run = Planner(try #require(pipeline), backend: backend, honeVersion: "test").prepare().run
      let outcome = try Executor(
        try #require(run), backend: backend, mode: .overwrite, context: Recorder().context
      ).execute()
      #expect(outcome != .interrupted)
      adapters.append(try Array(place.bytes("adapter/adapter_model.safetensors")))
    }
    #expect(adapters[0] == adapters[1])
  }

  @Test func theBaseTakesWhatItsBlocksTake() throws {
    let full = try place.plan(text("float32")).plan
    let vectors = 5 * 64
    let matrices = full.model.parameterCount - vectors
    #expect(full.memory.frozenBytes == 4 * (matrices + vectors))
    for (dtype, elements, bytes) in [("q8_0", 32, 34), ("q4_0", 32, 18), ("nf4", 64, 36)] {
      let plan = try place.plan(text(dtype)).plan
      #expect(plan.memory.frozenBytes == matrices / elements * bytes + 4 * vectors)
      #expect(plan.model.weightType == dtype)
    }
    // Rows of 32 are half a block of nf4.
    let narrow = place.text(
      model: Workplace.createdModel + "\n  dtype: nf4", Workplace.lora())
    let plan = try place.plan(narrow).plan
    #expect(plan.memory.frozenBytes == 4 * plan.model.parameterCount)
  }

  /// The merged model has the dequantised numbers and what training added, in float32.
  @Test(arguments: tolerances.keys.sorted())
  func exportsAMergedModelThatMeasuresTheSame(_ dtype: String) throws {
    let events = try place.run(text(dtype, rest: place.export("merged", "merged")))
    let again = try place.run(
      place.text(model: "load: merged", "  - evaluate: {data: rows.eval}"), mode: .overwrite)
    let (first, second) = try (
      #require(events.evaluations.last).loss, #require(again.evaluations.last).loss
    )
    #expect(abs(first - second) < 1e-5)
    let configuration = try JSONValue(
      parsing: String(decoding: place.bytes("merged/config.json"), as: UTF8.self))
    #expect(configuration["torch_dtype"] == "float32")
    let planned = try place.plan(text(dtype, rest: place.export("merged", "merged"))).plan
    #expect(planned.outputs.contains { $0.byteCount == 4 * planned.model.parameterCount })
  }

  /// Tests/Oracles/make_quantisation_fixtures.py made the model.
  @Test func blocksOfAGGUFFileAreUsedInPlace() throws {
    let tests = FilePaths.directory(of: FilePaths.directory(of: #filePath))
    let model = FilePaths.joining(tests, "Fixtures/quantisation/model.gguf")
    try place.write("rows.jsonl", (0..<10).map { _ in #"{"text": "a b ba"}"# + "\n" }.joined())
    func text(_ dtype: String) -> String {
      place.text(
        model: "load: \(model)\n  dtype: \(dtype)",
        "  - evaluate: {data: rows.eval}\n" + Workplace.lora(length: "max_steps: 2"))
    }
    let vectors = 3 * 64 * 4
    // Of q8_0 all but the query's permuted rows, of q4_0 all but the key's.
    let eighths = (6 + 64 + 128) * 2 * 34 + 64 * 4 * 34
    let fourths = (32 + 128) * 2 * 18
    #expect(try place.plan(text("q8_0")).plan.memory.mappedBytes == vectors + eighths)
    #expect(try place.plan(text("q4_0")).plan.memory.mappedBytes == vectors + fourths)
    #expect(try place.plan(text("nf4")).plan.memory.mappedBytes == vectors)
    let exact = try #require(try place.run(text("float32")).evaluations.first).loss
    for (dtype, allowed) in [("q8_0", 0.01), ("q4_0", 0.2)] {
      let found = try place.run(text(dtype), mode: .overwrite)
      #expect(abs(try #require(found.evaluations.first).loss - exact) < allowed)
      #expect(found.steps.count == 2)
    }
  }
}
