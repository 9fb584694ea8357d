import CPUBackend
import Diagnostics
import Foundation
import Pipelines
import Planning
import Tensors
import Testing

/// A plan against what is around it: the backend, the machine, and what its directory holds.
struct MachineTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func findings(
    _ text: String, backend: any ComputeBackend = CPUBackend(threads: 1),
    memory: Int? = nil, free: Int = .max
  ) throws -> [Diagnostic] {
    let (pipeline, diagnostics) = PipelineReader.read(
      file: place.path("pipeline.yaml"), text: Array(text.utf8))
    let machine = MachineFacts(memoryBytes: memory) { _ in
      MachineFacts.Volume(identity: 1, freeBytes: free)
    }
    let planner = try Planner(
      #require(pipeline, "\(diagnostics)"), backend: backend, honeVersion: "test",
      machine: machine)
    return diagnostics + planner.prepare().diagnostics
  }

  @Test func saysThatTheMemoryIsTooSmall() throws {
    let text = place.text(Workplace.lora())
    let peak = try place.plan(text).plan.memory.peakBytes
    #expect(try findings(text, memory: peak).isEmpty)
    let found = try findings(text, memory: peak - 1)
    #expect(found.map(\.code) == [.machineTooSmall])
    #expect(found.allSatisfy { $0.severity == .warning && $0.help != nil && $0.span != nil })
  }

  @Test func theMeasuredMemoryCountsEvaluationWhileTraining() throws {
    let train = Workplace.lora()
    let evaluated = Workplace.lora(rest: "evaluate: {data: rows.eval, every: 1 epoch}")
      .replacing("size: 2", with: "size: 8, drop_last: false")
    let plain = train.replacing("size: 2", with: "size: 8, drop_last: false")
    let (with, without) = try (
      place.plan(place.text(evaluated)).plan.memory.peakBytes,
      place.plan(place.text(plain)).plan.memory.peakBytes
    )
    #expect(with >= without)
  }

  @Test func saysWhichSettingTakesTheMemory() throws {
    let large = place.text(Workplace.lora().replacing("size: 2", with: "size: 512"))
    #expect(try findings(large, memory: 1 << 20).first?.path == "stages[0].train.batch.size")
    let full = place.text(
      Workplace.lora().replacing(
        "{lora: {r: 4, alpha: 16, target_modules: all-linear}}", with: "{full: {}}"
      ).replacing("size: 2", with: "size: 1")
    ).replacing(
      "hidden_size: 32, intermediate_size: 48", with: "hidden_size: 512, intermediate_size: 1024")
    let found = try findings(full, memory: 1 << 20).first
    #expect(found?.path == "stages[0].train.method")
  }

  @Test func saysThatTheDiskIsTooSmall() throws {
    let text = place.text(
      Workplace.lora(rest: "checkpoint: {every: 2 steps}") + place.export("merged", "model"))
    let bytes = try place.plan(text).plan.outputs.compactMap(\.byteCount).reduce(0, +)
    #expect(try findings(text, free: bytes).isEmpty)
    #expect(try findings(text, free: bytes - 1).map(\.code) == [.machineTooSmall])
  }

  @Test func theMachineIsAskedWhatItHas() throws {
    let machine = MachineFacts.current
    #expect(try #require(machine.memoryBytes) > 1 << 28)
    let volume = try #require(machine.volume(place.directory))
    #expect(volume.freeBytes > 0)
    #expect(machine.volume(place.path("nowhere")) == nil)
  }

  @Test func aBackendDeclaresTheTypesThatItKeeps() throws {
    let text = place.text(
      model: Workplace.createdModel + "\n  dtype: bfloat16", Workplace.lora())
    #expect(try findings(text).isEmpty)
    let found = try findings(text, backend: SingleTypeBackend())
    #expect(found.map(\.code) == [.unsupportedByBackend])
    #expect(found.first?.path == "model.dtype")
    #expect(found.first?.span != nil)
    #expect(found.first?.help?.contains("`float32`") == true)
  }

  // MARK: the directory of the run

  private func outputFindings(_ text: String) throws -> [Diagnostic] {
    let run = try place.plan(text)
    return OutputPlace.findings(run.pipeline.output, plan: run.plan)
  }

  @Test func theDirectoryOfAnotherRunIsSaidWithWhatDiffers() throws {
    let text = place.text(Workplace.lora(length: "max_steps: 1"))
    #expect(try outputFindings(text).isEmpty)
    try place.run(text)
    #expect(try outputFindings(text).isEmpty, "it is the same run")
    let found = try outputFindings(text.replacing("seed: 5", with: "seed: 6"))
    #expect(found.map(\.code) == [.outputOccupied])
    #expect(found.first?.severity == .warning)
    #expect(found.first?.path == "output")
    #expect(found.first?.message.contains("seed 5 → 6") == true)
    try place.write("rows.jsonl", #"{"text": "another row"}"# + "\n")
    let other = try outputFindings(
      text.replacing("rows.train", with: "rows").replacing(
        ", split: {train: 0.8, eval: 0.2}", with: ""))
    #expect(other.first?.code == .outputOccupied)
  }

  @Test func filesOfNoRunAreSaid() throws {
    try place.write("run/notes.txt", "mine")
    let found = try outputFindings(place.text(Workplace.lora()))
    #expect(found.map(\.code) == [.outputOccupied])
    #expect(found.first?.message.contains("notes.txt") == true)
  }

  // MARK: what the plan pins

  @Test func anotherChatTemplateIsAnotherPlan() throws {
    try place.write(
      "rows.jsonl",
      String(
        repeating: #"{"messages": [{"role": "user", "content": "the cat"}, "#
          + #"{"role": "assistant", "content": "a dog"}]}"# + "\n", count: 1)
        + #"{"messages": [{"role": "user", "content": "a log"}, "#
        + #"{"role": "assistant", "content": "the sun"}]}"# + "\n")
    func identity(_ template: String) throws -> String {
      try place.write("tokenizer/chat_template.jinja", template)
      return try place.plan(
        place.text(
          data: "rows: {load: rows.jsonl, columns: {messages: messages}}",
          Workplace.lora().replacing("rows.train", with: "rows"))
      ).plan.identity
    }
    let turn = "{{ message.role + ' ' + message.content + eos_token }}"
    let first = try identity("{% for message in messages %}\(turn){% endfor %}")
    #expect(try identity("{% for message in messages %}\(turn){% endfor %}") == first)
    #expect(try identity("{% for message in messages %}> \(turn){% endfor %}") != first)
  }
}

/// The cpu backend, as if it kept weights in float32 alone.
private struct SingleTypeBackend: ComputeBackend {
  private let backend = CPUBackend(threads: 1)

  var capabilities: BackendCapabilities {
    BackendCapabilities(name: "single", weightTypes: [.float32], threads: 1)
  }

  func workspaceByteCount(for program: Program) -> Int { backend.workspaceByteCount(for: program) }

  func compile(
    _ program: Program, layout: Tensors.MemoryLayout, memory: ProgramMemory, seed: UInt64
  ) throws(BackendError) -> any Executable {
    try backend.compile(program, layout: layout, memory: memory, seed: seed)
  }
}
