import JSONSyntax
import Models
import Randomness
import Tensors
import Testing

/// What the fixtures do not reach: embeddings, tied heads, merging, beginnings.
struct AdaptationTests {
  private func batch(_ model: String) throws -> TokenBatch {
    try TokenBatch(Fixture.json("\(model)/oracle.json"))
  }

  /// Draws for every tensor of an adapter, by the names of its file.
  private func randomAdapter(_ plan: AdaptationPlan, base: [String: [Float]]) -> [String: [Float]] {
    var adapter: [String: [Float]] = [:]
    for parameter in plan.trainable {
      guard let key = parameter.adapterKey else { continue }
      var values = [Float](repeating: 0, count: parameter.shape.count)
      values.withUnsafeMutableBufferPointer {
        RandomStream(seed: 5, name: parameter.name).fillNormal($0, deviation: 0.2)
      }
      if case .base(let name) = parameter.source, let original = base[name] {
        values = zip(values, original).map { $0 + $1 }
      }
      adapter[key] = values
    }
    return adapter
  }

  private func adapted(
    _ name: String, _ specification: LoRASpecification
  ) throws -> (ModelUnderTest, AdaptationPlan) {
    let plan = try Adaptation.lora(specification).plan(for: Fixture.description(name))
    let adapter = try randomAdapter(plan, base: Fixture.weights(name))
    let model = try ModelUnderTest(name, .lora(specification), adapter: adapter, on: .reference)
    return (model, plan)
  }

  static let mergeable: [(String, LoRASpecification)] = [
    ("llama-gqa-tied", LoRASpecification(rank: 4, alpha: 8, targets: .allLinear)),
    (
      "llama-gqa-tied",
      LoRASpecification(rank: 4, alpha: 8, targets: .list(["embed_tokens", "o_proj"]))
    ),
    (
      "llama-gqa-tied",
      LoRASpecification(rank: 4, alpha: 8, targets: .list(["q_proj"]), modulesToSave: ["lm_head"])
    ),
    (
      "llama-untied-llama3-rope",
      LoRASpecification(rank: 3, alpha: 8, targets: .list(["lm_head", "down_proj"]))
    ),
    (
      "llama-biases",
      LoRASpecification(
        rank: 4, alpha: 8, bias: .all, targets: .list(["q_proj"]),
        modulesToSave: ["input_layernorm", "up_proj"], useRSLoRA: true)
    ),
  ]

  @Test(arguments: mergeable)
  func aMergedModelGivesTheLogitsOfTheAdaptedOne(
    name: String, specification: LoRASpecification
  ) throws {
    let (model, plan) = try adapted(name, specification)
    var weights: [String: [Float]] = [:]
    for tensor in plan.mergedTensors(of: model.description) {
      var values: [Float]
      switch tensor.source {
      case .base(let name): values = try #require(model.weights[name])
      case .trained(let name):
        values = try model.trained.value(name, of: model.trained.weights)
      }
      #expect(values.count == tensor.shape.count)
      if let update = tensor.update {
        let b = try model.trained.value(update.rowFactor, of: model.trained.weights)
        let a = try model.trained.value(update.columnFactor, of: model.trained.weights)
        values.withUnsafeMutableBufferPointer { target in
          guard let start = target.baseAddress else { return }
          update.add(rowFactor: b, columnFactor: a, to: start)
        }
      }
      weights[tensor.name] = values
    }
    guard case .llama(var configuration) = model.description.configuration else { return }
    if plan.untiesWeights(of: model.description) { configuration.tiesEmbeddings = false }
    let merged = ModelDescription(.llama(configuration))
    #expect(Set(weights.keys) == Set(merged.storedParameters.map(\.name)))
    let batch = try batch(name)
    let rows = batch.realTokens
    let runner = try ProgramRunner(
      LanguageModelProgram.logits(
        merged, batch: batch.batch, length: batch.length, rowCount: rows.count),
      on: model.backend, weights: weights)
    try runner.set(batch)
    try runner.set("rows", rows)
    try runner.run()
    let expected = try model.runner(
      LanguageModelProgram.logits(
        model.description, batch: batch.batch, length: batch.length, rowCount: rows.count))
    try expected.set(batch)
    try expected.set("rows", rows)
    try expected.run()
    let wanted = try expected.output("logits")
    // The same sums in another order.
    #expect(relativeDifference(try runner.output("logits"), wanted) <= 1e-5)
    // The adapter must do something, or the comparison says nothing.
    let base = try ModelUnderTest(name, nil, on: .reference)
    let plain = try base.runner(
      LanguageModelProgram.logits(
        base.description, batch: batch.batch, length: batch.length, rowCount: rows.count))
    try plain.set(batch)
    try plain.set("rows", rows)
    try plain.run()
    #expect(relativeDifference(try plain.output("logits"), wanted) > 0.01)
  }

  @Test func savingTheHeadOfATiedModelUntiesIt() throws {
    let model = try Fixture.description("llama-gqa-tied")
    func unties(_ specification: LoRASpecification) throws -> Bool {
      try Adaptation.lora(specification).plan(for: model).untiesWeights(of: model)
    }
    #expect(try !unties(LoRASpecification(rank: 4, alpha: 8)))
    #expect(try unties(LoRASpecification(rank: 4, alpha: 8, modulesToSave: ["lm_head"])))
    #expect(try unties(LoRASpecification(rank: 4, alpha: 8, targets: .list(["embed_tokens"]))))
    #expect(try !Adaptation.full.plan(for: model).untiesWeights(of: model))
  }

  @Test func aSavedHeadIsTrainedApartFromTheTiedTable() throws {
    let specification = LoRASpecification(
      rank: 4, alpha: 8, targets: .list(["q_proj"]), modulesToSave: ["lm_head"])
    let (model, _) = try adapted("llama-gqa-tied", specification)
    let runner = try model.lossRunner(batch("llama-gqa-tied"))
    let roles = Set(runner.program.values.map(\.role))
    #expect(roles.contains(.gradient("lm_head.weight")))
    #expect(roles.contains(.frozen("model.embed_tokens.weight")))
    #expect(!roles.contains(.gradient("model.embed_tokens.weight")))
  }

  /// Central differences on the loss, along the whole gradient of each factor.
  @Test(arguments: ["lora_embedding_A", "lora_embedding_B"])
  func anEmbeddingsUpdateHasTheRightGradient(factor: String) throws {
    let specification = LoRASpecification(rank: 2, alpha: 4, targets: .list(["embed_tokens"]))
    let (model, plan) = try adapted("llama-gqa-tied", specification)
    let batch = try batch("llama-gqa-tied")
    let name = "model.embed_tokens.\(factor)"
    let parameter = try #require(plan.trainable.first { $0.name == name })
    #expect(parameter.isTransposedInFile == (factor == "lora_embedding_A"))
    #expect(
      parameter.fileShape == (factor == "lora_embedding_A" ? Shape(2, 96) : Shape(32, 2)))
    let runner = try model.lossRunner(batch)
    let scale = 1 / Float(batch.supervisedTokens)
    _ = try model.loss(batch, scale: scale, runner)
    let gradient = try model.trained.value(name, of: model.trained.gradients)
    let size = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    try #require(size > 1e-3)
    let offset = try #require(model.trained.layout.offset(of: name))
    func loss(moved distance: Float) throws -> Float {
      for (index, slope) in gradient.enumerated() {
        model.trained.weights.floats[offset + index] += distance * slope / size
      }
      return try model.loss(batch, scale: scale, runner)
    }
    let step: Float = 0.02
    let above = try loss(moved: step)
    let below = try loss(moved: -2 * step)
    #expect(abs((above - below) / (2 * step) - size) <= 0.02 * size)
  }

  @Test func aTargetThatTheLossReadsDirectlyIsRefusedInTraining() throws {
    let model = try Fixture.description("llama-untied-llama3-rope")
    let plan = try Adaptation.lora(
      LoRASpecification(rank: 4, alpha: 8, targets: .list(["lm_head"]))
    ).plan(for: model)
    let program = try LanguageModelProgram.training(model, batch: 1, length: 4)
    let error = #expect(throws: ModelError.self) {
      try plan.adapting(program, of: model, isTraining: true)
    }
    #expect(error?.category == .unsupportedTarget)
    #expect(error?.message.contains("`lm_head`") ?? false)
  }

  @Test func olderNamesOfBiasesAreUnderstood() throws {
    let plan = try Adaptation.lora(
      LoRASpecification(rank: 4, alpha: 8, bias: .all, targets: .list(["q_proj"]))
    ).plan(for: Fixture.description("llama-biases"))
    let path = "base_model.model.model.layers.0.self_attn"
    let wanted = "model.layers.0.self_attn.q_proj.bias"
    #expect(plan.parameter(forAdapterKey: "\(path).q_proj.base_layer.bias")?.name == wanted)
    #expect(plan.parameter(forAdapterKey: "\(path).q_proj.bias")?.name == wanted)
    #expect(plan.parameter(forAdapterKey: "\(path).k_proj.bias") != nil)
    #expect(plan.parameter(forAdapterKey: "\(path).z_proj.bias") == nil)
    #expect(plan.parameter(forAdapterKey: "bias") == nil)
  }

  @Test func aNewUpdateBeginsAsPEFTs() throws {
    let plan = try Adaptation.lora(LoRASpecification(rank: 4, alpha: 8)).plan(
      for: Fixture.description("llama-gqa-tied"))
    for parameter in plan.trainable {
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: parameter.shape.count)
      defer { buffer.deallocate() }
      buffer.initialize(repeating: 9)
      parameter.fill(into: buffer, seed: 1)
      if parameter.name.hasSuffix("lora_B.weight") {
        #expect(buffer.allSatisfy { $0 == 0 })
      } else {
        let bound = 1 / Float(parameter.shape.columns).squareRoot()
        #expect(buffer.allSatisfy { abs($0) <= bound })
        #expect((buffer.max() ?? 0) > 0.8 * bound && (buffer.min() ?? 0) < -0.8 * bound)
      }
    }
  }

  @Test func aCreatedModelBeginsAsTransformers() throws {
    let configuration = try LlamaConfiguration(
      vocabularySize: 512, hiddenSize: 64, intermediateSize: 96, layerCount: 1, headCount: 4,
      hasAttentionBias: true, initializerRange: 0.05, paddingTokenID: 3)
    let description = ModelDescription(.llama(configuration))
    func filled(_ name: String, seed: UInt64) throws -> [Float] {
      let parameter = try #require(description.parameter(name))
      var values = [Float](repeating: 9, count: parameter.shape.count)
      values.withUnsafeMutableBufferPointer { parameter.fill(into: $0, seed: seed) }
      return values
    }
    #expect(try filled("model.norm.weight", seed: 1).allSatisfy { $0 == 1 })
    #expect(try filled("model.layers.0.self_attn.q_proj.bias", seed: 1).allSatisfy { $0 == 0 })
    let table = try filled("model.embed_tokens.weight", seed: 1)
    #expect(table[3 * 64..<4 * 64].allSatisfy { $0 == 0 })
    #expect(table[4 * 64] != 0)
    for name in ["model.embed_tokens.weight", "lm_head.weight"] {
      let values = try filled(name, seed: 1)
      let deviation =
        (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot()
      // 32,768 draws: the deviation is known to about 0.4 %.
      #expect(abs(deviation - 0.05) < 0.001)
    }
    #expect(try table != filled("lm_head.weight", seed: 1))
    #expect(try table != filled("model.embed_tokens.weight", seed: 2))
    #expect(try table == filled("model.embed_tokens.weight", seed: 1))
  }

  @Test(arguments: [
    (0, 0, "trainable params: 0 || all params: 0 || trainable%: 0.0000"),
    (
      884_736, 223_788_288,
      "trainable params: 884,736 || all params: 223,788,288 || trainable%: 0.3953"
    ),
    (1, 1000, "trainable params: 1 || all params: 1,000 || trainable%: 0.1000"),
    (999, 999, "trainable params: 999 || all params: 999 || trainable%: 100.0000"),
  ])
  func theCountIsPrintedAsPEFTDoes(trainable: Int, all: Int, line: String) {
    #expect(ParameterCount(trainable: trainable, all: all).line == line)
  }
}
