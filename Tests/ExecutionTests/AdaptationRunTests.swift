import Artifacts
import Execution
import JSONSyntax
import Planning
import Testing

/// Runs of every variant of LoRA and of some of a model's own weights.
struct AdaptationRunTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// Settings beside `r: 4, alpha: 16`, and those with which the exported adapter goes on.
  static let variants: [(settings: String, goingOn: String)] = [
    ("use_dora: true, dropout: 0.1", "r: 4, alpha: 16, use_dora: true"),
    ("loraplus_ratio: 4", "r: 4, alpha: 16"),
    ("init_lora_weights: gaussian", "r: 4, alpha: 16"),
    ("init_lora_weights: pissa", "r: 8, alpha: 32"),
    ("init_lora_weights: olora, use_dora: true", "r: 8, alpha: 32, use_dora: true"),
    (
      "init_lora_weights: true, trainable_token_indices: [7, 5]",
      "r: 4, alpha: 16, trainable_token_indices: [7, 5]"
    ),
  ]

  @Test(arguments: variants.indices)
  func learnsAndExportsWhatItMeasured(index: Int) throws {
    let (settings, goingOn) = Self.variants[index]
    let targets = "target_modules: [q_proj, down_proj]"
    let events = try place.run(
      place.text(
        "  - evaluate: {name: before, data: rows.eval}\n"
          + Workplace.lora("r: 4, alpha: 16, \(targets), \(settings)")
          + "  - evaluate: {name: after, data: rows.eval}\n" + place.export("adapter", "adapter")
          + place.export("merged", "merged")))
    let losses = events.evaluations.map(\.loss)
    #expect(losses[1] < losses[0] - 0.01)
    let merged = try place.run(
      place.text(model: "load: merged", "  - evaluate: {data: rows.eval}"), mode: .overwrite)
    #expect(abs(merged.evaluations[0].loss - losses[1]) <= 1e-4)
    // The base is drawn from the same seed: the adapter fits the original weights.
    let again = try place.run(
      place.text(
        Workplace.lora(
          "\(goingOn), \(targets), init: adapter",
          rest: "evaluate: {data: rows.eval, every: 1 epoch}")), mode: .overwrite)
    #expect(abs(again.evaluations[0].loss - losses[1]) <= 1e-4)
  }

  @Test func anAdapterThatBeganAsAPartOfTheWeightsIsExportedWithTwiceTheRank() throws {
    let text = place.text(
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj], init_lora_weights: pissa")
        + place.export("adapter", "adapter"))
    let run = try place.plan(text)
    try place.run(text)
    let files = try AdapterFiles.open(place.path("adapter"))
    #expect(files.configuration.rank == 8 && files.configuration.alpha == 32)
    #expect(files.configuration.initialization == .kaimingUniform)
    #expect(files.tensors.allSatisfy { $0.shape.dimensions.contains(8) })
    let bytes = files.tensors.reduce(0) { $0 + 4 * $1.shape.count }
    guard case .export(let plan) = run.plan.stages[1].work else {
      Issue.record("no export")
      return
    }
    #expect(plan.byteCount == bytes)
  }

  @Test func thePlanNamesTheVariantAndCountsWhatIsKept() throws {
    func plan(_ settings: String) throws -> Plan {
      try place.plan(
        place.text(Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj]\(settings)"))
      ).plan
    }
    let plain = try plan("")
    let pissa = try plan(
      ", init_lora_weights: pissa, use_dora: true, use_rslora: true, loraplus_ratio: 8")
    #expect(
      pissa.text().contains("lora r 4 (DoRA, rsLoRA, init pissa, LoRA+ 8) on 2 modules"))
    // Two modules of 32 × 32: the beginnings of both matrices stay, to export the difference.
    #expect(
      pissa.memory.frozenBytes == plain.memory.frozenBytes + 2 * 4 * 4 * (32 + 32))
    let method = pissa.json["stages"]?.array?.first?["method"]
    #expect(method?["init_lora_weights"]?.string == "pissa")
    #expect(method?["use_dora"]?.bool == true && method?["loraplus_ratio"]?.number == 8)
  }

  @Test func biasesOfUpdatesHaveNoPlaceInModulesWithoutOne() throws {
    let text = Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj], lora_bias: true")
    let refused = place.prepare(place.text(text + place.export("merged", "merged")))
    #expect(refused.diagnostics.first(.conflictingKeys)?.span != nil)
    let followed = place.prepare(place.text(text + Workplace.lora("r: 2, alpha: 4")))
    #expect(followed.diagnostics.first(.conflictingKeys) != nil)
    try place.run(place.text(text + place.export("adapter", "adapter")))
    let files = try AdapterFiles.open(place.path("adapter"))
    #expect(files.configuration.hasBias)
    #expect(files.tensors.filter { $0.name.hasSuffix(".lora_B.bias") }.count == 2)
  }

  @Test func anAdapterOfOtherTokensOrAnotherKindIsRefused() throws {
    let settings = "r: 4, alpha: 16, target_modules: [q_proj]"
    try place.run(
      place.text(
        Workplace.lora("\(settings), trainable_token_indices: [7, 5]")
          + place.export("adapter", "adapter")))
    for other in [
      "trainable_token_indices: [5, 7]", "trainable_token_indices: [7, 5], use_dora: true",
    ] {
      let found = place.prepare(
        place.text(Workplace.lora("\(settings), \(other), init: adapter")))
      #expect(found.diagnostics.first(.invalidAdapter)?.help != nil, "\(other)")
    }
  }

  @Test func onlyTheChosenWeightsOfTheModelChange() throws {
    let method = "{full: {train_last: 1, freeze: [mlp]}}"
    let text = place.text(
      place.export("merged", "before")
        + Workplace.lora().replacing(
          "{lora: {r: 4, alpha: 16, target_modules: all-linear}}", with: method)
        + place.export("merged", "after"))
    let run = try place.plan(text)
    #expect(run.plan.text().contains("the last block but mlp"))
    try place.run(text)
    let (before, after) = try (
      Checkpoint.open(place.path("before")), Checkpoint.open(place.path("after"))
    )
    var changed: Set<String> = []
    for (name, tensor) in before.tensors {
      let other = try #require(after.tensors[name])
      func values(_ tensor: StoredTensor) -> [Float] {
        [Float](unsafeUninitializedCapacity: tensor.shape.count) { buffer, count in
          tensor.readFloat32(into: buffer)
          count = tensor.shape.count
        }
      }
      if values(tensor) != values(other) { changed.insert(name) }
    }
    guard case .train(let training) = run.stages[1].work else {
      Issue.record("no training")
      return
    }
    #expect(changed == Set(training.adaptation.trainable.map(\.name)))
    #expect(changed.contains("model.layers.1.self_attn.q_proj.weight"))
    #expect(!changed.contains { $0.contains("mlp") || $0.contains("layers.0") })
  }

  @Test func deadEntriesOfFreezeAreFoundWhereTheyStand() throws {
    let method = "{full: {freeze: [mlpp]}}"
    let found = place.prepare(
      place.text(
        Workplace.lora().replacing(
          "{lora: {r: 4, alpha: 16, target_modules: all-linear}}", with: method)))
    let finding = try #require(found.diagnostics.first(.deadTarget))
    #expect(finding.path == "stages[0].train.method.full.freeze[0]")
    #expect(finding.span != nil && finding.help != nil)
  }
}
