/// Another name for a tensor of the same file, such as a head that is the table of tokens.
package struct TensorAlias: Hashable, Sendable {
  package let name: String
  /// The tensor that is meant.
  package let target: String

  package init(_ name: String, of target: String) {
    self.name = name
    self.target = target
  }
}

/// Writes state dicts in the zip format of `torch.save`, which `torch.load` reads with
/// `weights_only=True`.
///
/// The same tensors make the same bytes. Storages start at multiples of 64 bytes, so that they can
/// be mapped.
package enum TorchWriter {
  /// Writes `tensors` to a new file at `path`, which appears only when it is whole.
  ///
  /// - Parameters:
  ///   - tensors: the state dict, in this order.
  ///   - aliases: further entries, each sharing the storage of a tensor; those of others are left
  ///     out.
  ///   - path: the file's place.
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``, or what a tensor's own writing
  ///   throws; then nothing is left at `path` that was not there before.
  /// - Precondition: the names differ, and each tensor writes as many bytes as its shape needs.
  package static func write(
    _ tensors: [TensorOutput], aliases: [TensorAlias] = [], to path: String
  ) throws(ArtifactError) {
    try AtomicFile.write(path) { (file) throws(ArtifactError) in
      let archive = TorchArchiveWriter(file)
      try archive.add("data.pkl", Self.pickle(of: tensors, aliases))
      try archive.add("byteorder", Array("little".utf8))
      for (index, tensor) in tensors.enumerated() {
        try archive.add("data/\(index)", byteCount: tensor.byteCount) {
          (file) throws(ArtifactError) in
          let start = file.byteCount
          try tensor.write(file)
          precondition(
            file.byteCount - start == tensor.byteCount,
            "a tensor must write as many bytes as its shape needs")
        }
      }
      try archive.add("version", Array("3\n".utf8))
      try archive.finish()
    }
  }

  /// The pickle of an ordered dictionary of tensors.
  private static func pickle(of tensors: [TensorOutput], _ aliases: [TensorAlias]) -> [UInt8] {
    let places = Dictionary(
      uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    var writer = PickleWriter()
    writer.begin()
    for (index, tensor) in tensors.enumerated() { writer.entry(tensor.name, tensor, index) }
    for alias in aliases {
      guard let index = places[alias.target] else { continue }
      precondition(places[alias.name] == nil, "the tensors of a file must have different names")
      writer.entry(alias.name, tensors[index], index)
    }
    writer.end()
    return writer.bytes
  }
}

/// Writes the pickle of a state dict, protocol 2, with the instructions that torch's own uses.
private struct PickleWriter {
  private(set) var bytes: [UInt8] = []

  mutating func begin() {
    put(.protocol)
    bytes.append(2)
    emptyDictionary()
    put(.mark)
  }

  /// One name with its tensor, whose elements are in the entry `storage` of the archive.
  mutating func entry(_ name: String, _ tensor: TensorOutput, _ storage: Int) {
    let dimensions = tensor.shape.dimensions
    var strides = [Int](repeating: 1, count: dimensions.count)
    for index in dimensions.indices.dropLast().reversed() {
      strides[index] = strides[index + 1] * max(dimensions[index + 1], 1)
    }
    text(name)
    global("torch._utils", "_rebuild_tensor_v2")
    put(.mark)
    put(.mark)
    text("storage")
    global("torch", tensor.type.torchStorageName ?? "")
    text(String(storage))
    text("cpu")
    integer(tensor.shape.count)
    put(.tuple)
    put(.persistent)
    integer(0)
    tuple(dimensions)
    tuple(strides)
    put(.newFalse)
    emptyDictionary()
    put(.tuple)
    put(.reduce)
  }

  mutating func end() {
    put(.setItems)
    put(.stop)
  }

  private mutating func put(_ opcode: PickleOpcode) { bytes.append(opcode.rawValue) }

  private mutating func emptyDictionary() {
    global("collections", "OrderedDict")
    put(.emptyTuple)
    put(.reduce)
  }

  private mutating func global(_ module: String, _ name: String) {
    put(.global)
    bytes.append(contentsOf: "\(module)\n\(name)\n".utf8)
  }

  private mutating func text(_ text: String) {
    put(.unicode)
    little(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func tuple(_ integers: [Int]) {
    put(.mark)
    for value in integers { integer(value) }
    put(.tuple)
  }

  /// An integer that is not negative, in the shortest form.
  private mutating func integer(_ value: Int) {
    switch value {
    case ..<0x100:
      put(.integer1)
      bytes.append(UInt8(value))
    case ..<0x1_0000:
      put(.integer2)
      little(UInt16(value))
    case ..<0x8000_0000:
      put(.integer4)
      little(Int32(value))
    default:
      put(.long1)
      bytes.append(8)
      little(Int64(value))
    }
  }

  private mutating func little<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}

extension StoredType {
  /// The class of torch's storages of this type; nil for what torch does not have.
  var torchStorageName: String? {
    switch self {
    case .float32: "FloatStorage"
    case .float64: "DoubleStorage"
    case .float16: "HalfStorage"
    case .bfloat16: "BFloat16Storage"
    case .int64: "LongStorage"
    case .int32: "IntStorage"
    case .int16: "ShortStorage"
    case .int8: "CharStorage"
    case .uint8: "ByteStorage"
    case .bool: "BoolStorage"
    case .q40, .q41, .q80: nil
    }
  }
}
