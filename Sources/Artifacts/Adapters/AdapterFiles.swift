import JSONSyntax

/// An adapter in PEFT's layout, as it lies in a directory; tensors are not read.
package struct AdapterFiles: Sendable {
  package let directory: String
  package let configuration: AdapterConfiguration
  /// The file that the configuration is from, for messages.
  package let configurationFile: String
  /// The adapter's tensors, by PEFT's names.
  package let tensors: [StoredTensor]

  static let configurationName = "adapter_config.json"
  static let weightsName = "adapter_model.safetensors"
  /// What PEFT wrote before safetensors: a pickle of torch's.
  static let legacyName = "adapter_model.bin"

  /// Opens the adapter in `directory`.
  ///
  /// - Throws: ``ArtifactError`` if a file is missing or not whole, or if the adapter is of a kind
  ///   or uses a feature that Hone does not have.
  package static func open(_ directory: String) throws(ArtifactError) -> AdapterFiles {
    guard FilePaths.kind(of: directory) != nil else { throw .missing(path: directory) }
    let path = FilePaths.joining(directory, configurationName)
    let configuration = try AdapterConfiguration(JSONFile.object(MappedFile(path)), path: path)
    let weights = FilePaths.joining(directory, weightsName)
    let legacy = FilePaths.joining(directory, legacyName)
    let isLegacy = FilePaths.kind(of: weights) == nil && FilePaths.kind(of: legacy) != nil
    return AdapterFiles(
      directory: directory, configuration: configuration, configurationFile: path,
      tensors: try isLegacy
        ? TorchFile.open(legacy).tensors : SafetensorsFile.open(weights).tensors)
  }

  /// Writes an adapter to `directory`, in one step in place of what is there.
  ///
  /// - Parameters:
  ///   - directory: the adapter's place; those above it are made where missing.
  ///   - configuration: what `adapter_config.json` says.
  ///   - tensors: named as ``AdapterTensorName`` names them.
  ///   - card: what README.md says of the base; how its base is loaded.
  ///   - extraFiles: files that lie beside, such as those of the tokenizer.
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)`` naming `directory`, or what a
  ///   tensor's own writing throws; then `directory` is as it was.
  package static func write(
    _ directory: String, _ configuration: AdapterConfiguration, _ tensors: [TensorOutput],
    card: AdapterCard = AdapterCard(), extraFiles: [(name: String, bytes: [UInt8])] = []
  ) throws(ArtifactError) {
    try AtomicDirectory.write(directory) { (place) throws(ArtifactError) in
      do throws(ArtifactError) {
        try AtomicFile.write(FilePaths.joining(place, configurationName), configuration.text)
        try SafetensorsWriter.write(tensors, to: FilePaths.joining(place, weightsName))
        try AtomicFile.write(FilePaths.joining(place, "README.md"), card.text(of: configuration))
        for file in extraFiles {
          try AtomicFile.write(FilePaths.joining(place, file.name), file.bytes)
        }
      } catch { throw error.naming(directory, insteadOf: place) }
    }
  }
}

extension ArtifactError {
  /// The same error at the place that the user knows, where it is about a hidden one.
  func naming(_ path: String, insteadOf hidden: String) -> ArtifactError {
    guard case .unwritable(let place, let number) = self, place.hasPrefix(hidden) else {
      return self
    }
    return .unwritable(path: path + place.dropFirst(hidden.count), errorNumber: number)
  }
}
