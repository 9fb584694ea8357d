import Artifacts
import JSONSyntax
import Models
import Tensors
import Testing
import Training

/// DoRA, biases of updates, embeddings and LoRA+ against PEFT, from adapters that PEFT wrote.
struct LoRAVariantTests {
  static let names = [
    "dora", "dora-biases", "dora-conv1d", "dora-embedding", "embedding", "embedding-tied",
    "lora-bias", "tokens", "tokens-tied",
  ]

  static func specification(_ name: String) throws -> LoRASpecification {
    var json = try #require(Fixture.json("lora-variants/\(name)/adapter_config.json").object)
    for (key, value) in json.members where value.isNull { json[key] = nil }
    return try MatchingTests.specification(.object(json))
  }

  static func model(_ name: String, on backend: BackendUnderTest, dropout: Double = 0) throws
    -> (ModelUnderTest, JSONValue)
  {
    let oracle = try Fixture.json("lora-variants/\(name)/oracle.json")
    var specification = try specification(name)
    specification.dropout = dropout
    let model = try ModelUnderTest(
      #require(oracle["base"]?.string), .lora(specification),
      adapter: Fixture.tensors("lora-variants/\(name)/adapter_model.safetensors"), on: backend)
    return (model, oracle)
  }

  @Test(arguments: names)
  func thePlanHasExactlyTheTensorsOfTheAdapterFile(name: String) throws {
    let (model, oracle) = try Self.model(name, on: .reference)
    let plan = try #require(model.plan)
    let file = try SafetensorsFile.open(
      Fixture.path("lora-variants/\(name)/adapter_model.safetensors"))
    // PEFT saves the base's table beside an adapted embedding.
    let tensors = file.tensors.filter { !$0.name.hasSuffix(".base_layer.weight") }
    #expect(Set(plan.trainable.compactMap(\.adapterKey)) == Set(tensors.map(\.name)))
    for tensor in tensors {
      let parameter = try #require(plan.parameter(forAdapterKey: tensor.name))
      #expect(parameter.fileShape == tensor.shape, "\(tensor.name)")
    }
    #expect(plan.count.line == oracle["trainable_line"]?.string)
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func logitsLossAndEveryGradientAreThoseOfPEFT(name: String, backend: BackendUnderTest) throws {
    let (model, oracle) = try Self.model(name, on: backend)
    let tensors = try Fixture.tensors("lora-variants/\(name)/oracle.safetensors")
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
      let wanted = parameter.inMemory(try #require(tensors["gradient/\(key)"]))
      #expect(relativeDifference(gradient, wanted) <= 1e-4, "\(key)")
    }
  }

  @Test(arguments: names)
  func mergedWeightsAreThoseOfPEFT(name: String) throws {
    let (model, _) = try Self.model(name, on: .reference)
    let plan = try #require(model.plan)
    let wanted = try Fixture.tensors("lora-variants/\(name)/merged.safetensors")
    if !plan.modulesWithoutPlaceForBias(in: model.description).isEmpty {
      #expect(wanted.isEmpty, "PEFT has no place either")
      return
    }
    var changed: Set<String> = []
    for tensor in plan.mergedTensors(of: model.description)
    where tensor.isChanged {
      changed.insert(tensor.name)
      let found = try model.merged(tensor)
      #expect(
        relativeDifference(found, try #require(wanted[tensor.name])) <= 1e-5, "\(tensor.name)")
    }
    // A head that is tied to an adapted table is told apart by PEFT only as a copy.
    #expect(Set(wanted.keys).subtracting(["lm_head.weight"]) == changed)
  }

  @Test(arguments: BackendUnderTest.allCases)
  func withDropoutTheLengthsScaleWhatTheUpdateSees(backend: BackendUnderTest) throws {
    let (plain, oracle) = try Self.model("dora", on: backend)
    let (dropping, _) = try Self.model("dora", on: backend, dropout: 0.5)
    let batch = try TokenBatch(oracle)
    #expect(try plain.logits(batch) == dropping.logits(batch))
    // Lengths of exactly the weights' own leave the base's result, whatever is dropped: the update
    // is taken away, and m/n = 1.
    for parameter in dropping.plan?.trainable ?? [] where parameter.name.contains("lora_B") {
      let entry = try #require(dropping.trained.layout.entries.first { $0.name == parameter.name })
      for index in 0..<entry.shape.count {
        dropping.trained.weights.floats[entry.offset + index] = 0
      }
    }
    for module in dropping.plan?.adapted ?? [] {
      let weight = try #require(dropping.weights[module.path + ".weight"])
      let name = module.nameOfMagnitude
      let entry = try #require(dropping.trained.layout.entries.first { $0.name == name })
      let width = weight.count / entry.shape.count
      for output in 0..<entry.shape.count {
        let row = weight[output * width..<(output + 1) * width]
        dropping.trained.weights.floats[entry.offset + output] =
          row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
    }
    let base = try ModelUnderTest("llama-gqa-tied", nil, on: backend)
    let expected = try base.loss(batch, scale: 1, base.lossRunner(batch, backward: false))
    let found = try dropping.loss(batch, scale: 1, dropping.lossRunner(batch))
    #expect(abs(found - expected) <= 1e-4 * expected)
  }

  static func cases() throws -> [JSONValue] {
    try #require(Fixture.json("lora-variants/oracle.json")["cases"]?.array)
  }

  @Test(arguments: 0..<12, BackendUnderTest.allCases)
  func tenStepsAreThoseOfPEFT(index: Int, backend: BackendUnderTest) throws {
    let cases = try Self.cases()
    #expect(cases.count == 12)
    let entry = cases[index]
    let name = try #require(entry["name"]?.string)
    let (model, _) = try Self.model(#require(entry["adapter"]?.string), on: backend)
    let plan = try #require(model.plan)
    let rate = try #require(entry["learning_rate"]?.number)
    let optimizer = Optimizer(
      .adamw(.init()), weightDecay: try #require(entry["weight_decay"]?.number))
    let groups = try zip(plan.trainable, plan.layout.entries).map { parameter, place in
      let range = place.offset..<place.offset + place.shape.count
      guard let ratio = entry["loraplus_ratio"]?.number else {
        return Optimizer.Group(range: range)
      }
      switch plan.loraPlusRole(of: parameter, in: model.description) {
      case .first: return Optimizer.Group(range: range)
      case .second(let decays):
        return Optimizer.Group(range: range, rateFactor: ratio, decays: decays)
      case .embedding:
        let own = try #require(entry["loraplus_lr_embedding"]?.number)
        return Optimizer.Group(range: range, rateFactor: own / rate)
      }
    }
    let trained = model.trained
    let count = trained.layout.count
    let states = try (0..<2).map { _ in try AlignedBuffer(byteCount: 4 * count) }
    for state in states { state.floats.update(repeating: 0) }
    let weights = try #require(trained.weights.floats.baseAddress)
    let gradients = try #require(trained.gradients.floats.baseAddress)
    let base = try #require(entry["base"]?.string)
    let batches = try #require(Fixture.json("lora-variants/batches.json")[base]?.array)
    for (step, json) in batches.enumerated() {
      let batch = try TokenBatch(json)
      trained.clearGradients()
      let loss = try model.loss(
        batch, scale: 1 / Float(batch.supervisedTokens), model.lossRunner(batch))
      let expected = try #require(entry["losses"]?.numbers[step])
      #expect(abs(Double(loss) - expected) <= 1e-4 * expected, "\(name), step \(step)")
      let norm = GradientNorm.sumOfSquares(gradients, count: count).squareRoot()
      optimizer.update(
        groups, parameters: weights, gradients: gradients,
        states: states.compactMap(\.floats.baseAddress),
        step: .init(
          number: step + 1, learningRate: rate,
          gradientScale: GradientNorm.clipCoefficient(norm: norm, limit: 1)))
    }
    let final = try Fixture.tensors("lora-variants/\(#require(entry["final"]?.string))")
    #expect(final.count == plan.trainable.count)
    for parameter in plan.trainable {
      let wanted = parameter.inMemory(try #require(final[parameter.adapterKey ?? ""]))
      let found = try trained.value(parameter.name, of: trained.weights)
      #expect(relativeDifference(found, wanted) <= 1e-3, "\(name), \(parameter.name)")
    }
  }
}

extension TrainableParameter {
  /// The values of the adapter's file as they lie in memory.
  func inMemory(_ values: [Float]) -> [Float] {
    guard isTransposedInFile, shape.count == values.count else { return values }
    let (rows, columns) = (shape[0], shape[1])
    return (0..<rows).flatMap { row in (0..<columns).map { values[$0 * rows + row] } }
  }
}

extension ModelUnderTest {
  /// The values of a tensor of the merged model.
  func merged(_ tensor: MergedTensor) throws -> [Float] {
    var values =
      switch tensor.source {
      case .base(let name): try #require(weights[name])
      case .trained(let name): try trained.value(name, of: trained.weights)
      }
    func trainedValue(_ name: String) throws -> [Float] {
      try trained.value(name, of: trained.weights)
    }
    if let update = tensor.update {
      let (b, a) = (try trainedValue(update.rowFactor), try trainedValue(update.columnFactor))
      let magnitude = try update.magnitude.map(trainedValue)
      values.withUnsafeMutableBufferPointer { values in
        guard let start = values.baseAddress else { return }
        update.add(rowFactor: b, columnFactor: a, to: start)
        if let magnitude { update.rescale(start, to: magnitude) }
      }
    }
    if let rows = tensor.rows {
      let own = try trainedValue(rows.name)
      let width = tensor.shape[1]
      for (index, row) in rows.ids.enumerated() {
        values.replaceSubrange(
          row * width..<(row + 1) * width, with: own[index * width..<(index + 1) * width])
      }
    }
    if let bias = tensor.bias {
      let added = try trainedValue(bias.name)
      for index in values.indices { values[index] += Float(bias.scaling) * added[index] }
    }
    return values
  }
}
