import Artifacts
import Execution
import JSONSyntax
import Planning
import Testing

struct LoRARunTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private var text: String {
    place.text(
      "  - evaluate: {name: before, data: rows.eval}\n"
        + Workplace.lora(rest: "evaluate: {data: rows.eval, every: 1 epoch}")
        + "  - evaluate: {name: after, data: rows.eval}\n" + place.export("adapter", "adapter"))
  }

  @Test func tellsItsStoryInOrder() throws {
    let events = try place.run(text)
    #expect(
      events.kinds == [
        "run_started", "stage_started", "evaluation", "stage_finished", "stage_started",
        "evaluation", "step", "evaluation", "step", "evaluation", "step", "evaluation", "memory",
        "stage_finished", "stage_started", "evaluation", "stage_finished", "stage_started",
        "exported", "stage_finished", "run_finished",
      ])
    #expect(events.steps.map(\.step) == Array(1...12))
    let told = try place.lines("run/events.jsonl").compactMap { $0["event"]?.string }
    #expect(told == events.kinds.filter { $0 != "step" })
  }

  @Test func writesEveryMeasurementToItsMetrics() throws {
    let events = try place.run(text)
    let lines = try place.lines("run/metrics.jsonl")
    let steps = lines.filter { $0["loss"] != nil }
    #expect(
      steps.first?.object?.members.map(\.key) == [
        "stage", "step", "total_steps", "epoch", "loss", "learning_rate", "gradient_norm",
        "tokens", "supervised_tokens", "seconds",
      ])
    #expect(steps.compactMap { $0["loss"]?.number } == events.steps.map(\.loss))
    #expect(steps.compactMap { $0["step"]?.integer } == Array(1...12))
    #expect(steps.allSatisfy { $0["stage"]?.string == "train" })
    let evaluations = lines.compactMap { $0["evaluation"]?["loss"]?.number }
    #expect(evaluations == events.evaluations.map(\.loss))
    #expect(lines.count == 12 + 6)
  }

  @Test func learns() throws {
    let events = try place.run(text)
    let evaluations = events.evaluations
    #expect(evaluations[0].loss == evaluations[1].loss, "a new adapter changes nothing")
    #expect(evaluations[4].loss == evaluations[5].loss)
    #expect(evaluations[5].loss < evaluations[0].loss - 0.05)
    let last = try #require(events.steps.last)
    #expect(last.loss < events.steps[0].loss)
    #expect(last.epoch == 3)
    #expect(last.learningRate < events.steps[0].learningRate)
  }

  @Test func writesItsPlanAndAnAdapterThatOpens() throws {
    let plan = try place.plan(text).plan
    try place.run(text)
    let json = try JSONValue(parsing: String(decoding: place.bytes("run/plan.json"), as: UTF8.self))
    #expect(json == plan.json)
    let adapter = try AdapterFiles.open(place.path("adapter"))
    #expect(adapter.configuration.rank == 4)
    #expect(adapter.configuration.alpha == 16)
    #expect(adapter.tensors.count == 2 * 2 * 7)
    let largest = adapter.tensors.filter { $0.name.contains("lora_B") }.map { tensor in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: tensor.shape.count) { values in
        tensor.readFloat32(into: values)
        return values.map(abs).max() ?? 0
      }
    }
    #expect(largest.allSatisfy { $0 > 0 }, "every update has moved from nothing")
  }

  @Test func givesTheSameBytesTwice() throws {
    try place.run(text)
    let (adapter, metrics) = try (
      place.bytes("adapter/adapter_model.safetensors"), place.bytes("run/metrics.jsonl")
    )
    try place.run(text, mode: .overwrite)
    #expect(try place.bytes("adapter/adapter_model.safetensors") == adapter)
    #expect(try place.bytes("run/metrics.jsonl") == metrics)
  }

  @Test func usesTheMemoryThatWasPlanned() throws {
    let run = try place.plan(text)
    let planned = run.stages[1].memory
    for case .memory(let use) in try place.run(text) {
      #expect(use.trainableBytes == planned.trainableBytes)
      #expect(use.gradientBytes == planned.gradientBytes)
      #expect(use.optimizerBytes == planned.optimizerBytes)
      #expect(use.activationBytes == planned.activationBytes)
      #expect(use.workspaceBytes == planned.workspaceBytes)
      #expect(use.gradientBytes > 0 && use.activationBytes > 0)
    }
  }

  @Test func goesOnWithTheSameAdapterInASecondStage() throws {
    let events = try place.run(
      place.text(
        Workplace.lora(rest: "evaluate: {data: rows.eval, every: 1 epoch}")
          + Workplace.lora(
            "r: 4, alpha: 16, dropout: 0.1, target_modules: all-linear",
            rest: "evaluate: {data: rows.eval, every: 1 epoch}")
          + place.export("adapter", "adapter")))
    let evaluations = events.evaluations
    #expect(evaluations[3].stage == "train" && evaluations[4].stage == "train-2")
    #expect(evaluations[3].loss == evaluations[4].loss)
    let losses = events.steps.map(\.loss)
    #expect(losses[12...].reduce(0, +) < losses[..<12].reduce(0, +))
  }

  @Test func trainsAllWeightsWithTheAdapterMergedIntoThem() throws {
    let evaluate = "evaluate: {data: rows.eval, every: 1 epoch}"
    let full = Workplace.lora(rest: evaluate).replacing(
      "{lora: {r: 4, alpha: 16, target_modules: all-linear}}", with: "{full: {}}")
    let events = try place.run(
      place.text(
        Workplace.lora(rest: evaluate) + full + Workplace.lora("r: 2, alpha: 4", rest: evaluate)
          + place.export("merged", "merged")))
    let evaluations = events.evaluations
    #expect(abs(evaluations[3].loss - evaluations[4].loss) < 1e-5)
    #expect(abs(evaluations[7].loss - evaluations[8].loss) < 1e-5)
    #expect(evaluations[11].loss < evaluations[0].loss)
    let other = try Workplace()
    let again = try other.run(
      other.text(model: "load: \(place.path("merged"))", "  - evaluate: {data: rows.eval}"))
    #expect(abs(again.evaluations[0].loss - evaluations[11].loss) < 1e-5)
  }

  @Test(arguments: ["float32", "bfloat16"])
  func exportsAMergedModelThatMeasuresTheSame(dtype: String) throws {
    let model = Workplace.createdModel + "\n  dtype: \(dtype)"
    let events = try place.run(
      place.text(
        model: model,
        Workplace.lora() + "  - evaluate: {data: rows.eval}\n" + place.export("merged", "merged")))
    let again = try place.run(
      place.text(
        model: "load: merged\n  dtype: \(dtype)", "  - evaluate: {data: rows.eval}"),
      mode: .overwrite)
    let (first, second) = try (
      #require(events.evaluations.last).loss, #require(again.evaluations.last).loss
    )
    #expect(abs(first - second) <= (dtype == "float32" ? 1e-5 : 2e-2))
  }

  @Test func beginsWithTheAdapterThatAnotherRunExported() throws {
    let first = try place.run(
      place.text(
        Workplace.lora() + "  - evaluate: {data: rows.eval}\n" + place.export("adapter", "adapter"))
    )
    let method = "r: 4, alpha: 16, target_modules: all-linear, init: adapter"
    let second = try place.run(
      place.text(
        Workplace.lora(method, rest: "evaluate: {data: rows.eval, every: 1 epoch}")),
      mode: .overwrite)
    #expect(first.evaluations[0].loss == second.evaluations[0].loss)
    let wrongRank = place.prepare(
      place.text(Workplace.lora(method.replacing("r: 4", with: "r: 8"))))
    let problem = try #require(wrongRank.diagnostics.first(.tensorShapeMismatch))
    #expect(problem.path == "stages[0].train.method.lora.init")
    #expect(problem.span != nil)
    let wrongScale = place.prepare(
      place.text(Workplace.lora(method.replacing("alpha: 16", with: "alpha: 8"))))
    #expect(wrongScale.diagnostics.first(.invalidAdapter)?.span != nil)
  }
}
