package import JSONSyntax

/// Writes models in Hugging Face's layout.
package enum ModelFiles {
  /// The form of the weights.
  package enum WeightFormat: Hashable, Sendable {
    /// `model.safetensors`.
    case safetensors
    /// `pytorch_model.bin`, as `torch.save` writes it, with further names for its tensors.
    case torch(aliases: [TensorAlias])
  }

  /// The most bytes of one file of weights, unless a single tensor has more.
  package static let defaultShardBytes = 5_000_000_000

  /// Writes a model to `directory`, in one step in place of what is there.
  ///
  /// Weights that need more than `shardBytes` are cut into several files with an index, tensor by
  /// tensor in the order given.
  ///
  /// - Parameters:
  ///   - directory: the model's place; those above it are made where missing.
  ///   - configuration: what `config.json` says.
  ///   - generationConfiguration: what `generation_config.json` says, if there is to be one.
  ///   - tensors: the weights, with Hugging Face's names.
  ///   - format: the form of the weights.
  ///   - extraFiles: files that lie beside, such as those of the tokenizer.
  ///   - shardBytes: the most bytes of tensors in one file.
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``, or what a tensor's own writing
  ///   throws; then `directory` is as it was.
  package static func write(
    _ directory: String, configuration: JSONValue, generationConfiguration: JSONValue? = nil,
    tensors: [TensorOutput], format: WeightFormat = .safetensors,
    extraFiles: [(name: String, bytes: [UInt8])] = [],
    shardBytes: Int = defaultShardBytes
  ) throws(ArtifactError) {
    try AtomicDirectory.write(directory) { (place) throws(ArtifactError) in
      do throws(ArtifactError) {
        try writeJSON(configuration, FilePaths.joining(place, "config.json"))
        if let generationConfiguration {
          try writeJSON(
            generationConfiguration, FilePaths.joining(place, "generation_config.json"))
        }
        try writeWeights(tensors, format, in: place, shardBytes: shardBytes)
        for file in extraFiles {
          try AtomicFile.write(FilePaths.joining(place, file.name), file.bytes)
        }
      } catch { throw error.naming(directory, insteadOf: place) }
    }
  }

  private static func writeJSON(_ value: JSONValue, _ path: String) throws(ArtifactError) {
    try AtomicFile.write(path, value.text(.indented, sortedKeys: true) + "\n")
  }

  private static func writeWeights(
    _ tensors: [TensorOutput], _ format: WeightFormat, in place: String, shardBytes: Int
  ) throws(ArtifactError) {
    let shards = shards(tensors, shardBytes: shardBytes)
    if shards.count <= 1 {
      try format.write(tensors, to: FilePaths.joining(place, format.fileName(nil)))
      return
    }
    var places = JSONObject()
    for (index, shard) in shards.enumerated() {
      let name = format.fileName("-\(padded(index + 1))-of-\(padded(shards.count))")
      try format.write(shard, to: FilePaths.joining(place, name))
      for tensor in shard { places[tensor.name] = .string(name) }
    }
    for alias in format.aliases {
      if let target = places[alias.target] { places[alias.name] = target }
    }
    let parameters = tensors.reduce(0) { $0 + $1.shape.count }
    let bytes = tensors.reduce(0) { $0 + $1.byteCount }
    try writeJSON(
      [
        "metadata": [
          "total_parameters": .integer(Int64(parameters)), "total_size": .integer(Int64(bytes)),
        ],
        "weight_map": .object(places),
      ], FilePaths.joining(place, format.fileName(nil) + ".index.json"))
  }

  /// The tensors, cut where the next one would not fit any more.
  private static func shards(_ tensors: [TensorOutput], shardBytes: Int) -> [[TensorOutput]] {
    var shards: [[TensorOutput]] = []
    var current: [TensorOutput] = []
    var currentBytes = 0
    for tensor in tensors {
      if !current.isEmpty, currentBytes + tensor.byteCount > shardBytes {
        shards.append(current)
        current = []
        currentBytes = 0
      }
      current.append(tensor)
      currentBytes += tensor.byteCount
    }
    if !current.isEmpty { shards.append(current) }
    return shards
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

extension ModelFiles.WeightFormat {
  /// The name of the file of weights, or of one of several.
  fileprivate func fileName(_ part: String?) -> String {
    switch self {
    case .safetensors: "model\(part ?? "").safetensors"
    case .torch: "pytorch_model\(part ?? "").bin"
    }
  }

  fileprivate var aliases: [TensorAlias] {
    switch self {
    case .safetensors: []
    case .torch(let aliases): aliases
    }
  }

  fileprivate func write(_ tensors: [TensorOutput], to path: String) throws(ArtifactError) {
    switch self {
    case .safetensors: try SafetensorsWriter.write(tensors, to: path)
    case .torch(let aliases): try TorchWriter.write(tensors, aliases: aliases, to: path)
    }
  }
}
