import JSONSyntax

/// The index of a checkpoint that lies in several files of weights.
struct ShardIndex {
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

  func openShards() throws(ArtifactError) -> [WeightFile] {
    var files: [WeightFile] = []
    for shard in Set(places.map(\.shard)).sorted(by: {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }) {
      let shardPath = FilePaths.joining(FilePaths.directory(of: path), shard)
      guard FilePaths.kind(of: shardPath) != nil else {
        throw .missingShard(index: path, shard: shard)
      }
      files.append(try WeightFile(opening: shardPath))
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
