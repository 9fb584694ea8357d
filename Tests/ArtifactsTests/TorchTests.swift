import Artifacts
import Diagnostics
import JSONSyntax
import Tensors
import Testing

struct TorchTests {
  private static let files = [
    "kinds.pt", "kinds-protocol4.pt", "kinds-protocol5.pt", "kinds-legacy.pt",
    "kinds-legacy-protocol4.pt", "views.pt", "views-legacy.pt", "state.pt", "nested.pt",
    "wrapped.pt", "parallel.pt", "module.pt", "module-protocol4.pt", "module-legacy.pt",
    "nested-module.pt", "attributes.pt",
  ]

  @Test func everyFixtureIsRead() throws {
    let expected = try #require(try Fixture.json("torch/expected.json").object)
    #expect(Set(expected.members.map(\.key)) == Set(Self.files))
  }

  @Test(arguments: files)
  func readsWhatTorchReads(name: String) throws {
    let file = try TorchFile.open(Fixture.path("torch/" + name))
    let expected = try #require(try Fixture.json("torch/expected.json")[name]?.object)
    let tensors = file.unwrappedTensors
    #expect(tensors.map(\.name) == expected.members.map(\.key))
    for tensor in tensors {
      let value = try #require(expected[tensor.name])
      #expect(tensor.type.rawValue == value["type"]?.string, "\(tensor.name)")
      #expect(tensor.shape.dimensions == value["shape"]?.integers, "\(tensor.name)")
      let bits = value["bits"]?.bits ?? []
      #expect(tensor.float32Bits == bits, "\(tensor.name)")
      // Rounded once from float32, whatever way leads there.
      let rounded = bits.map { bits in
        var bfloat16: UInt16 = 0
        var value = Float(bitPattern: bits)
        ElementConversion.roundToBFloat16(&value, 1, into: &bfloat16)
        return bfloat16
      }
      #expect(tensor.bfloat16Bits == rounded, "\(tensor.name)")
    }
  }

  @Test func readsInPlaceWhatLiesInOrder() throws {
    let file = try TorchFile.open(Fixture.path("torch/views.pt"))
    let tensors = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    #expect(tensors["whole"]?.mappedBytes?.count == 192)
    // Rows of a matrix are a part of its bytes.
    #expect(tensors["rows"]?.mappedBytes?.count == 96)
    for name in ["transposed", "columns", "backfirst", "inner", "expanded"] {
      #expect(tensors[name]?.mappedBytes == nil, "\(name)")
      #expect(tensors[name]?.strides != nil, "\(name)")
    }
    #expect(tensors["expanded"]?.byteRange.count == 16)
    #expect(tensors["expanded"]?.byteCount == 48)
    let whole = try #require(tensors["whole"])
    #expect(tensors["transposed"]?.byteRange == whole.byteRange)
  }

  @Test func copiesViewsInTheOrderOfTheirShapes() throws {
    let directory = try TemporaryDirectory()
    for name in ["views.pt", "kinds.pt"] {
      let file = try TorchFile.open(Fixture.path("torch/" + name))
      let path = directory["copy.safetensors"]
      try SafetensorsWriter.write(file.tensors.map { TensorOutput($0, as: $0.type) }, to: path)
      let copies = try SafetensorsFile.open(path).tensors
      for tensor in file.tensors {
        let copy = try #require(copies.first { $0.name == tensor.name })
        #expect(copy.type == tensor.type)
        #expect(copy.shape == tensor.shape)
        #expect(copy.float32Bits == tensor.float32Bits, "\(tensor.name)")
      }
    }
  }

  @Test func sharedStoragesAreReadTwice() throws {
    let file = try TorchFile.open(Fixture.path("torch/state.pt"))
    let table = try #require(file.tensors.first { $0.name == "gate.table.weight" })
    let head = try #require(file.tensors.first { $0.name == "head.weight" })
    #expect(table.byteRange == head.byteRange)
  }

  @Test func theEntryWithTheModelIsTaken() throws {
    #expect(try TorchFile.open(Fixture.path("torch/nested.pt")).entry == "model_state_dict")
    #expect(try TorchFile.open(Fixture.path("torch/nested-module.pt")).entry == "model")
    #expect(try TorchFile.open(Fixture.path("torch/state.pt")).entry == nil)
    let wrapped = try TorchFile.open(Fixture.path("torch/wrapped.pt"))
    #expect(wrapped.tensors.first?.name == "module._orig_mod.gate.scale")
  }

  @Test func opensCheckpointsOfTorchAsOthers() throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixture.bytes("torch/state.pt")
    let path = try directory.quickFile("pytorch_model.bin", bytes)
    _ = try directory.quickFile("config.json", Array(#"{"model_type":"llama"}"#.utf8))
    let whole = try Checkpoint.open(directory.path)
    let single = try Checkpoint.open(path)
    #expect(whole.tensorNames == single.tensorNames)
    #expect(whole.tensors["body.0.weight"]?.shape == [4, 3])
    #expect(whole.headerIdentity == single.headerIdentity)
    // Other weights in the same header: the checksums in the archive's directory tell them apart.
    var changed = bytes
    let weight = try #require(whole.tensors["body.0.weight"])
    changed[weight.byteRange.lowerBound] ^= 1
    _ = try directory.quickFile("pytorch_model.bin", changed)
    #expect(try Checkpoint.open(path).headerIdentity == whole.headerIdentity)
    // Safetensors go before.
    try SafetensorsWriter.write([TensorOutput("a", [1], [1])], to: directory["model.safetensors"])
    #expect(try Checkpoint.open(directory.path).tensorNames == ["a"])
  }

  @Test func opensShardsOfTorch() throws {
    let directory = try TemporaryDirectory()
    let shards = [("pytorch_model-00001-of-00002.bin", "views.pt"), ("two.bin", "kinds.pt")]
    for (name, source) in shards {
      _ = try directory.quickFile(name, Fixture.bytes("torch/" + source))
    }
    _ = try directory.quickFile("config.json", Array("{}".utf8))
    _ = try directory.quickFile(
      "pytorch_model.bin.index.json",
      Array(
        #"{"weight_map":{"whole":"pytorch_model-00001-of-00002.bin","int8":"two.bin"}}"#.utf8))
    let checkpoint = try Checkpoint.open(directory.path)
    #expect(checkpoint.tensorNames == ["whole", "int8"])
  }

  @Test func takesAConfigurationFromElsewhere() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.quickFile("weights.pt", Fixture.bytes("torch/state.pt"))
    #expect(throws: ArtifactError.missing(path: directory["config.json"])) {
      try Checkpoint.open(path)
    }
    try FilePaths.createDirectories(directory["base"])
    let configuration = try directory.quickFile(
      "base/config.json", Array(#"{"model_type":"bart"}"#.utf8))
    let alone = try Checkpoint.open(path, configuration: configuration)
    #expect(alone.configuration["model_type"] == "bart")
    #expect(alone.configurationFile == configuration)
    #expect(alone.tokenizerSource == .none)
    _ = try directory.quickFile("base/tokenizer.json", Array("{}".utf8))
    _ = try directory.quickFile("base/generation_config.json", Array(#"{"eos_token_id":2}"#.utf8))
    let checkpoint = try Checkpoint.open(path, configuration: configuration)
    #expect(checkpoint.tokenizerSource == .directory(directory["base"]))
    #expect(checkpoint.generationConfiguration?["eos_token_id"] == 2)
    let gguf = Fixture.path("llama.gguf")
    #expect(throws: ArtifactError.configurationInside(path: gguf)) {
      try Checkpoint.open(gguf, configuration: configuration)
    }
  }
}
