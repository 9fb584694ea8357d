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

  /// Opens a directory in Hugging Face's layout, a `.safetensors` file or a torch checkpoint with
  /// `config.json` beside it, or a GGUF file.
  ///
  /// `configuration` is one to take in place of the `config.json` beside the weights.
  ///
  /// - Throws: ``ArtifactError`` if a file is missing, not whole, or in no form that is read.
  package static func open(
    _ path: String, configuration: String? = nil
  ) throws(ArtifactError) -> Checkpoint {
    switch FilePaths.kind(of: path) {
    case nil: throw .missing(path: path)
    case .other: throw .notAFile(path: path)
    case .directory: return try open(directory: path, configuration)
    case .file: return try open(file: path, configuration)
    }
  }

  private static func open(
    file path: String, _ configuration: String?
  ) throws(ArtifactError) -> Checkpoint {
    let file = try MappedFile(path)
    if file.bytes.prefix(4).elementsEqual("GGUF".utf8) || path.hasSuffix(".gguf") {
      guard configuration == nil else { throw .configurationInside(path: path) }
      return try Checkpoint(GGUFFile(file))
    }
    let weights: WeightFile
    if path.hasSuffix(".safetensors") {
      weights = WeightFile(try SafetensorsFile(file))
    } else if TorchFile.hasSuffix(path) {
      weights = WeightFile(try TorchFile(file))
    } else {
      throw .unknownFormat(path: path)
    }
    return try Checkpoint(
      path: path, directory: FilePaths.directory(of: path), configuration, [weights], index: nil)
  }

  /// Opens the weights of a directory: safetensors where there are any, torch's format otherwise.
  private static func open(
    directory: String, _ configuration: String?
  ) throws(ArtifactError) -> Checkpoint {
    for name in ["model.safetensors", "pytorch_model.bin"] {
      let single = FilePaths.joining(directory, name)
      if FilePaths.kind(of: single) != nil {
        let file = try WeightFile(opening: single)
        return try Checkpoint(
          path: directory, directory: directory, configuration, [file], index: nil)
      }
      let indexPath = single + ".index.json"
      if FilePaths.kind(of: indexPath) != nil {
        let index = try ShardIndex(indexPath)
        return try Checkpoint(
          path: directory, directory: directory, configuration, index.openShards(), index: index)
      }
    }
    throw .noWeights(path: directory, found: weightsOfAnotherForm(in: directory))
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
    generationConfiguration = Optional.none
    tensorNames = file.tensors.map(\.name)
    tensors = Dictionary(
      file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    tokenizerSource = try file.tokenizer().map { .gguf($0) } ?? .none
    let hasher = SHA256Hasher()
    hasher.update(UnsafeRawBufferPointer(rebasing: file.file.bytes[..<file.headerByteCount]))
    hasher.update("length \(file.file.byteCount)")
    headerIdentity = hasher.finish().hex
  }

  /// Opens what lies beside the weights in `directory`, or beside the configuration that is named.
  private init(
    path: String, directory: String, _ configurationPath: String?, _ files: [WeightFile],
    index: ShardIndex?
  ) throws(ArtifactError) {
    self.path = path
    configurationFile = configurationPath ?? FilePaths.joining(directory, "config.json")
    let configurationBytes = try MappedFile(configurationFile)
    configuration = try JSONFile.object(configurationBytes)
    let places =
      [directory] + (configurationPath.map { [FilePaths.directory(of: $0)] } ?? [])
    func place(with names: [String]) -> String? {
      places.first { place in
        names.contains { FilePaths.kind(of: FilePaths.joining(place, $0)) != nil }
      }
    }
    let generationFile = FilePaths.joining(
      place(with: ["generation_config.json"]) ?? directory, "generation_config.json")
    if FilePaths.kind(of: generationFile) == nil {
      generationConfiguration = Optional.none
    } else {
      generationConfiguration = try JSONFile.object(MappedFile(generationFile))
    }
    let tokenizerFiles = ["tokenizer.json", "tokenizer_config.json", "vocab.json", "vocab.txt"]
    tokenizerSource = place(with: tokenizerFiles).map { .directory($0) } ?? .none

    let hasher = SHA256Hasher()
    hasher.update(configurationBytes.bytes)
    var tensors: [String: StoredTensor] = [:]
    var names: [String] = []
    for file in files {
      file.identify(hasher)
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
