import JSONSyntax

/// Writes safetensors files, byte for byte as the Python library writes the same tensors.
package enum SafetensorsWriter {
  /// Writes `tensors` to a new file at `path`, which appears only when it is whole.
  ///
  /// Tensors are placed by type, then by name, as the reference implementation places them.
  /// `metadata` is text for `__metadata__`, where the Python libraries expect a `format`.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``, or what a tensor's own writing
  ///   throws; then nothing is left at `path` that was not there before.
  /// - Precondition: the names differ, and each tensor writes as many bytes as its shape needs.
  package static func write(
    _ tensors: [TensorOutput], to path: String,
    metadata: [(key: String, value: String)] = [("format", "pt")]
  ) throws(ArtifactError) {
    try AtomicFile.write(path) { (file) throws(ArtifactError) in
      try write(tensors, metadata: metadata, into: file)
    }
  }

  /// Appends a whole safetensors file to `file`.
  static func write(
    _ tensors: [TensorOutput], metadata: [(key: String, value: String)], into file: OutputFile
  ) throws(ArtifactError) {
    let tensors = ordered(tensors)
    let header = Array(header(of: tensors, metadata: metadata).utf8)
    try file.write(UInt64(header.count))
    try file.write(header)
    for tensor in tensors {
      let start = file.byteCount
      try tensor.write(file)
      precondition(
        file.byteCount - start == tensor.byteCount,
        "a tensor must write as many bytes as its shape needs")
    }
  }

  private static func ordered(_ tensors: [TensorOutput]) -> [TensorOutput] {
    tensors.sorted { first, second in
      let (rank, other) = (first.type.safetensorsRank, second.type.safetensorsRank)
      return rank == other
        ? first.name.utf8.lexicographicallyPrecedes(second.name.utf8) : rank > other
    }
  }

  /// The header, padded with spaces so that the data starts at a multiple of 8.
  private static func header(
    of tensors: [TensorOutput], metadata: [(key: String, value: String)]
  ) -> String {
    var header = JSONObject()
    if !metadata.isEmpty {
      header["__metadata__"] = .object(JSONObject(metadata.map { ($0.key, .string($0.value)) }))
    }
    var offset = 0
    for tensor in tensors {
      precondition(header[tensor.name] == nil, "the tensors of a file must have different names")
      let end = offset + tensor.byteCount
      header[tensor.name] = [
        "dtype": .string(tensor.type.safetensorsName ?? ""),
        "shape": .array(tensor.shape.dimensions.map { .integer(Int64($0)) }),
        "data_offsets": [.integer(Int64(offset)), .integer(Int64(end))],
      ]
      offset = end
    }
    let text = JSONValue.object(header).text()
    return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
  }
}
