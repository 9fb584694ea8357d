import JSONSyntax
import Models
import Tensors
import Testing

/// Some of a model's own weights are trained, the others stay.
struct WeightSelectionTests {
  private static func plan(
    _ selection: WeightSelection, of name: String = "llama-linear-rope"
  ) throws -> AdaptationPlan {
    try Adaptation.partial(selection).plan(for: Fixture.description(name))
  }

  @Test func theLastBlocksAndAHeadOfItsOwnAreTrained() throws {
    let untied = try Self.plan(
      WeightSelection(trainLast: 1), of: "llama-untied-llama3-rope")
    #expect(
      untied.trainable.allSatisfy {
        $0.name.hasPrefix("model.layers.1.") || $0.name == "lm_head.weight"
      })
    #expect(untied.trainable.count == 9 + 1)
    let tied = try Self.plan(WeightSelection(trainLast: 1), of: "llama-gqa-tied")
    #expect(tied.trainable.count == 9, "the head is the table of the tokens")
    // Two equal blocks, the table and the last norm.
    #expect(tied.count.all == 2 * tied.count.trainable + 32 * 96 + 32)
    let last = try Self.plan(WeightSelection(trainLast: 2))
    let parts = last.trainable.map { $0.name.split(separator: ".") }
    #expect(Set(parts.filter { $0.count > 2 }.map { $0[2] }) == ["1", "2"])
    let gpt2 = try Self.plan(WeightSelection(trainLast: 1), of: "families/gpt2")
    #expect(gpt2.trainable.allSatisfy { $0.name.hasPrefix("transformer.h.1.") })
  }

  @Test func whatIsFrozenByNameOrPatternStays() throws {
    let names = try Self.plan(
      WeightSelection(freeze: .list(["embed_tokens", "layers.0", "mlp"])))
    #expect(
      names.trainable.allSatisfy {
        !$0.name.contains("embed_tokens") && !$0.name.contains("layers.0.")
          && !$0.name.contains(".mlp.")
      })
    #expect(names.trainable.contains { $0.name == "model.layers.1.self_attn.q_proj.weight" })
    let pattern = try Self.plan(
      WeightSelection(freeze: .pattern(#".*(norm|proj)\.weight"#)))
    #expect(pattern.trainable.map(\.name) == ["model.embed_tokens.weight", "lm_head.weight"])
    let both = try Self.plan(
      WeightSelection(trainLast: 1, freeze: .list(["self_attn", "lm_head"])))
    #expect(
      both.trainable.allSatisfy {
        $0.name.hasPrefix("model.layers.2.") && !$0.name.contains("self_attn")
      })
  }

  @Test func deadEntriesTooManyBlocksAndNothingLeftAreErrors() throws {
    #expect(throws: ModelError.deadEntry(key: "freeze", entry: "model.layer", near: [])) {
      try Self.plan(WeightSelection(freeze: .pattern("model.layer")))
    }
    let error = #expect(throws: ModelError.self) {
      try Self.plan(WeightSelection(freeze: .list(["q_porj"])))
    }
    guard case .deadEntry("freeze", "q_porj", let near)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(near.first == "q_proj")
    #expect(error?.category == .deadTarget && error?.help != nil)
    #expect(throws: ModelError.self) { try Self.plan(WeightSelection(trainLast: 4)) }
    #expect(throws: ModelError.nothingTrainable) {
      try Self.plan(WeightSelection(freeze: .pattern(".*")))
    }
  }

  @Test(arguments: BackendUnderTest.allCases)
  func theTrainedWeightsHaveTheGradientsThatTheyHaveAmongAll(backend: BackendUnderTest) throws {
    let oracle = try Fixture.json("llama-linear-rope/oracle.json")
    let tensors = try Fixture.tensors("llama-linear-rope/oracle.safetensors")
    let model = try ModelUnderTest(
      "llama-linear-rope", .partial(WeightSelection(trainLast: 1)), on: backend)
    let batch = try TokenBatch(oracle)
    let runner = try model.lossRunner(batch)
    _ = try model.loss(batch, scale: 1 / Float(batch.supervisedTokens), runner)
    for parameter in try #require(model.plan).trainable {
      let gradient = try model.trained.value(parameter.name, of: model.trained.gradients)
      let wanted = try #require(tensors["gradient/\(parameter.name)"])
      #expect(relativeDifference(gradient, wanted) <= 1e-4, "\(parameter.name)")
    }
    // Nothing below the trained block is differentiated.
    let below = runner.program.operations.filter { $0.label.hasPrefix("model.layers.0.") }
    let forward = try LanguageModelProgram.training(
      model.description, batch: batch.batch, length: batch.length
    ).operations.filter { $0.label.hasPrefix("model.layers.0.") }
    #expect(below.count == forward.count)
  }
}
