package import JSONSyntax

/// A model's weights and configuration in any form that Hone reads; only headers are read.
package struct Checkpoint: Sendable {
  /// Where a checkpoint's tokenizer is.
  package enum TokenizerSource: Hashable, Sendable {
    /// Files in a directory, such as `tokenizer.json`.
    case directory(String)
    /// The metadata of a GGUF file.
    case gguf(GGUFTokenizerData)
    case none
  }

  /// The path as it was given.
  package let path: String
  /// What `config.json` says, or would say.
  package let configuration: JSONValue
  /// The file that says it, for messages.
  package let configurationFile: String
  /// What `generation_config.json` says, if there is one.
  package let generationConfiguration: JSONValue?
  /// The tensors by Hugging Face's names.
  package let tensors: [String: StoredTensor]
  /// The names of the tensors in the order of the files.
  package let tensorNames: [String]
  package let tokenizerSource: TokenizerSource
  /// A SHA-256 over all headers, the configuration and the files' lengths, but not the weights.
  package let headerIdentity: String

  /// Opens a directory in Hugging Face's layout, a `.safetensors` file with `config.json` beside
  /// it, or a GGUF file.
  ///
  /// - Throws: ``ArtifactError`` if a file is missing, not whole, or in no form that is read.
  package static func open(_ path: String) throws(ArtifactError) -> Checkpoint {
    switch FilePaths.kind(of: path) {
    case nil: throw .missing(path: path)
    case .other: throw .notAFile(path: path)
    case .directory: return try open(directory: path)
    case .file: return try open(file: path)
    }
  }

  private static func open(file path: String) throws(ArtifactError) -> Checkpoint {
    let file = try MappedFile(path)
    if file.bytes.prefix(4).elementsEqual("GGUF".utf8) || path.hasSuffix(".gguf") {
      return try Checkpoint(GGUFFile(file))
    }
    guard path.hasSuffix(".safetensors") else { throw .unknownFormat(path: path) }
    return try Checkpoint(
      path: path, directory: FilePaths.directory(of: path), [try SafetensorsFile(file)], index: nil)
  }

  private static func open(directory: String) throws(ArtifactError) -> Checkpoint {
    let single = FilePaths.joining(directory, "model.safetensors")
    if FilePaths.kind(of: single) != nil {
      let file = try SafetensorsFile.open(single)
      return try Checkpoint(path: directory, directory: directory, [file], index: nil)
    }
    let indexPath = FilePaths.joining(directory, "model.safetensors.index.json")
    guard FilePaths.kind(of: indexPath) != nil else {
      throw .noWeights(path: directory, found: weightsOfAnotherForm(in: directory))
    }
    let index = try ShardIndex(indexPath)
    return try Checkpoint(path: directory, directory: directory, index.openShards(), index: index)
  }

  private static func weightsOfAnotherForm(in directory: String) -> String? {
    FilePaths.entries(of: directory).first { name in
      [".bin", ".pt", ".pth", ".gguf", ".safetensors", ".bin.index.json"].contains {
        name.hasSuffix($0)
      }
    }
  }

  private init(_ file: GGUFFile) throws(ArtifactError) {
    path = file.file.path
    configuration = try file.configuration()
    configurationFile = path
    generationConfiguration = nil
    tensorNames = file.tensors.map(\.name)
    tensors = Dictionary(
      file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    tokenizerSource = try file.tokenizer().map { .gguf($0) } ?? .none
    let hasher = SHA256Hasher()
    hasher.update(UnsafeRawBufferPointer(rebasing: file.file.bytes[..<file.headerByteCount]))
    hasher.update("length \(file.file.byteCount)")
    headerIdentity = hasher.finish().hex
  }

  /// Opens what lies beside the weights in `directory`.
  private init(
    path: String, directory: String, _ files: [SafetensorsFile], index: ShardIndex?
  ) throws(ArtifactError) {
    self.path = path
    configurationFile = FilePaths.joining(directory, "config.json")
    let configurationBytes = try MappedFile(configurationFile)
    configuration = try JSONFile.object(configurationBytes)
    let generationFile = FilePaths.joining(directory, "generation_config.json")
    generationConfiguration =
      FilePaths.kind(of: generationFile) == nil
      ? nil : try JSONFile.object(MappedFile(generationFile))
    let tokenizerFiles = ["tokenizer.json", "tokenizer_config.json", "vocab.json"]
    tokenizerSource =
      tokenizerFiles.contains { FilePaths.kind(of: FilePaths.joining(directory, $0)) != nil }
      ? .directory(directory) : .none

    let hasher = SHA256Hasher()
    hasher.update(configurationBytes.bytes)
    var tensors: [String: StoredTensor] = [:]
    var names: [String] = []
    for file in files {
      hasher.update(UnsafeRawBufferPointer(rebasing: file.file.bytes[..<file.headerByteCount]))
      hasher.update("length \(file.file.byteCount)")
      for tensor in file.tensors where index?.places(tensor) ?? true {
        tensors[tensor.name] = tensor
        names.append(tensor.name)
      }
    }
    try index?.requireAll(in: tensors)
    self.tensors = tensors
    tensorNames = names
    headerIdentity = hasher.finish().hex
  }
}

/// The index of a checkpoint that lies in several safetensors files.
private struct ShardIndex {
  let path: String
  /// The shard of each tensor, in the index's order.
  let places: [(tensor: String, shard: String)]
  let shardOfTensor: [String: String]

  init(_ path: String) throws(ArtifactError) {
    self.path = path
    guard let map = try JSONFile.object(MappedFile(path))["weight_map"]?.object else {
      throw .unexpectedJSON(path: path, key: "weight_map", expected: "an object")
    }
    var places: [(tensor: String, shard: String)] = []
    for (tensor, value) in map.members {
      guard let shard = value.string, !shard.isEmpty, !shard.utf8.contains(UInt8(ascii: "/")) else {
        throw .unexpectedJSON(
          path: path, key: "weight_map.\(tensor)", expected: "the name of a file beside the index")
      }
      places.append((tensor, shard))
    }
    self.places = places
    shardOfTensor = Dictionary(places, uniquingKeysWith: { first, _ in first })
  }

  func openShards() throws(ArtifactError) -> [SafetensorsFile] {
    var files: [SafetensorsFile] = []
    for shard in Set(places.map(\.shard)).sorted(by: {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }) {
      let shardPath = FilePaths.joining(FilePaths.directory(of: path), shard)
      guard FilePaths.kind(of: shardPath) != nil else {
        throw .missingShard(index: path, shard: shard)
      }
      files.append(try SafetensorsFile.open(shardPath))
    }
    return files
  }

  /// Whether the index has `tensor` in the file where it is.
  func places(_ tensor: StoredTensor) -> Bool {
    shardOfTensor[tensor.name] == FilePaths.name(of: tensor.file.path)
  }

  func requireAll(in tensors: [String: StoredTensor]) throws(ArtifactError) {
    for (tensor, shard) in places where tensors[tensor] == nil {
      throw .missingTensor(index: path, tensor: tensor, shard: shard)
    }
  }
}
