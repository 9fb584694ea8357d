import JSONSyntax
import Models
import Testing

/// The table of PEFT's decisions: which modules, which rank and scaling, how many weights.
struct MatchingTests {
  static func model() throws -> ModelDescription {
    var config = try #require(Fixture.json("matching.json")["config"]?.object)
    config["rms_norm_eps"] = 1e-6
    config["max_position_embeddings"] = 64
    return ModelDescription(try ModelConfiguration(json: .object(config)))
  }

  static func cases() throws -> [JSONValue] {
    try #require(Fixture.json("matching.json")["cases"]?.array)
  }

  /// The specification that a case's `LoraConfig` arguments say.
  static func specification(_ arguments: JSONValue) throws -> LoRASpecification {
    var result = LoRASpecification(
      rank: arguments["r"]?.integer ?? 8, alpha: arguments["lora_alpha"]?.number ?? 8)
    switch arguments["target_modules"] {
    case .string(let text) where text.lowercased() == "all-linear": result.targets = .allLinear
    case .string(let text): result.targets = .pattern(text)
    case let list?: result.targets = .list(list.strings)
    case nil: result.targets = .familyDefault
    }
    if let exclude = arguments["exclude_modules"] {
      result.exclude = exclude.string.map { .pattern($0) } ?? .list(exclude.strings)
    }
    if let layers = arguments["layers_to_transform"] {
      result.layersToTransform = layers.integer.map { [$0] } ?? layers.integers
    }
    if let pattern = arguments["layers_pattern"] {
      result.layersPattern = pattern.string.map { [$0] } ?? pattern.strings
    }
    result.rankPattern = (arguments["rank_pattern"]?.object?.members ?? []).map {
      .init($0.key, $0.value.integer ?? 0)
    }
    result.alphaPattern = (arguments["alpha_pattern"]?.object?.members ?? []).map {
      .init($0.key, $0.value.number ?? 0)
    }
    result.modulesToSave = arguments["modules_to_save"]?.strings ?? []
    result.useRSLoRA = arguments["use_rslora"]?.bool ?? false
    switch arguments["trainable_token_indices"] {
    case .object(let object)?:
      result.trainableTokens = object.members.map { .init(module: $0.key, ids: $0.value.integers) }
    case let list?: result.trainableTokens = [.init(ids: list.integers)]
    case nil: break
    }
    result.start =
      arguments["init_lora_weights"]?.string.flatMap(LoRASpecification.Start.init)
      ?? .kaimingUniform
    result.useDoRA = arguments["use_dora"]?.bool ?? false
    result.loraBias = arguments["lora_bias"]?.bool ?? false
    result.dropout = arguments["lora_dropout"]?.number ?? 0
    result.bias = arguments["bias"]?.string.flatMap(LoRASpecification.Bias.init) ?? .none
    return result
  }

  /// Cases in which an entry matches nothing; PEFT goes on with the others.
  static let dead = [
    "suffix must follow a dot": "proj", "dead entry beside a live one": "query",
    "a list is literal, not a regex": "model.layers.(1|2).mlp.up_proj",
  ]

  @Test func theModuleTreeIsThatOfTransformers() throws {
    let model = try Self.model()
    let expected = try #require(Fixture.json("matching.json")["modules"]?.array)
    #expect(model.moduleTree.modules.map(\.path) == expected.map { $0["name"]?.string })
    for entry in expected {
      let path = try #require(entry["name"]?.string)
      for member in entry["parameters"]?.object?.members ?? [] {
        let parameter = try #require(model.parameter("\(path).\(member.key)"))
        #expect(parameter.shape.dimensions == member.value.integers)
        #expect(parameter.module == path)
      }
    }
    let count = expected.reduce(0) { $0 + ($1["parameters"]?.object?.members.count ?? 0) }
    #expect(model.parameters.count == count)
  }

  @Test func everyCaseThatPEFTAcceptsIsMatchedTheSame() throws {
    let model = try Self.model()
    var checked = 0
    for entry in try Self.cases() where entry["error"] == nil {
      let name = try #require(entry["case"]?.string)
      if Self.dead[name] != nil { continue }
      let specification = try Self.specification(#require(entry["arguments"]))
      let plan = try Adaptation.lora(specification).plan(for: model)
      let expected = try #require(entry["adapted"]?.array)
      // The oracle lists linear modules only.
      let adapted = plan.adapted.filter { $0.path != "model.embed_tokens" }
      #expect((adapted.count < plan.adapted.count) == (entry["adapts_embedding"]?.bool ?? false))
      #expect(adapted.map(\.path) == expected.map { $0["name"]?.string }, "\(name)")
      #expect(adapted.map(\.rank) == expected.map { $0["r"]?.integer }, "\(name)")
      #expect(adapted.map(\.alpha) == expected.map { $0["alpha"]?.number }, "\(name)")
      #expect(adapted.map(\.scaling) == expected.map { $0["scaling"]?.number }, "\(name)")
      let saved = entry["saved"]?.strings.filter { !$0.isEmpty }
      #expect(plan.savedModules == saved, "\(name)")
      let biases = entry["trainable_biases"]?.strings.filter { !$0.contains("modules_to_save") }
      #expect(plan.trainedBiases == biases, "\(name)")
      #expect(plan.count.line == entry["trainable_line"]?.string, "\(name)")
      checked += 1
    }
    #expect(checked >= 50)
  }

  @Test func everyCaseThatPEFTRefusesIsRefused() throws {
    let model = try Self.model()
    for entry in try Self.cases() where entry["error"] != nil {
      let specification = try Self.specification(#require(entry["arguments"]))
      #expect(throws: ModelError.self, "\(entry["case"]?.string ?? "")") {
        try Adaptation.lora(specification).plan(for: model)
      }
    }
  }

  @Test func anEntryThatMatchesNothingIsAnErrorThatNamesNearOnes() throws {
    let model = try Self.model()
    for entry in try Self.cases() {
      guard let name = entry["case"]?.string, let dead = Self.dead[name] else { continue }
      let specification = try Self.specification(#require(entry["arguments"]))
      let error = #expect(throws: ModelError.self) {
        try Adaptation.lora(specification).plan(for: model)
      }
      guard case .deadTarget(let found, _) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(found == dead)
    }
    let typo = LoRASpecification(rank: 8, alpha: 8, targets: .list(["q_prj", "v_proj"]))
    let error = #expect(throws: ModelError.self) { try Adaptation.lora(typo).plan(for: model) }
    guard case .deadTarget("q_prj", let near) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(near.first == "q_proj")
    #expect(error?.help == "near names: " + near.map { "`\($0)`" }.joined(separator: ", "))
  }

  @Test func aNameThatIsTakenForAPatternIsToldHowANameIsWritten() throws {
    let text = LoRASpecification(rank: 8, alpha: 8, targets: .pattern("q_proj"))
    let model = try Self.model()
    let error = #expect(throws: ModelError.self) { try Adaptation.lora(text).plan(for: model) }
    #expect(error?.help?.contains("write `[q_proj]`") == true)
  }

  @Test func aPlanTellsWhatMatchedWhatAndWhatDidNot() throws {
    let specification = LoRASpecification(
      rank: 8, alpha: 8, targets: .list(["q_proj", "self_attn.q_proj", "v_proj"]),
      exclude: .list(["layers.3.self_attn.v_proj", "nothing"]), layersToTransform: [2, 3, 77],
      rankPattern: [.init("k_proj", 2)], alphaPattern: [.init("v_proj", 4)],
      modulesToSave: ["absent"])
    let plan = try Adaptation.lora(specification).plan(for: Self.model())
    #expect(plan.targets.map(\.count) == [2, 2, 1])
    #expect(plan.excluded == ["model.layers.3.self_attn.v_proj"])
    #expect(plan.adaptedLayers == [2, 3])
    #expect(
      plan.unmatched.map { [$0.key, $0.entry] } == [
        ["exclude_modules", "nothing"], ["rank_pattern", "k_proj"],
        ["modules_to_save", "absent"], ["layers_to_transform", "77"],
      ])
  }

  @Test(arguments: [
    (LoRASpecification(rank: 8, alpha: 8, targets: .pattern("(")), "invalid-pattern"),
    (LoRASpecification(rank: 8, alpha: 8, targets: .list(["mlp"])), "unsupported-target"),
    (LoRASpecification(rank: 8, alpha: 8, targets: .list(["norm"])), "unsupported-target"),
    (LoRASpecification(rank: 0, alpha: 8), "value-out-of-range"),
    (LoRASpecification(rank: 8, alpha: .nan), "value-out-of-range"),
    (LoRASpecification(rank: 8, alpha: 8, dropout: 1), "value-out-of-range"),
    (
      LoRASpecification(rank: 8, alpha: 8, targets: .allLinear, layersToTransform: [1]),
      "conflicting-keys"
    ),
    (
      LoRASpecification(rank: 8, alpha: 8, targets: .list(["lm_head"]), modulesToSave: ["head"]),
      "unsupported-target"
    ),
  ])
  func whatCannotBeAdaptedIsRefused(specification: LoRASpecification, code: String) throws {
    let model = try Self.model()
    let error = #expect(throws: ModelError.self) {
      try Adaptation.lora(specification).plan(for: model)
    }
    #expect(error?.category.rawValue == code)
  }
}
