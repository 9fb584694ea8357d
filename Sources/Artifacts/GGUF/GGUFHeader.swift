/// What a GGUF file says before its tensors' bytes.
struct GGUFHeader {
  /// A tensor's entry, its extents row-major.
  struct Entry {
    let name: String
    let dimensions: [Int]
    let type: GGUFTensorType
    /// From the start of the tensors' bytes.
    let offset: UInt64
  }

  let version: UInt32
  let metadata: [(key: String, value: GGUFValue)]
  let values: [String: GGUFValue]
  let tensors: [Entry]
  let alignment: Int
  /// Where the tensors' bytes start; at most the file's length.
  let dataStart: Int

  /// More dimensions than this are refused, as ggml refuses them.
  static let maximumDimensions = 4

  init(_ bytes: UnsafeRawBufferPointer) throws(GGUFFlaw) {
    guard bytes.count >= 4, bytes.prefix(4).elementsEqual("GGUF".utf8) else { throw .notGGUF }
    var cursor = GGUFCursor(bytes)
    _ = try cursor.read(UInt32.self, "the magic number")
    version = try cursor.read("the version")
    guard version == 2 || version == 3 else { throw .unsupportedVersion(version) }
    // Name, dimension count, type and offset; then name, type and a byte.
    let tensorCount = try cursor.readCount(of: "tensors", minimumBytes: 24)
    let keyCount = try cursor.readCount(of: "metadata keys", minimumBytes: 13)

    var metadata: [(key: String, value: GGUFValue)] = []
    var values: [String: GGUFValue] = [:]
    for _ in 0..<keyCount {
      let key = try cursor.readName(of: "a metadata key")
      let value = try cursor.readValue(of: key)
      guard values.updateValue(value, forKey: key) == nil else { throw .duplicateKey(key) }
      metadata.append((key, value))
    }
    self.metadata = metadata
    self.values = values
    alignment = try Self.alignment(values["general.alignment"])

    var tensors: [Entry] = []
    for _ in 0..<tensorCount { tensors.append(try Self.entry(&cursor)) }
    self.tensors = tensors
    let padding = (alignment - cursor.offset % alignment) % alignment
    dataStart = min(cursor.offset + padding, bytes.count)
  }

  private static func alignment(_ value: GGUFValue?) throws(GGUFFlaw) -> Int {
    guard let value else { return 32 }
    guard let alignment = value.integer, (8...65536).contains(alignment),
      alignment.nonzeroBitCount == 1
    else { throw .badAlignment }
    return alignment
  }

  private static func entry(_ cursor: inout GGUFCursor) throws(GGUFFlaw) -> Entry {
    let name = try cursor.readName(of: "a tensor")
    let rank: UInt32 = try cursor.read("the shape of `\(name)`")
    guard rank <= maximumDimensions else { throw .tooManyDimensions(tensor: name, count: rank) }
    var dimensions: [Int] = []
    for _ in 0..<rank {
      let dimension: UInt64 = try cursor.read("the shape of `\(name)`")
      guard let dimension = Int(exactly: dimension) else { throw .shapeOverflow(tensor: name) }
      // The file has the fastest-moving dimension first.
      dimensions.insert(dimension, at: 0)
    }
    let type = GGUFTensorType(number: try cursor.read("the type of `\(name)`"))
    let offset: UInt64 = try cursor.read("the offset of `\(name)`")
    return Entry(name: name, dimensions: dimensions, type: type, offset: offset)
  }
}

/// A tensor's element type, by its number in the file.
struct GGUFTensorType: CustomStringConvertible {
  let number: UInt32

  /// The type as Hone reads it, or nil.
  var stored: StoredType? {
    switch number {
    case 0: .float32
    case 1: .float16
    case 2: .q40
    case 3: .q41
    case 8: .q80
    case 24: .int8
    case 25: .int16
    case 26: .int32
    case 27: .int64
    case 28: .float64
    case 30: .bfloat16
    default: nil
    }
  }

  /// The name in ggml, or the number where it is none that is known.
  var description: String {
    if let stored { return stored.rawValue }
    return switch number {
    case 6: "q5_0"
    case 7: "q5_1"
    case 9: "q8_1"
    case 10: "q2_K"
    case 11: "q3_K"
    case 12: "q4_K"
    case 13: "q5_K"
    case 14: "q6_K"
    case 15: "q8_K"
    case 16: "iq2_xxs"
    case 17: "iq2_xs"
    case 18: "iq3_xxs"
    case 19: "iq1_s"
    case 20: "iq4_nl"
    case 21: "iq3_s"
    case 22: "iq2_s"
    case 23: "iq4_xs"
    case 29: "iq1_m"
    case 34: "tq1_0"
    case 35: "tq2_0"
    case 39: "mxfp4"
    default: "type \(number)"
    }
  }
}
