package import JSONSyntax

/// Why a checkpoint, an adapter or an output file cannot be read or written.
package enum ArtifactError: Error, Hashable, Sendable {
  /// Nothing is at `path`.
  case missing(path: String)
  /// The file is there, but the system refuses it.
  case unreadable(path: String, errorNumber: Int32)
  /// The path leads to a directory, a device or a pipe where a file is needed.
  case notAFile(path: String)
  /// A file that is JSON throughout is not.
  case invalidJSON(path: String, JSONError)
  /// A JSON file holds something else at `key` than is needed.
  case unexpectedJSON(path: String, key: String, expected: String)
  /// The file is no well-formed safetensors file.
  case safetensors(path: String, SafetensorsFlaw)
  /// The file is no well-formed GGUF file.
  case gguf(path: String, GGUFFlaw)
  /// The file is no torch checkpoint that is read, or is refused.
  case torch(path: String, TorchFlaw)
  /// The elements of a tensor are of a type that is not read.
  case unsupportedTensorType(path: String, tensor: String, type: String)
  /// A GGUF file holds a model of an architecture whose names are not known.
  case unknownArchitecture(path: String, name: String)
  /// A directory holds no weights in a form that is read; `found` is one that is not.
  case noWeights(path: String, found: String?)
  /// A configuration is named for a file that holds its own.
  case configurationInside(path: String)
  /// A file is in no format that is read.
  case unknownFormat(path: String)
  /// The index of a sharded checkpoint names a shard that is not there.
  case missingShard(index: String, shard: String)
  /// The index of a sharded checkpoint names a tensor that its shard does not hold.
  case missingTensor(index: String, tensor: String, shard: String)
  /// An adapter's configuration cannot be followed.
  case adapter(path: String, AdapterFlaw)
  /// The system refuses to write.
  case unwritable(path: String, errorNumber: Int32)
}

/// What is wrong with the bytes of a safetensors file.
package enum SafetensorsFlaw: Hashable, Sendable {
  case shorterThanLength(byteCount: Int)
  case headerTooLarge(byteCount: UInt64)
  case headerBeyondEnd(headerBytes: Int, fileBytes: Int)
  case headerNotObject
  case headerNotJSON(JSONError)
  case metadataNotText
  case entryNotTensor(tensor: String)
  case shapeOverflow(tensor: String)
  case offsetsOutOfRange(tensor: String)
  case sizeMismatch(tensor: String, expectedBytes: Int, foundBytes: Int)
  case gapOrOverlap(tensor: String, expectedOffset: Int, foundOffset: Int)
  case trailingBytes(coveredBytes: Int, dataBytes: Int)
}

/// What is wrong with the bytes of a GGUF file.
package enum GGUFFlaw: Error, Hashable, Sendable {
  case notGGUF
  case unsupportedVersion(UInt32)
  case truncated(reading: String)
  case countTooLarge(of: String, count: UInt64)
  case nameNotUnicode(of: String)
  case unknownValueType(key: String, type: UInt32)
  case nestingTooDeep(key: String)
  case duplicateKey(String)
  case duplicateTensor(String)
  case badAlignment
  case tooManyDimensions(tensor: String, count: UInt32)
  case shapeOverflow(tensor: String)
  case partialBlock(tensor: String, columns: Int)
  case misalignedOffset(tensor: String)
  case beyondEnd(tensor: String)
  case overlap(tensor: String, with: String)
  case missingKey(String)
  case badValue(key: String, expected: String)
}

/// What is wrong with an adapter's configuration.
package enum AdapterFlaw: Error, Hashable, Sendable {
  case unsupportedKind(String)
  case unsupportedFeature(key: String, value: String)
  case badValue(key: String, expected: String)
  case missingKey(String)
  case conflictingKeys(String, String)
  case needsKey(String, because: String)
}
