/// One file of weights in any format that Hone reads, as far as a checkpoint needs it.
struct WeightFile {
  let file: MappedFile
  /// The tensors in the order of the file.
  let tensors: [StoredTensor]
  /// What of the file is not the tensors' bytes.
  let headerRanges: [Range<Int>]

  init(_ file: SafetensorsFile) {
    self.file = file.file
    tensors = file.tensors
    headerRanges = [0..<file.headerByteCount]
  }

  /// The tensors of a torch checkpoint, with the names of the model that it wraps.
  init(_ file: TorchFile) {
    self.file = file.file
    tensors = file.unwrappedTensors
    headerRanges = file.headerRanges
  }

  /// Opens the file at `path`, one of several: a torch checkpoint or a safetensors file.
  ///
  /// - Throws: ``ArtifactError``.
  init(opening path: String) throws(ArtifactError) {
    if TorchFile.hasSuffix(path) {
      self.init(try TorchFile.open(path))
    } else {
      self.init(try SafetensorsFile.open(path))
    }
  }

  /// Hashes what the file says of its tensors, and its length.
  func identify(_ hasher: SHA256Hasher) {
    for range in headerRanges {
      hasher.update(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
    }
    hasher.update("length \(file.byteCount)")
  }
}
