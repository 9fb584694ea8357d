import Artifacts
import Diagnostics
import Tensors
import Testing

/// Files that lie: each must end in an error that says so, never in a trap.
struct HostileFileTests {
  @Test(arguments: [
    ("", "no header"),
    ("{", "half an object"),
    ("[]", "not an object"),
    (" {}", "not at its start"),
    ("{}{}", "two objects"),
    (#"{"a":1}"#, "no entry"),
    (#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#, "unknown type"),
    (#"{"a":{"dtype":"","shape":[1],"data_offsets":[0,4]}}"#, "empty type"),
    (#"{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}"#, "type is a number"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "negative dimension"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, "fractional dimension"),
    (#"{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}"#, "shape is a number"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, "three offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "backward offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, "negative offset"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, "no offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, "too few bytes"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "beyond the end"),
    (#"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,0]}}"#, "scalar without bytes"),
    (#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#, "bytes of no tensor"),
    (#"{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#, "gap at the start"),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#, "gap between"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#, "overlap"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "same name twice"
    ),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, "overflow"),
    (#"{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,4]}}"#, "overflow"),
    (#"{"a":{"dtype":"F32","shape":[0,9223372036854775807,4],"data_offsets":[0,4]}}"#, "zero"),
    (#"{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}}"#, "over 64 bits"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}"#, "huge end"),
    (#"{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "number"),
    (#"{"__metadata__":[],"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "array"),
    ("{\"a\0b\":1}", "NUL in a name"),
    ("{\"a\":\"\u{1}\"}", "control character"),
    (String(repeating: "{\"a\":", count: 5000), "deep objects"),
    ("{\"a\":" + String(repeating: "[", count: 100_000), "deep arrays"),
  ])
  func safetensorsHeadersThatAreNot(header: String, why: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("a.safetensors", safetensors(header, [1, 2, 3, 4]))
    let error = #expect(throws: ArtifactError.self, "\(why)") { try SafetensorsFile.open(path) }
    #expect(error?.diagnostic.span?.file == path)
    #expect(error?.diagnostic.help != nil)
  }

  @Test func safetensorsHeadersThatAreNotUnicode() throws {
    let directory = try TemporaryDirectory()
    let bytes = little(UInt64(4)) + [UInt8(ascii: "{"), 0xFF, 0xFE, UInt8(ascii: "}")]
    let path = try directory.file("a.safetensors", bytes)
    #expect(throws: ArtifactError.self) { try SafetensorsFile.open(path) }
  }

  @Test(arguments: [100_000_001, UInt64.max, 1 << 63, 9, 13])
  func safetensorsLengthsThatAreNot(length: UInt64) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("a.safetensors", little(length) + Array("{}      ".utf8))
    #expect(throws: ArtifactError.self) { try SafetensorsFile.open(path) }
  }

  @Test func zeroSizesAreFine() throws {
    let directory = try TemporaryDirectory()
    let header = #"{"a":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}}"#
    let tensor = try SafetensorsFile.open(directory.file("a", safetensors(header, []))).tensors[0]
    #expect(tensor.float32Bits.isEmpty)
    #expect(tensor.bfloat16Bits.isEmpty)
    let empty = try SafetensorsFile.open(directory.file("b", safetensors("{}", [])))
    #expect(empty.tensors.isEmpty)
  }

  @Test(arguments: ["dtypes.safetensors", "sharded/model-00001-of-00002.safetensors"])
  func everyTruncationOfASafetensorsFile(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let directory = try TemporaryDirectory()
    for count in 0..<bytes.count {
      let path = try directory.quickFile("a.safetensors", bytes.prefix(count))
      #expect(throws: ArtifactError.self, "\(count)") { try SafetensorsFile.open(path) }
    }
  }

  @Test(arguments: ["quantizations.gguf", "llama.gguf"])
  func everyTruncationOfAGGUFFile(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let directory = try TemporaryDirectory()
    let whole = try GGUFFile.open(Fixture.path(name))
    let last = try #require(whole.tensors.map(\.byteRange.upperBound).max())
    for count in stride(from: 0, to: last, by: count(upTo: whole.headerByteCount)) {
      let path = try directory.quickFile("a.gguf", bytes.prefix(count))
      #expect(throws: ArtifactError.self, "\(count)") { try GGUFFile.open(path) }
    }
    // Padding after the last tensor may be missing.
    let path = try directory.quickFile("a.gguf", bytes.prefix(last))
    #expect(throws: Never.self) { try GGUFFile.open(path) }
  }

  private func count(upTo header: Int) -> Int { header > 1500 ? 3 : 1 }

  @Test(arguments: [
    (GGUFBuilder.Value.raw(99, []), "unknown type"),
    (.raw(8, little(UInt64.max)), "endless string"),
    (.raw(8, little(UInt64(1) << 40)), "long string"),
    (.raw(9, little(UInt32(4)) + little(UInt64.max)), "endless array"),
    (.raw(9, little(UInt32(8)) + little(UInt64(1) << 33)), "long array of strings"),
    (.raw(9, little(UInt32(77)) + little(UInt64(0))), "array of an unknown type"),
    (.raw(9, nested(5)), "deep arrays"),
  ])
  func ggufValuesThatAreNot(value: GGUFBuilder.Value, why: String) throws {
    let directory = try TemporaryDirectory()
    let builder = GGUFBuilder(keys: [("general.x", value)], tensors: [("a", [2], [1, 2])])
    let path = try directory.file("a.gguf", builder.bytes)
    let error = #expect(throws: ArtifactError.self, "\(why)") { try GGUFFile.open(path) }
    #expect(error?.diagnostic.code == .invalidCheckpoint)
  }

  @Test(arguments: [UInt32(0), 7, 12, 1 << 20])
  func ggufAlignmentsThatAreNot(alignment: UInt32) throws {
    let directory = try TemporaryDirectory()
    let builder = GGUFBuilder(keys: [("general.alignment", .uint32(alignment))], tensors: [])
    let path = try directory.file("a.gguf", builder.bytes)
    #expect(throws: ArtifactError.gguf(path: path, .badAlignment)) { try GGUFFile.open(path) }
  }

  @Test func ggufNamesTwice() throws {
    let directory = try TemporaryDirectory()
    let keys = GGUFBuilder(keys: [("a", .uint32(1)), ("a", .uint32(1))], tensors: [])
    let keysPath = try directory.file("a.gguf", keys.bytes)
    #expect(throws: ArtifactError.gguf(path: keysPath, .duplicateKey("a"))) {
      try GGUFFile.open(keysPath)
    }
    let tensors = GGUFBuilder(keys: [], tensors: [("a", [1], [1]), ("a", [1], [1])])
    let path = try directory.file("b.gguf", tensors.bytes)
    #expect(throws: ArtifactError.gguf(path: path, .duplicateTensor("a"))) {
      try GGUFFile.open(path)
    }
  }

  @Test func ggufShapesThatAreNot() throws {
    let directory = try TemporaryDirectory()
    for dimensions in [[Int.max, 8], [1 << 62, 1], [9], [1, 1, 1, 1, 1]] {
      let builder = GGUFBuilder(keys: [], tensors: [("a", dimensions, [1, 2])])
      let path = try directory.file("a.gguf", builder.bytes)
      #expect(throws: ArtifactError.self, "\(dimensions)") { try GGUFFile.open(path) }
    }
    // One tensor over the other: the second's offset, the last 8 bytes before padding, is 0.
    var bytes = GGUFBuilder(
      keys: [], tensors: [("a", [8], [Float](repeating: 1, count: 8)), ("b", [8], [1])]
    ).bytes
    let offset = try #require(
      bytes.indices.first { little(UInt64(32)) == Array(bytes[$0..<$0 + 8]) })
    bytes[offset] = 0
    let path = try directory.file("b.gguf", bytes)
    #expect(throws: ArtifactError.self) { try GGUFFile.open(path) }
  }

  @Test func ggufQueriesThatNoHeadsDivide() throws {
    let directory = try TemporaryDirectory()
    for (rows, heads) in [(6, UInt32(4)), (4, 4), (0, 4), (8, UInt32.max)] {
      let keys: [(String, GGUFBuilder.Value)] = [
        ("general.architecture", .string("llama")), ("llama.attention.head_count", .uint32(heads)),
      ]
      let values = [Float](repeating: 1, count: rows * 2)
      let builder = GGUFBuilder(keys: keys, tensors: [("blk.0.attn_q.weight", [rows, 2], values)])
      let path = try directory.file("a.gguf", builder.bytes)
      #expect(throws: ArtifactError.self, "\(rows) \(heads)") { try GGUFFile.open(path) }
    }
    let builder = GGUFBuilder(
      keys: [("general.architecture", .string("llama"))],
      tensors: [("blk.0.attn_q.weight", [2, 2], [1, 2, 3, 4])])
    let path = try directory.file("a.gguf", builder.bytes)
    #expect(throws: ArtifactError.gguf(path: path, .missingKey("llama.attention.head_count"))) {
      try GGUFFile.open(path)
    }
  }

  @Test func whatIsNoFile() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: ArtifactError.notAFile(path: directory.path)) {
      try MappedFile(directory.path)
    }
    #expect(throws: ArtifactError.missing(path: directory["none"])) {
      try MappedFile(directory["none"])
    }
    #expect(throws: ArtifactError.missing(path: "a\0b")) { try MappedFile("a\0b") }
    #expect(throws: ArtifactError.notAFile(path: "/dev/null")) { try MappedFile("/dev/null") }
    #expect(try MappedFile(directory.file("empty", [])).byteCount == 0)
  }
}

/// Arrays within arrays, `depth` deep.
private func nested(_ depth: Int) -> [UInt8] {
  depth == 0
    ? little(UInt32(0)) + little(UInt64(0))
    : little(UInt32(9)) + little(UInt64(1)) + nested(depth - 1)
}
