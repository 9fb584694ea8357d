import Artifacts
import JSONSyntax
import Tensors
import Testing

struct TorchWriterTests {
  private static let names = ["kinds.pt", "views.pt", "state.pt", "module-legacy.pt"]

  @Test(arguments: names)
  func readsBackWhatItWrites(name: String) throws {
    let directory = try TemporaryDirectory()
    let source = try TorchFile.open(Fixture.path("torch/" + name))
    let path = directory["new/copy.bin"]
    try TorchWriter.write(source.tensors.map { TensorOutput($0, as: $0.type) }, to: path)
    let copy = try TorchFile.open(path)
    #expect(copy.tensors.map(\.name) == source.tensors.map(\.name))
    for (tensor, original) in zip(copy.tensors, source.tensors) {
      #expect(tensor.type == original.type)
      #expect(tensor.shape == original.shape)
      #expect(tensor.strides == nil)
      #expect(tensor.byteRange.lowerBound % 64 == 0)
      #expect(tensor.float32Bits == original.float32Bits, "\(tensor.name)")
    }
    #expect(FilePaths.entries(of: directory["new"]) == ["copy.bin"])
  }

  @Test func theSameTensorsMakeTheSameBytes() throws {
    let directory = try TemporaryDirectory()
    let tensors = [
      TensorOutput("table", Shape(2, 3), [1, 2, 3, 4, 5, 6]), TensorOutput("scalar", Shape(), [7]),
      TensorOutput("none", Shape(0, 3), []),
      TensorOutput("größe", [300], (0..<300).map { Float($0) }),
    ]
    let aliases = [TensorAlias("head", of: "table"), TensorAlias("gone", of: "elsewhere")]
    for name in ["a", "b"] { try TorchWriter.write(tensors, aliases: aliases, to: directory[name]) }
    #expect(try Fixture.read(directory["a"]) == Fixture.read(directory["b"]))
    let file = try TorchFile.open(directory["a"])
    #expect(file.tensors.map(\.name) == ["table", "scalar", "none", "größe", "head"])
    #expect(file.tensors[0].byteRange == file.tensors[4].byteRange)
    #expect(file.tensors[4].shape == [2, 3])
    #expect(file.tensors[0].mappedBytes != nil)
    // What Hone writes is what `torch.load` was shown: make_torch_fixtures.py checks these bytes.
    let committed = try Fixture.bytes("torch/written.pt")
    #expect(try Fixture.read(directory["a"]) == committed)
  }

  @Test func writesModelsInTorchLayout() throws {
    let directory = try TemporaryDirectory()
    let tensors = (0..<3).map {
      TensorOutput("w\($0)", [4], [Float](repeating: Float($0), count: 4))
    }
    let format = ModelFiles.WeightFormat.torch(aliases: [TensorAlias("tied", of: "w2")])
    let path = directory["model"]
    try ModelFiles.write(
      path, configuration: ["model_type": "llama"], tensors: tensors, format: format)
    #expect(FilePaths.entries(of: path) == ["config.json", "pytorch_model.bin"])
    #expect(try Checkpoint.open(path).tensorNames == ["w0", "w1", "w2", "tied"])

    try ModelFiles.write(
      path, configuration: ["model_type": "llama"], tensors: tensors, format: format,
      shardBytes: 32)
    #expect(
      FilePaths.entries(of: path) == [
        "config.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
        "pytorch_model.bin.index.json",
      ])
    let sharded = try Checkpoint.open(path)
    #expect(sharded.tensorNames == ["w0", "w1", "w2", "tied"])
    #expect(sharded.tensors["tied"]?.float32Bits == sharded.tensors["w2"]?.float32Bits)
  }
}
