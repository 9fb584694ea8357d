import Artifacts
import Diagnostics
import JSONSyntax
import Tensors
import Testing

struct CheckpointTests {
  @Test func opensAShardedDirectory() throws {
    let path = Fixture.path("sharded")
    let checkpoint = try Checkpoint.open(path)
    #expect(checkpoint.tensorNames.count == 4)
    #expect(Set(checkpoint.tensors.keys) == Set(checkpoint.tensorNames))
    #expect(checkpoint.configuration["model_type"] == "llama")
    #expect(checkpoint.configurationFile == FilePaths.joining(path, "config.json"))
    #expect(checkpoint.tensors["model.layers.2.mlp.up_proj.weight"]?.shape == [4, 2])
    #expect(checkpoint.tokenizerSource == .none)
    #expect(checkpoint.generationConfiguration == nil)
  }

  @Test func opensASingleFileAndItsDirectoryAlike() throws {
    let directory = try TemporaryDirectory()
    let path = directory["model.safetensors"]
    try SafetensorsWriter.write([TensorOutput("a", [2], [1, 2])], to: path)
    #expect(throws: ArtifactError.missing(path: directory["config.json"])) {
      try Checkpoint.open(path)
    }
    _ = try directory.file("config.json", Array(#"{"model_type":"llama"}"#.utf8))
    _ = try directory.file("tokenizer.json", Array("{}".utf8))
    _ = try directory.file("generation_config.json", Array(#"{"eos_token_id":2}"#.utf8))
    let file = try Checkpoint.open(path)
    let whole = try Checkpoint.open(directory.path)
    #expect(file.tensorNames == ["a"])
    #expect(whole.tensorNames == ["a"])
    #expect(file.headerIdentity == whole.headerIdentity)
    #expect(file.headerIdentity.utf8.count == 64)
    #expect(whole.tokenizerSource == .directory(directory.path))
    for name in ["vocab.txt", "vocab.json"] {
      try FilePaths.remove(directory["tokenizer.json"])
      #expect(try Checkpoint.open(directory.path).tokenizerSource == .none)
      _ = try directory.file(name, [])
      #expect(try Checkpoint.open(path).tokenizerSource == .directory(directory.path))
      try FilePaths.remove(directory[name])
      _ = try directory.file("tokenizer.json", Array("{}".utf8))
    }
    #expect(whole.generationConfiguration?["eos_token_id"] == 2)
    _ = try directory.file("config.json", Array(#"{"model_type":"other"}"#.utf8))
    #expect(try Checkpoint.open(path).headerIdentity != file.headerIdentity)
  }

  @Test func opensAGGUFFileByItsContent() throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixture.bytes("llama.gguf")
    let checkpoint = try Checkpoint.open(directory.quickFile("weights", bytes))
    #expect(checkpoint.configuration["hidden_size"] == 32)
    #expect(checkpoint.tensorNames.first == "model.embed_tokens.weight")
    guard case .gguf(let tokenizer) = checkpoint.tokenizerSource else {
      Issue.record("no tokenizer")
      return
    }
    #expect(tokenizer.tokens.count == 6)
  }

  @Test func namesAMissingShard() throws {
    let directory = try TemporaryDirectory()
    for name in ["config.json", "model.safetensors.index.json", "model-00002-of-00002.safetensors"]
    {
      _ = try directory.quickFile(name, Fixture.bytes("sharded/" + name))
    }
    let index = directory["model.safetensors.index.json"]
    let error = ArtifactError.missingShard(index: index, shard: "model-00001-of-00002.safetensors")
    #expect(throws: error) { try Checkpoint.open(directory.path) }
    #expect(error.diagnostic.code == .missingShard)
    #expect(error.diagnostic.span?.file == index)
  }

  @Test func namesATensorThatNoShardHolds() throws {
    let directory = try TemporaryDirectory()
    try SafetensorsWriter.write([TensorOutput("a", [1], [1])], to: directory["one.safetensors"])
    _ = try directory.quickFile("config.json", Array("{}".utf8))
    let index = try directory.quickFile(
      "model.safetensors.index.json",
      Array(#"{"weight_map":{"a":"one.safetensors","b":"one.safetensors"}}"#.utf8))
    let error = ArtifactError.missingTensor(index: index, tensor: "b", shard: "one.safetensors")
    #expect(throws: error) { try Checkpoint.open(directory.path) }
    #expect(error.diagnostic.code == .missingTensor)
  }

  @Test(arguments: [
    #"{"weight_map":{"a":"../model.safetensors"}}"#, #"{"weight_map":{"a":"/etc/passwd"}}"#,
    #"{"weight_map":{"a":1}}"#, #"{"weight_map":[]}"#, "{}", "[]", "", "{",
    #"{"weight_map":{"a":"b","a":"c"}}"#,
  ])
  func refusesAnIndexThatIsNone(text: String) throws {
    let directory = try TemporaryDirectory()
    _ = try directory.quickFile("config.json", Array("{}".utf8))
    _ = try directory.quickFile("model.safetensors.index.json", Array(text.utf8))
    let error = #expect(throws: ArtifactError.self) { try Checkpoint.open(directory.path) }
    #expect(error?.diagnostic.code == .invalidJSON)
  }

  @Test func saysWhereAConfigurationIsNotJSON() throws {
    let directory = try TemporaryDirectory()
    try SafetensorsWriter.write([], to: directory["model.safetensors"])
    _ = try directory.quickFile("config.json", Array("{\n  \"a\": 1,\n  oops\n}".utf8))
    let error = #expect(throws: ArtifactError.self) { try Checkpoint.open(directory.path) }
    #expect(error?.diagnostic.code == .invalidJSON)
    #expect(error?.diagnostic.span?.start.line == 3)
  }

  @Test func saysWhatADirectoryHasInsteadOfWeights() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: ArtifactError.noWeights(path: directory.path, found: nil)) {
      try Checkpoint.open(directory.path)
    }
    _ = try directory.quickFile("weights.pt", [1])
    let error = #expect(throws: ArtifactError.self) { try Checkpoint.open(directory.path) }
    #expect(error?.diagnostic.code == .missingFile)
    #expect(error?.diagnostic.help?.contains("`weights.pt`") == true)
    let path = try directory.quickFile("weights.msgpack", [1])
    #expect(throws: ArtifactError.unknownFormat(path: path)) { try Checkpoint.open(path) }
    #expect(throws: ArtifactError.missing(path: directory["x"])) {
      try Checkpoint.open(directory["x"])
    }
    #expect(throws: ArtifactError.notAFile(path: "/dev/null")) { try Checkpoint.open("/dev/null") }
  }
}
