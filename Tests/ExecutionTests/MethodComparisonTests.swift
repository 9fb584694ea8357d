import Diagnostics
import JSONSyntax
import Pipelines
import Planning
import Testing

/// Methods side by side on tiny models.
struct MethodComparisonTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func planning(_ text: String) throws -> Replanning {
    Replanning(
      try place.plan(text), backend: place.backend, honeVersion: "test",
      calibration: Calibration { _ in 1e-9 })
  }

  private func cost(_ variant: MethodVariant, _ text: String) throws -> MethodCost {
    try MethodComparison.cost(.variant(title: "x", variant), of: planning(text))
  }

  private var lora: String {
    place.text(
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj, v_proj]")
        + "  - evaluate: {data: rows.eval}\n" + place.export("adapter", "adapter"))
  }

  private var full: String {
    lora.replacing(
      "{lora: {r: 4, alpha: 16, target_modules: [q_proj, v_proj]}}", with: "{full: {}}"
    ).replacing("adapter: ", with: "merged: ")
  }

  @Test func theOwnMethodCostsWhatThePlanSays() throws {
    let plan = try place.plan(lora).plan
    let cost = try cost(.lora(.init()), lora)
    #expect(cost.trainableParameters == 896)
    #expect(cost.peakBytes == plan.memory.peakBytes)
    #expect(cost.steps == 12)
    #expect(cost.resultBytes == 896 * 4)
    #expect(cost.checkpointBytes == 896 * 4 * 3)
    #expect(cost.memory.optimizerBytes == 896 * 8)
    #expect(cost.assumption == nil)
  }

  @Test func anotherMethodCostsWhatItsOwnPipelineWould() throws {
    let other = try place.plan(full).plan
    let cost = try cost(.full, lora)
    #expect(cost.peakBytes == other.memory.peakBytes)
    #expect(cost.memory.optimizerBytes == 8 * other.model.parameterCount)
    #expect(cost.trainableParameters == other.model.parameterCount)
    #expect(cost.resultBytes == 4 * other.model.parameterCount)
    guard case .train(let training) = other.stages[0].work else {
      Issue.record("the first stage trains")
      return
    }
    #expect(cost.trainingOperations == training.floatingPointOperations)
    #expect(cost.operationsPerStep == training.floatingPointOperations / 12)
  }

  /// Beams take more memory here than training does: the table shows both, and training's parts.
  @Test func memoryIsThatOfTrainingBesideTheRunsPeak() throws {
    let text =
      lora + "  - generate: {prompts: [\"the cat\"], num_beams: 32, max_new_tokens: 60}\n"
    let plan = try place.plan(text).plan
    let cost = try cost(.lora(.init()), text)
    #expect(cost.peakBytes == plan.memory.peakBytes)
    #expect(plan.memory.optimizerBytes == 0, "the peak is the generation")
    #expect(cost.memory.optimizerBytes == 896 * 8)
    #expect(cost.memory.peakBytes < cost.peakBytes)
    let lines = MethodComparison([cost]).text().split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("memory in training") })
  }

  @Test func settingsOfLoRACanBeOthers() throws {
    var changes = MethodVariant.LoRAChanges()
    changes.rank = 8
    #expect(try cost(.lora(changes), lora).trainableParameters == 1792)
    changes.targetModules = ["q_proj"]
    #expect(try cost(.lora(changes), lora).trainableParameters == 2 * 8 * 64)
    changes.targetModules = ["all-linear"]
    #expect(try cost(.lora(changes), lora).method == "r 8 on 14 modules")
  }

  @Test func whatThePipelineDoesNotSayIsAssumedAndToldSo() throws {
    let cost = try cost(.lora(.init()), full)
    #expect(cost.method == "r 8 on 4 modules", "PEFT's choice for llama is q_proj and v_proj")
    #expect(cost.assumption == "r 8, alpha 16, the family's usual target modules")
    let table = MethodComparison([cost]).text()
    #expect(table.contains("`x` takes r 8, alpha 16, the family's usual target modules"))
  }

  @Test func aMethodThatCannotBePlannedSaysWhy() throws {
    var changes = MethodVariant.LoRAChanges()
    changes.targetModules = ["q_prj"]
    do {
      _ = try cost(.lora(changes), lora)
      Issue.record("there is no such module")
    } catch let error as DiagnosticError {
      #expect(error.diagnostics.map(\.code) == [.deadTarget])
    }
  }

  @Test func theTableIsAlignedAndHoldsEachAgainstAllWeights() throws {
    let planning = try planning(lora)
    let comparison = MethodComparison([
      try MethodComparison.cost(.variant(title: "full", .full), of: planning),
      try MethodComparison.cost(.variant(title: "lora", .lora(.init())), of: planning),
    ])
    let lines = comparison.text().split(separator: "\n").map(String.init)
    #expect(lines[0].hasSuffix("of full"))
    let trainable = try #require(lines.first { $0.hasPrefix("trainable parameters") })
    #expect(trainable.hasSuffix(" %"))
    let end = try #require(lines[0].range(of: " full")?.upperBound)
    let width = lines[0].distance(from: lines[0].startIndex, to: end)
    for line in lines.dropFirst() {
      let cell = line.prefix(width)
      #expect(cell.last != " " && (line.count <= width || line.dropFirst(width).first == " "))
    }
    #expect(lines.contains { $0.hasPrefix("time, estimated") })
    #expect(comparison.json["base"] == "full")
    #expect(comparison.json["methods"]?.array?.count == 2)
    #expect(comparison.json["methods"]?.array?[1]["trainable_parameters"]?.integer == 896)
  }

  @Test func aPipelineThatTrainsNothingHasNothingToCompare() throws {
    let text = place.text("  - evaluate: {data: rows.eval}\n")
    #expect(throws: DiagnosticError.self) { try cost(.full, text) }
  }
}
