import Tensors

/// A torch checkpoint: `.pt`, `.pth` or `.bin`, as `torch.save` writes state dicts, dicts with one
/// in them, and whole modules.
///
/// Nothing that the file asks for is imported or called. No tensor is touched on opening; its bytes
/// are read in place.
package struct TorchFile: Sendable {
  package let file: MappedFile
  /// The tensors, in the order of the file, with the names that the file gives them.
  package let tensors: [StoredTensor]
  /// The entry of the file's dictionary that holds the model, if it is not the whole.
  package let entry: String?
  /// All of the file that is not bytes of tensors.
  package let headerRanges: [Range<Int>]

  /// Reads all but the tensors of the file at `path`.
  ///
  /// - Throws: ``ArtifactError`` if the file cannot be read, is not whole, asks for a call that is
  ///   not in the closed list, or holds no tensors by name.
  package static func open(_ path: String) throws(ArtifactError) -> TorchFile {
    try TorchFile(MappedFile(path))
  }

  /// Reads all but the tensors of a mapped file.
  package init(_ file: MappedFile) throws(ArtifactError) {
    self.file = file
    defer { withExtendedLifetime(file) {} }
    let contents: TorchContents
    let model: TorchModel
    do throws(TorchFlaw) {
      contents = try TorchContents(file.bytes)
      model = try TorchModel(contents.root, contents.objects)
    } catch { throw .torch(path: file.path, error) }
    entry = model.entry
    headerRanges = contents.headerRanges
    var tensors: [StoredTensor] = []
    for (name, tensor) in model.tensors {
      tensors.append(try Self.stored(name, tensor, contents, file))
    }
    self.tensors = tensors
  }

  /// The tensors with the names that they have without wrappers: what all names begin with of
  /// `module.` (DataParallel) and `_orig_mod.` (torch.compile) is gone.
  package var unwrappedTensors: [StoredTensor] {
    var dropped = 0
    var wrappers = 0
    while wrappers < 8,
      let prefix = ["module.", "_orig_mod."].first(where: { prefix in
        tensors.allSatisfy { $0.name.dropFirst(dropped).hasPrefix(prefix) }
      })
    {
      dropped += prefix.count
      wrappers += 1
    }
    return dropped == 0
      ? tensors : tensors.map { $0.renamed(String($0.name.dropFirst(dropped))) }
  }

  /// Whether a file of this name is read as a torch checkpoint.
  package static func hasSuffix(_ path: String) -> Bool {
    [".pt", ".pth", ".bin"].contains { path.hasSuffix($0) }
  }

  private static func stored(
    _ name: String, _ tensor: TorchTensor, _ contents: TorchContents, _ file: MappedFile
  ) throws(ArtifactError) -> StoredTensor {
    guard let type = tensor.element.type else {
      throw .unsupportedTensorType(path: file.path, tensor: name, type: tensor.element.name)
    }
    let storage = contents.objects.storages[tensor.storage]
    guard let range = contents.storageRanges[storage.key], let span = tensor.span,
      type.byteCount(tensor.sizes) != nil, tensor.offset <= storage.part.count,
      span <= storage.part.count - tensor.offset
    else { throw .torch(path: file.path, .viewBeyondStorage(tensor: name)) }
    let start =
      range.lowerBound + (storage.part.lowerBound + tensor.offset) * type.blockBytes
    return StoredTensor(
      name: name, type: type, shape: Shape(tensor.sizes), file: file,
      byteRange: start..<start + span * type.blockBytes,
      strides: tensor.isContiguous ? nil : tensor.strides)
  }
}
