import Tensors

/// A GGUF file of version 2 or 3: metadata, then a description of each tensor, then their bytes.
///
/// Source: `docs/gguf.md` of ggml. Everything before the tensors' bytes is read and checked on
/// opening; no tensor is touched.
package struct GGUFFile: Sendable {
  package let file: MappedFile
  package let version: UInt32
  /// The metadata, in the file's order.
  package let metadata: [(key: String, value: GGUFValue)]
  /// The tensors in the file's order; of a llama model with Hugging Face's names and row order.
  package let tensors: [StoredTensor]
  /// The bytes before the first tensor's.
  package let headerByteCount: Int

  let values: [String: GGUFValue]
  /// The frequency divisors of rotary positions that the converter computed, if the file has them.
  let ropeFactors: StoredTensor?

  /// Reads all but the tensors of the file at `path`.
  ///
  /// - Throws: ``ArtifactError`` if the file cannot be read, is not whole, or holds a tensor of a
  ///   type that is not read.
  package static func open(_ path: String) throws(ArtifactError) -> GGUFFile {
    try GGUFFile(MappedFile(path))
  }

  /// Reads all but the tensors of a mapped file.
  package init(_ file: MappedFile) throws(ArtifactError) {
    let header: GGUFHeader
    let stored: [StoredTensor]
    do throws(GGUFFlaw) {
      header = try GGUFHeader(file.bytes)
    } catch { throw .gguf(path: file.path, error) }
    for tensor in header.tensors where tensor.type.stored == nil {
      throw .unsupportedTensorType(
        path: file.path, tensor: tensor.name, type: tensor.type.description)
    }
    do throws(GGUFFlaw) {
      stored = try Self.stored(header, file)
    } catch { throw .gguf(path: file.path, error) }
    self.file = file
    version = header.version
    metadata = header.metadata
    values = header.values
    headerByteCount = header.dataStart
    tensors = stored.filter { $0.name != GGUFNames.ropeFactors }
    ropeFactors = stored.first { $0.name == GGUFNames.ropeFactors }
  }

  /// The value of a metadata key, or nil.
  package subscript(key: String) -> GGUFValue? { values[key] }

  private static func stored(
    _ header: GGUFHeader, _ file: MappedFile
  ) throws(GGUFFlaw) -> [StoredTensor] {
    let naming = try GGUFNames(header.values)
    let dataBytes = file.byteCount - header.dataStart
    var tensors: [StoredTensor] = []
    var names: Set<String> = []
    for entry in header.tensors {
      guard let type = entry.type.stored else { continue }
      let columns = entry.dimensions.last ?? 1
      guard columns % type.blockElements == 0 else {
        throw .partialBlock(tensor: entry.name, columns: columns)
      }
      guard let byteCount = type.byteCount(entry.dimensions) else {
        throw .shapeOverflow(tensor: entry.name)
      }
      guard entry.offset % UInt64(header.alignment) == 0 else {
        throw .misalignedOffset(tensor: entry.name)
      }
      guard byteCount <= dataBytes, entry.offset <= UInt64(dataBytes - byteCount) else {
        throw .beyondEnd(tensor: entry.name)
      }
      let name = naming.huggingFaceName(entry.name)
      guard names.insert(name).inserted else { throw .duplicateTensor(entry.name) }
      let start = header.dataStart + Int(entry.offset)
      tensors.append(
        StoredTensor(
          name: name, type: type, shape: Shape(entry.dimensions), file: file,
          byteRange: start..<start + byteCount,
          rowPermutation: try naming.rowPermutation(entry.name, type, entry.dimensions)))
    }
    try refuseOverlap(tensors)
    return tensors
  }

  private static func refuseOverlap(_ tensors: [StoredTensor]) throws(GGUFFlaw) {
    let ordered = tensors.filter { !$0.byteRange.isEmpty }
      .sorted { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
    for (tensor, next) in zip(ordered, ordered.dropFirst())
    where next.byteRange.lowerBound < tensor.byteRange.upperBound {
      throw .overlap(tensor: next.name, with: tensor.name)
    }
  }
}
