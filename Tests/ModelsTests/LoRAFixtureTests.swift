import Artifacts
import JSONSyntax
import Models
import Tensors
import Testing

/// Our adapted models against PEFT, from adapters that PEFT wrote.
struct LoRAFixtureTests {
  static let names = [
    "all-linear", "bias-all", "bias-lora-only", "exclude", "layers-to-transform",
    "modules-to-save", "patterns", "qv", "regex", "rslora",
  ]

  /// The specification of an adapter_config.json; `all-linear` stands there as the list of names.
  static func specification(_ name: String) throws -> LoRASpecification {
    var json = try #require(Fixture.json("adapters/\(name)/adapter_config.json").object)
    for (key, value) in json.members where value.isNull { json[key] = nil }
    return try MatchingTests.specification(.object(json))
  }

  static func model(
    _ name: String, dropout: Double = 0, on backend: BackendUnderTest
  ) throws -> (ModelUnderTest, JSONValue) {
    let oracle = try Fixture.json("adapters/\(name)/oracle.json")
    var specification = try specification(name)
    specification.dropout = dropout
    let model = try ModelUnderTest(
      #require(oracle["base"]?.string), .lora(specification),
      adapter: Fixture.tensors("adapters/\(name)/adapter_model.safetensors"), on: backend)
    return (model, oracle)
  }

  @Test(arguments: names)
  func thePlanHasExactlyTheTensorsOfTheAdapterFile(name: String) throws {
    let (model, oracle) = try Self.model(name, on: .reference)
    let plan = try #require(model.plan)
    let file = try SafetensorsFile.open(Fixture.path("adapters/\(name)/adapter_model.safetensors"))
    #expect(Set(plan.trainable.compactMap(\.adapterKey)) == Set(file.tensors.map(\.name)))
    for tensor in file.tensors {
      let parameter = try #require(plan.parameter(forAdapterKey: tensor.name))
      #expect(parameter.fileShape == tensor.shape, "\(tensor.name)")
    }
    #expect(plan.count.line == oracle["trainable_line"]?.string)
    let expected = try #require(oracle["adapted"]?.array)
    #expect(plan.adapted.map(\.path) == expected.map { $0["name"]?.string })
    #expect(plan.adapted.map(\.rank) == expected.map { $0["r"]?.integer })
    #expect(plan.adapted.map(\.scaling) == expected.map { $0["scaling"]?.number })
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func logitsLossAndEveryGradientAreThoseOfPEFT(name: String, backend: BackendUnderTest) throws {
    let (model, oracle) = try Self.model(name, on: backend)
    let tensors = try Fixture.tensors("adapters/\(name)/oracle.safetensors")
    let batch = try TokenBatch(oracle)
    let logits = try model.logits(batch)
    #expect(try largestDifference(logits, #require(tensors["logits"])) <= 1e-4)

    let loss = try model.loss(
      batch, scale: 1 / Float(batch.supervisedTokens), model.lossRunner(batch))
    let expected = try #require(oracle["loss"]?.number)
    #expect(abs(Double(loss) - expected) <= 1e-5 * expected)
    let keys = try #require(oracle["gradients"]).strings
    #expect(Set(keys) == Set(model.plan?.trainable.compactMap(\.adapterKey) ?? []))
    for key in keys {
      let parameter = try #require(model.plan?.parameter(forAdapterKey: key))
      let gradient = try model.trained.value(parameter.name, of: model.trained.gradients)
      let wanted = try #require(tensors["gradient/\(key)"])
      #expect(relativeDifference(gradient, wanted) <= 1e-4, "\(key)")
    }
  }

  @Test(arguments: BackendUnderTest.allCases)
  func onlyTheTrainedWeightsHaveGradients(backend: BackendUnderTest) throws {
    let (model, oracle) = try Self.model("layers-to-transform", on: backend)
    let runner = try model.lossRunner(TokenBatch(oracle))
    var names: Set<String> = []
    for value in runner.program.values {
      if case .gradient(let name) = value.role { names.insert(name) }
    }
    #expect(names == Set(model.plan?.trainable.map(\.name) ?? []))
    // Nothing below the first adapted module needs a gradient: no embedding gradient, and the
    // products of layer 0's queries and values are never differentiated.
    let kinds = runner.program.operations.map(\.kind.name)
    #expect(!kinds.contains("embedding-gradient"))
    let queries = runner.program.operations.count { $0.label == "model.layers.0.self_attn.q_proj" }
    #expect(queries == 1)
  }

  @Test(arguments: BackendUnderTest.allCases)
  func dropoutActsInTrainingOnlyAndFollowsTheStep(backend: BackendUnderTest) throws {
    let (plain, oracle) = try Self.model("qv", on: backend)
    let (dropping, _) = try Self.model("qv", dropout: 0.5, on: backend)
    let batch = try TokenBatch(oracle)
    #expect(try plain.logits(batch) == dropping.logits(batch))
    let runner = try dropping.lossRunner(batch)
    func loss(step: UInt64) throws -> Float {
      try runner.set(batch)
      try runner.set("targets", batch.targets)
      try runner.set("loss_scale", 1)
      try runner.run(step: step)
      return try runner.output("loss")[0]
    }
    let first = try loss(step: 0)
    #expect(try loss(step: 1) != first)
    #expect(try loss(step: 0) == first)
    let streams = runner.program.operations.compactMap { operation -> String? in
      if case .dropout(let rule) = operation.kind { rule.stream } else { nil }
    }
    #expect(
      Set(streams) == Set((dropping.plan?.adapted ?? []).map { "dropout/" + $0.path }))
  }
}
