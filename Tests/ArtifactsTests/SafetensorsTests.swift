import Artifacts
import JSONSyntax
import Tensors
import Testing

struct SafetensorsTests {
  @Test func readsEveryTypeAsPyTorchDoes() throws {
    let file = try SafetensorsFile.open(Fixture.path("dtypes.safetensors"))
    let expected = try #require(try Fixture.json("dtypes.json").object)
    #expect(Set(file.tensors.map(\.name)) == Set(expected.members.map(\.key)))
    #expect(file.metadata.map(\.key) == ["format"])
    #expect(file.metadata.map(\.value) == ["pt"])
    for tensor in file.tensors {
      let value = try #require(expected[tensor.name])
      #expect(tensor.shape.dimensions == value["shape"]?.integers, "\(tensor.name)")
      #expect(same(tensor.float32Bits, value["bits"]?.bits ?? []), "\(tensor.name)")
    }
  }

  @Test func roundsToBFloat16AsPyTorchDoes() throws {
    let file = try SafetensorsFile.open(Fixture.path("dtypes.safetensors"))
    let expected = try Fixture.json("dtypes.json")
    for tensor in file.tensors {
      let bits = try #require(expected[tensor.name]?["bfloat16"]).bits
      let found = tensor.bfloat16Bits.map { UInt32($0) << 16 }
      #expect(same(found, bits.map { $0 << 16 }), "\(tensor.name)")
    }
  }

  @Test func writesTheBytesThatPythonWrites() throws {
    let directory = try TemporaryDirectory()
    let file = try SafetensorsFile.open(Fixture.path("dtypes.safetensors"))
    let outputs = file.tensors.reversed().map { TensorOutput($0, as: $0.type) }
    try SafetensorsWriter.write(outputs, to: directory["copy.safetensors"])
    let copy = try Fixture.read(directory["copy.safetensors"])
    #expect(try copy == Fixture.bytes("dtypes.safetensors"))
  }

  @Test func writesWhatItReadsBack() throws {
    let directory = try TemporaryDirectory()
    let path = directory["new/deep/file.safetensors"]
    let values: [Float] = [1, 2.5, -3, 1e-3, 3.1415927, 0.1]
    try values.withUnsafeBufferPointer { pointer in
      try SafetensorsWriter.write(
        [
          TensorOutput("b", Shape(2, 3), values),
          TensorOutput("a", Shape(6), rounding: pointer, to: .bfloat16),
          TensorOutput("none", Shape(0, 3), []),
        ], to: path, metadata: [])
    }
    let file = try SafetensorsFile.open(path)
    #expect(file.tensors.map(\.name) == ["b", "none", "a"])
    #expect(file.headerByteCount % 8 == 0)
    #expect(file.metadata.isEmpty)
    #expect(file.tensors[0].float32Bits == values.map(\.bitPattern))
    #expect(file.tensors[0].mappedBytes?.count == 24)
    let bfloat16 = file.tensors[2].float32Bits.map { Float(bitPattern: $0) }
    // bfloat16 has 8 significant bits: |error| ≤ 2⁻⁸ · |x|
    for (found, value) in zip(bfloat16, values) {
      #expect(abs(found - value) <= abs(value) / 256)
    }
    #expect(FilePaths.entries(of: directory["new/deep"]) == ["file.safetensors"])
  }

  @Test func givesBytesInPlaceOnlyWhereTheyAreAligned() throws {
    let directory = try TemporaryDirectory()
    let path = directory["odd.safetensors"]
    try SafetensorsWriter.write([TensorOutput("x", Shape(2), [1, 2])], to: path)
    let bytes = try Fixture.read(path)
    let header = Int(bytes[0]) + 256 * Int(bytes[1])
    let text = String(decoding: bytes[8..<8 + header], as: UTF8.self).replacing(" ", with: "")
    let odd = try directory.file("o", safetensors(text, [0, 0, 128, 63, 0, 0, 0, 64]))
    let tensor = try SafetensorsFile.open(odd).tensors[0]
    #expect((text.utf8.count % 4 == 0) == (tensor.mappedBytes != nil))
    let padded = try directory.file("p", safetensors(text + " ", [0, 0, 128, 63, 0, 0, 0, 64]))
    let other = try SafetensorsFile.open(padded).tensors[0]
    #expect(((text.utf8.count + 1) % 4 == 0) == (other.mappedBytes != nil))
    #expect(tensor.float32Bits == [0x3F80_0000, 0x4000_0000])
    #expect(other.float32Bits == tensor.float32Bits)
  }
}

/// The bytes of a file with `header` as it stands.
func safetensors(_ header: String, _ data: [UInt8]) -> [UInt8] {
  let count = UInt64(header.utf8.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8) + data
}

/// Whether bit patterns of float32 are equal, every NaN being as good as another.
func same(_ found: [UInt32], _ expected: [UInt32]) -> Bool {
  found.count == expected.count
    && zip(found, expected).allSatisfy { found, expected in
      found == expected || (Float(bitPattern: found).isNaN && Float(bitPattern: expected).isNaN)
    }
}
