import Artifacts
import Diagnostics
import JSONSyntax
import Tensors
import Testing

struct AdapterTests {
  @Test(arguments: ["defaults", "everything", "pattern"])
  func writesTheTextThatPEFTWrites(name: String) throws {
    let path = "adapters/\(name)/adapter_config.json"
    let configuration = try AdapterConfiguration(Fixture.json(path), path: path)
    #expect(try configuration.text == String(decoding: Fixture.bytes(path), as: UTF8.self))
    #expect(configuration.ignoredKeys.isEmpty)
  }

  @Test func readsEverySetting() throws {
    let path = "adapters/everything/adapter_config.json"
    let configuration = try AdapterConfiguration(Fixture.json(path), path: path)
    #expect(configuration.rank == 16)
    #expect(configuration.alpha == 32)
    #expect(configuration.dropout == 0.05)
    #expect(configuration.bias == .loraOnly)
    #expect(configuration.usesRankStabilizedScaling)
    #expect(configuration.targetModules == .names(["q_proj"]))
    #expect(configuration.excludeModules == .names(["lm_head"]))
    #expect(configuration.modulesToSave == ["embed_tokens"])
    #expect(configuration.layersToTransform == [0, 2])
    #expect(configuration.layersPattern == ["layers"])
    #expect(configuration.rankPattern == [.init("a.q_proj", 4), .init("q_proj", 2)])
    #expect(configuration.alphaPattern == [.init("q_proj", 8)])
    #expect(configuration.initialization == .gaussian)
    #expect(configuration.taskType == "CAUSAL_LM")
    #expect(configuration.baseModel == "models/base")
    #expect(configuration.revision == "main")
  }

  @Test func fillsInPEFTsDefaults() throws {
    let configuration = try AdapterConfiguration(
      ["peft_type": "LORA", "target_modules": ["v_proj"]], path: "a")
    #expect(configuration == AdapterConfiguration(targetModules: .names(["v_proj"])))
    #expect(configuration.rank == 8)
    #expect(configuration.alpha == 8)
  }

  @Test func keepsTheOrderOfPatterns() throws {
    let json = try JSONValue(
      parsing: #"{"peft_type":"LORA","target_modules":["q"],"rank_pattern":{"z":1,"a":2}}"#)
    let configuration = try AdapterConfiguration(json, path: "a")
    #expect(configuration.rankPattern.map(\.pattern) == ["z", "a"])
    let again = try AdapterConfiguration(JSONValue(parsing: configuration.text), path: "a")
    #expect(again == configuration)
  }

  @Test func remembersKeysThatItDoesNotKnow() throws {
    let configuration = try AdapterConfiguration(
      ["peft_type": "LORA", "target_modules": ["v"], "new_thing": 1, "megatron_core": "x"],
      path: "a")
    #expect(configuration.ignoredKeys == ["new_thing"])
  }

  @Test(arguments: [
    ("layer_replication", "[[0, 4]]"),
    ("target_parameters", #"["w"]"#), ("use_qalora", "true"),
    ("megatron_config", #"{"a": 1}"#), ("loftq_config", #"{"bits": 4}"#),
    ("ensure_weight_tying", "true"), ("alora_invocation_tokens", "[1]"),
    ("init_lora_weights", #""pissa_niter_16""#), ("init_lora_weights", #""loftq""#),
    ("use_bdlora", #"{"a": 1}"#), ("eva_config", #"{"rho": 2}"#),
  ])
  func refusesWhatItWouldHaveToDrop(key: String, value: String) throws {
    var object = JSONObject()
    object["peft_type"] = "LORA"
    object["target_modules"] = ["q_proj"]
    object[key] = try JSONValue(parsing: value)
    let error = #expect(throws: ArtifactError.self) {
      try AdapterConfiguration(.object(object), path: "a/adapter_config.json")
    }
    #expect(error?.diagnostic.code == .invalidAdapter)
    #expect(error?.diagnostic.message.contains("`\(key)`") == true)
    #expect(error?.diagnostic.span?.file == "a/adapter_config.json")
  }

  @Test(arguments: [
    ("peft_type", #""IA3""#), ("peft_type", "null"), ("r", "0"), ("r", "1.5"), ("r", #""8""#),
    ("lora_alpha", #""x""#), ("lora_dropout", "1"), ("lora_dropout", "-0.1"),
    ("bias", #""some""#), ("target_modules", "null"), ("target_modules", "[1]"),
    ("rank_pattern", #"{"a": 0}"#), ("alpha_pattern", #"{"a": "b"}"#), ("rank_pattern", "[1]"),
    ("use_rslora", #""yes""#), ("layers_to_transform", #"["a"]"#), ("layers_pattern", #""h""#),
    ("trainable_token_indices", "[-1]"), ("trainable_token_indices", #"{"a": 1}"#),
    ("modules_to_save", "3"), ("task_type", "3"),
  ])
  func refusesValuesThatAreNone(key: String, value: String) throws {
    var object = JSONObject()
    object["peft_type"] = "LORA"
    object["target_modules"] = ["q_proj"]
    object[key] = try JSONValue(parsing: value)
    let error = #expect(throws: ArtifactError.self) {
      try AdapterConfiguration(.object(object), path: "a")
    }
    #expect(error?.diagnostic.code == .invalidAdapter)
  }

  @Test(arguments: ["[7, 1]", #"{"embed_tokens": [7, 1], "wpe": [0]}"#])
  func readsTokensThatAreTrainedAndWritesThemAgain(text: String) throws {
    let value = try JSONValue(parsing: text)
    let configuration = try AdapterConfiguration(
      ["peft_type": "LORA", "target_modules": ["v"], "trainable_token_indices": value], path: "a")
    #expect(configuration.trainableTokens.first?.ids == [7, 1])
    #expect(configuration.json["trainable_token_indices"] == value)
  }

  @Test func refusesABiasOfUpdatesBesideLengths() throws {
    #expect(throws: ArtifactError.adapter(path: "a", .conflictingKeys("lora_bias", "use_dora"))) {
      try AdapterConfiguration(
        ["peft_type": "LORA", "target_modules": ["v"], "lora_bias": true, "use_dora": true],
        path: "a")
    }
  }

  @Test func refusesLayersBesideOneString() throws {
    #expect(
      throws: ArtifactError.adapter(
        path: "a", .conflictingKeys("layers_to_transform", "target_modules"))
    ) {
      try AdapterConfiguration(
        ["peft_type": "LORA", "target_modules": ".*", "layers_to_transform": 1], path: "a")
    }
  }

  @Test(arguments: [
    (
      AdapterTensorName.part(.loraA, module: "model.layers.0.self_attn.q_proj"),
      "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    ),
    (.part(.loraB, module: "x"), "base_model.model.x.lora_B.weight"),
    (.part(.loraBias, module: "x"), "base_model.model.x.lora_B.bias"),
    (.part(.embeddingA, module: "x"), "base_model.model.x.lora_embedding_A"),
    (.part(.magnitude, module: "x"), "base_model.model.x.lora_magnitude_vector"),
    (.part(.baseBias, module: "x"), "base_model.model.x.base_layer.bias"),
    (
      .part(.tokens, module: "x"), "base_model.model.x.token_adapter.trainable_tokens_delta"
    ),
    (.parameter("lm_head.weight"), "base_model.model.lm_head.weight"),
  ])
  func namesTensorsAsPEFTDoes(role: AdapterTensorName, name: String) {
    #expect(role.name == name)
    #expect(AdapterTensorName(name) == role)
  }

  @Test(arguments: [
    "lm_head.weight", "base_model.model.", "base_model.model.x.lora_E",
    "base_model.model..lora_A.weight",
  ])
  func knowsNoOtherNames(name: String) {
    #expect(AdapterTensorName(name) == nil)
  }

  @Test func writesAnAdapterThatItOpensAgain() throws {
    let directory = try TemporaryDirectory()
    let path = directory["out/adapter"]
    var configuration = AdapterConfiguration(targetModules: .names(["q_proj", "v_proj"]))
    configuration.baseModel = "models/base"
    configuration.rank = 2
    let name = AdapterTensorName.part(.loraA, module: "q_proj").name
    try AdapterFiles.write(
      path, configuration, [TensorOutput(name, [2, 3], [1, 2, 3, 4, 5, 6])],
      extraFiles: [("tokenizer.json", Array("{}".utf8))])
    let adapter = try AdapterFiles.open(path)
    #expect(adapter.configuration == configuration)
    let file = try SafetensorsFile.open(path + "/adapter_model.safetensors")
    #expect(file.metadata.map(\.value) == ["pt"])
    #expect(adapter.tensors.map(\.name) == [name])
    #expect(
      FilePaths.entries(of: path) == [
        "README.md", "adapter_config.json", "adapter_model.safetensors", "tokenizer.json",
      ])
    let card = try String(decoding: Fixture.read(path + "/README.md"), as: UTF8.self)
    #expect(card.hasPrefix("---\nbase_model: \"models/base\"\nlibrary_name: peft\n"))
    #expect(FilePaths.entries(of: directory["out"]) == ["adapter"])
  }

  @Test func saysWhatAnAdapterLacks() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: ArtifactError.missing(path: directory["adapter_config.json"])) {
      try AdapterFiles.open(directory.path)
    }
    let text = AdapterConfiguration(targetModules: .pattern("all-linear")).text
    _ = try directory.quickFile("adapter_config.json", Array(text.utf8))
    #expect(throws: ArtifactError.missing(path: directory["adapter_model.safetensors"])) {
      try AdapterFiles.open(directory.path)
    }
    _ = try directory.quickFile("adapter_model.bin", [1])
    #expect(throws: ArtifactError.self) { try AdapterFiles.open(directory.path) }
  }

  @Test func readsThePickleOfOlderAdapters() throws {
    let directory = try TemporaryDirectory()
    let text = AdapterConfiguration(targetModules: .names(["q_proj"])).text
    _ = try directory.quickFile("adapter_config.json", Array(text.utf8))
    let name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    let tensor = TensorOutput(name, Shape(2, 3), [1, 2, 3, 4, 5, 6])
    try TorchWriter.write([tensor], to: directory["adapter_model.bin"])
    let adapter = try AdapterFiles.open(directory.path)
    #expect(adapter.tensors.map(\.name) == [name])
    #expect(adapter.tensors.map(\.shape) == [Shape(2, 3)])
  }

  @Test func theCardNamesTheClassThatLoadsTheBase() throws {
    let directory = try TemporaryDirectory()
    var configuration = AdapterConfiguration(targetModules: .names(["q_proj"]))
    configuration.baseModel = "models/base"
    func written(_ card: AdapterCard) throws -> String {
      try AdapterFiles.write(directory["out"], configuration, [], card: card)
      return try String(decoding: Fixture.read(directory["out/README.md"]), as: UTF8.self)
    }
    #expect(try !written(AdapterCard()).contains("python"))
    let labelled = try written(
      AdapterCard(
        className: "AutoModelForSequenceClassification", hubTask: "text-classification",
        labelCount: 3))
    #expect(labelled.contains("pipeline_tag: text-classification\ntags:"))
    #expect(
      labelled.contains(
        "AutoModelForSequenceClassification.from_pretrained(\"models/base\", num_labels=3)"))
  }
}
