/// A place in the bytes of a GGUF file, which moves on as values are read and never past the end.
struct GGUFCursor {
  private let bytes: UnsafeRawBufferPointer
  /// The offset of the next byte.
  private(set) var offset = 0

  /// Deeper arrays of arrays than this are refused.
  static let maximumNesting = 4

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Reads an integer or a floating-point number.
  mutating func read<Value: BitwiseCopyable>(
    _ type: Value.Type, _ part: String
  ) throws(GGUFFlaw) -> Value {
    let size = MemoryLayout<Value>.size
    guard bytes.count - offset >= size else { throw .truncated(reading: part) }
    defer { offset += size }
    return bytes.loadUnaligned(fromByteOffset: offset, as: type)
  }

  /// Reads an integer of the type that is wanted.
  mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
    _ part: String
  ) throws(GGUFFlaw) -> Value {
    try read(Value.self, part)
  }

  /// Reads the number of `parts` that follow, which take `minimumBytes` each at the least.
  mutating func readCount(of parts: String, minimumBytes: Int) throws(GGUFFlaw) -> Int {
    let count: UInt64 = try read(parts)
    guard count <= UInt64((bytes.count - offset) / minimumBytes) else {
      throw .countTooLarge(of: parts, count: count)
    }
    return Int(count)
  }

  /// Reads a string; bytes that are not UTF-8 are replaced.
  mutating func readText(_ part: String) throws(GGUFFlaw) -> String {
    String(decoding: try readBytes(part), as: UTF8.self)
  }

  /// Reads a string that must be UTF-8.
  mutating func readName(of part: String) throws(GGUFFlaw) -> String {
    guard let name = String(validating: try readBytes("the name of \(part)"), as: UTF8.self) else {
      throw .nameNotUnicode(of: part)
    }
    return name
  }

  /// Reads the value of `key`, with its type before it.
  mutating func readValue(of key: String) throws(GGUFFlaw) -> GGUFValue {
    let type = try readType(of: key)
    switch type {
    case .uint8: return .integer(Int64(try read(UInt8.self, key)))
    case .int8: return .integer(Int64(try read(Int8.self, key)))
    case .uint16: return .integer(Int64(try read(UInt16.self, key)))
    case .int16: return .integer(Int64(try read(Int16.self, key)))
    case .uint32: return .integer(Int64(try read(UInt32.self, key)))
    case .int32: return .integer(Int64(try read(Int32.self, key)))
    case .int64: return .integer(try read(Int64.self, key))
    case .uint64: return .unsigned(try read(UInt64.self, key))
    case .float32: return .float(try read(Float.self, key))
    case .float64: return .double(try read(Double.self, key))
    case .bool: return .bool(try read(UInt8.self, key) != 0)
    case .string: return .string(try readText(key))
    case .array: return try readArray(of: key, depth: 1)
    }
  }

  private mutating func readArray(of key: String, depth: Int) throws(GGUFFlaw) -> GGUFValue {
    guard depth <= Self.maximumNesting else { throw .nestingTooDeep(key: key) }
    let type = try readType(of: key)
    let count = try readCount(of: "elements of `\(key)`", minimumBytes: type.minimumBytes)
    switch type {
    case .uint8: return .integers(try readNumbers(count, key) { (value: UInt8) in Int64(value) })
    case .int8: return .integers(try readNumbers(count, key) { (value: Int8) in Int64(value) })
    case .uint16: return .integers(try readNumbers(count, key) { (value: UInt16) in Int64(value) })
    case .int16: return .integers(try readNumbers(count, key) { (value: Int16) in Int64(value) })
    case .uint32: return .integers(try readNumbers(count, key) { (value: UInt32) in Int64(value) })
    case .int32: return .integers(try readNumbers(count, key) { (value: Int32) in Int64(value) })
    case .int64: return .integers(try readNumbers(count, key) { (value: Int64) in value })
    case .uint64: return .unsigneds(try readNumbers(count, key) { (value: UInt64) in value })
    case .float32: return .floats(try readNumbers(count, key) { (value: Float) in value })
    case .float64: return .doubles(try readNumbers(count, key) { (value: Double) in value })
    case .bool: return .bools(try readNumbers(count, key) { (value: UInt8) in value != 0 })
    case .string:
      var texts: [String] = []
      texts.reserveCapacity(count)
      for _ in 0..<count { texts.append(try readText(key)) }
      return .strings(texts)
    case .array:
      var arrays: [GGUFValue] = []
      for _ in 0..<count { arrays.append(try readArray(of: key, depth: depth + 1)) }
      return .arrays(arrays)
    }
  }

  private mutating func readNumbers<Stored: BitwiseCopyable, Value>(
    _ count: Int, _ key: String, _ convert: (Stored) -> Value
  ) throws(GGUFFlaw) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(convert(try read(Stored.self, key))) }
    return values
  }

  private mutating func readType(of key: String) throws(GGUFFlaw) -> GGUFValueType {
    let number: UInt32 = try read(key)
    guard let type = GGUFValueType(rawValue: number) else {
      throw .unknownValueType(key: key, type: number)
    }
    return type
  }

  private mutating func readBytes(_ part: String) throws(GGUFFlaw) -> UnsafeRawBufferPointer {
    let length: UInt64 = try read(part)
    guard length <= UInt64(bytes.count - offset) else { throw .truncated(reading: part) }
    defer { offset += Int(length) }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])
  }
}

/// The type of a metadata value, by its number in the file.
enum GGUFValueType: UInt32 {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64
  case float64

  /// The fewest bytes that a value takes.
  var minimumBytes: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }
}
