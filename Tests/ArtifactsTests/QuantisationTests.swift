import Artifacts
import JSONSyntax
import Tensors
import Testing

/// Blocks against gguf-py's and numpy's, and files whose blocks are used as they are.
struct QuantisationTests {
  static let dtypes: [DType] = [.q80, .q40, .nf4]

  /// Tests/Oracles/make_quantisation_fixtures.py made it.
  private static func blocks() throws -> JSONValue {
    let tests = FilePaths.directory(of: FilePaths.directory(of: #filePath))
    let bytes = try Fixture.read(FilePaths.joining(tests, "Fixtures/quantisation/blocks.json"))
    return try JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
  }

  private func encoded(_ values: [Float], _ dtype: DType) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xA5, count: dtype.byteCount(values.count))
    bytes.withUnsafeMutableBytes { target in
      if let start = target.baseAddress {
        BlockCodec.encode(dtype, values, values.count, into: start)
      }
    }
    return bytes
  }

  private func decoded(_ bytes: [UInt8], _ dtype: DType) -> [Float] {
    let count = bytes.count / dtype.blockBytes * dtype.blockElements
    return [Float](unsafeUninitializedCapacity: count) { target, written in
      bytes.withUnsafeBytes { source in
        if let from = source.baseAddress, let to = target.baseAddress {
          BlockCodec.decode(dtype, from, count, into: to)
        }
      }
      written = count
    }
  }

  @Test(arguments: dtypes)
  func quantisesAsTheOraclesDo(_ dtype: DType) throws {
    let expected = try Self.blocks()
    let values = try #require(expected["values"]).bits.map { Float(bitPattern: $0) }
    let known = try #require(expected[dtype.rawValue])
    let bytes = encoded(values, dtype)
    #expect(bytes.map(Int.init) == known["bytes"]?.integers)
    // Zeros of either sign are one number here.
    let numbers = known["bits"]?.bits.map { Float(bitPattern: $0) }
    #expect(decoded(bytes, dtype) == numbers)
  }

  @Test(arguments: dtypes)
  func quantisesAgainToTheSameNumbers(_ dtype: DType) {
    let values = (0..<dtype.blockElements * 3).map { Float(($0 * 37) % 101) / 50 - 1 }
    let once = decoded(encoded(values, dtype), dtype)
    let steps: Float = dtype == .q80 ? 127 : dtype == .q40 ? 8 : 3
    for (value, found) in zip(values, once) { #expect(abs(value - found) <= 1.01 / steps) }
    if dtype == .nf4 { #expect(decoded(encoded(once, dtype), dtype) == once) }
  }

  @Test(arguments: dtypes)
  func anyNumbersAreQuantised(_ dtype: DType) {
    let hostile: [Float] = [
      .nan, .infinity, -.infinity, 0, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]
    for first in hostile {
      var values = [Float](repeating: 0.5, count: dtype.blockElements)
      values[0] = first
      #expect(encoded(values, dtype).count == dtype.blockBytes)
    }
    let zeros = [Float](repeating: 0, count: dtype.blockElements)
    #expect(decoded(encoded(zeros, dtype), dtype) == zeros)
  }

  @Test func onlyMatricesOfWholeBlocksAreQuantised() {
    #expect(DType.q80.kept(for: Shape(2, 32)) == .q80)
    #expect(DType.nf4.kept(for: Shape(2, 32)) == .float32)
    #expect(DType.nf4.kept(for: Shape(2, 64)) == .nf4)
    for shape in [Shape(32), Shape(1, 32), Shape(2, 33)] {
      #expect(DType.q40.kept(for: shape) == .float32)
      #expect(DType.bfloat16.kept(for: shape) == .bfloat16)
    }
    #expect(ValueType(Shape(3, 64), .nf4).byteCount == 3 * 36)
    #expect(ValueType(Shape(3, 64), .q40).byteCount == 3 * 2 * 18)
    #expect(ValueType(Shape(3, 33), .q40).byteCount == 3 * 33 * 4)
  }

  @Test func blocksOfGGUFAreUsedInPlace() throws {
    let file = try GGUFFile.open(Fixture.path("quantizations.gguf"))
    for (dtype, type) in [(DType.q80, StoredType.q80), (.q40, .q40)] {
      let tensor = try #require(file.tensors.first { $0.type == type })
      let bytes = try #require(tensor.mappedBytes(as: dtype))
      #expect(bytes.baseAddress == tensor.storedBytes.baseAddress)
      #expect(bytes.count == dtype.byteCount(tensor.shape.count))
      #expect(decoded(Array(bytes), dtype).map(\.bitPattern) == tensor.float32Bits)
      #expect(tensor.mappedBytes(as: .nf4) == nil)
      #expect(tensor.mappedBytes == nil)
    }
  }

  /// Also permuted rows, whose blocks are moved and stay what they are.
  @Test(arguments: dtypes)
  func tensorsOfAnyTypeAreQuantised(_ dtype: DType) throws {
    let files = try ["llama.gguf", "quantizations.gguf"].map {
      try GGUFFile.open(Fixture.path($0))
    }
    let tensors = files.flatMap(\.tensors).filter { dtype.kept(for: $0.shape) == dtype }
    #expect(tensors.count > 3)
    for tensor in tensors {
      var bytes = [UInt8](repeating: 0, count: dtype.byteCount(tensor.shape.count))
      bytes.withUnsafeMutableBytes { tensor.read(dtype, into: $0) }
      let values = tensor.float32Bits.map { Float(bitPattern: $0) }
      if tensor.type == StoredType(dtype) {
        #expect(decoded(bytes, dtype) == values, "\(tensor.name)")
      } else {
        #expect(bytes == encoded(values, dtype), "\(tensor.name)")
      }
    }
  }
}
