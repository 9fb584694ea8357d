import JSONSyntax
import Tensors

/// A safetensors file: a JSON header that places each tensor, then the tensors' bytes.
///
/// Source: the format's README, and the checks of its reference implementation in Rust.
package struct SafetensorsFile: Sendable {
  package let file: MappedFile
  /// The tensors in the order of their bytes.
  package let tensors: [StoredTensor]
  /// The entries of `__metadata__`, in the order of the header.
  package let metadata: [(key: String, value: String)]
  /// The bytes before the first tensor's: the length field and the header.
  package let headerByteCount: Int

  /// The longest header that is accepted, as in the reference implementation.
  static let maximumHeaderBytes = 100_000_000

  /// Reads the header of the file at `path`; no tensor is touched.
  ///
  /// - Throws: ``ArtifactError`` if the file cannot be read, or if its header is anything but a
  ///   description of every byte that follows it, once.
  package static func open(_ path: String) throws(ArtifactError) -> SafetensorsFile {
    try SafetensorsFile(MappedFile(path))
  }

  /// Reads the header of a mapped file.
  package init(_ file: MappedFile) throws(ArtifactError) {
    self.file = file
    let header = try Self.header(of: file)
    headerByteCount = 8 + header.count
    let object = try Self.members(of: header, path: file.path)
    metadata = try Self.metadata(object["__metadata__"], path: file.path)
    tensors = try Self.tensors(object, dataStart: headerByteCount, file)
  }

  private static func header(of file: MappedFile) throws(ArtifactError) -> UnsafeRawBufferPointer {
    guard let prefix = file.bytes(in: 0..<8) else {
      throw .safetensors(path: file.path, .shorterThanLength(byteCount: file.byteCount))
    }
    let length = UInt64(littleEndian: prefix.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(maximumHeaderBytes) else {
      throw .safetensors(path: file.path, .headerTooLarge(byteCount: length))
    }
    guard let header = file.bytes(in: 8..<8 + Int(length)) else {
      throw .safetensors(
        path: file.path, .headerBeyondEnd(headerBytes: Int(length), fileBytes: file.byteCount))
    }
    return header
  }

  private static func members(
    of header: UnsafeRawBufferPointer, path: String
  ) throws(ArtifactError) -> JSONObject {
    guard header.first == UInt8(ascii: "{") else {
      throw .safetensors(path: path, .headerNotObject)
    }
    do {
      guard let object = try JSONValue(parsing: header).object else {
        throw ArtifactError.safetensors(path: path, .headerNotObject)
      }
      return object
    } catch let error as JSONError {
      throw .safetensors(path: path, .headerNotJSON(error))
    } catch let error as ArtifactError {
      throw error
    } catch {
      throw .safetensors(path: path, .headerNotObject)
    }
  }

  private static func metadata(
    _ value: JSONValue?, path: String
  ) throws(ArtifactError) -> [(key: String, value: String)] {
    guard let value else { return [] }
    guard let object = value.object else { throw .safetensors(path: path, .metadataNotText) }
    var metadata: [(key: String, value: String)] = []
    for (key, value) in object.members {
      guard let text = value.string else { throw .safetensors(path: path, .metadataNotText) }
      metadata.append((key, text))
    }
    return metadata
  }

  private static func tensors(
    _ header: JSONObject, dataStart: Int, _ file: MappedFile
  ) throws(ArtifactError) -> [StoredTensor] {
    var entries: [SafetensorsEntry] = []
    for (name, value) in header.members where name != "__metadata__" {
      entries.append(try SafetensorsEntry(name, value, path: file.path))
    }
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    let dataBytes = file.byteCount - dataStart
    var covered = 0
    var tensors: [StoredTensor] = []
    for entry in entries {
      guard entry.end <= dataBytes else {
        throw .safetensors(path: file.path, .offsetsOutOfRange(tensor: entry.name))
      }
      guard entry.begin == covered else {
        throw .safetensors(
          path: file.path,
          .gapOrOverlap(tensor: entry.name, expectedOffset: covered, foundOffset: entry.begin))
      }
      covered = entry.end
      tensors.append(
        StoredTensor(
          name: entry.name, type: entry.type, shape: Shape(entry.dimensions), file: file,
          byteRange: dataStart + entry.begin..<dataStart + entry.end))
    }
    guard covered == dataBytes else {
      throw .safetensors(
        path: file.path, .trailingBytes(coveredBytes: covered, dataBytes: dataBytes))
    }
    return tensors
  }
}

/// One tensor of a header, with `begin ≤ end` and exactly the bytes that its shape needs.
private struct SafetensorsEntry {
  let name: String
  let type: StoredType
  let dimensions: [Int]
  let begin: Int
  let end: Int

  init(_ name: String, _ value: JSONValue, path: String) throws(ArtifactError) {
    func fail(_ flaw: SafetensorsFlaw) -> ArtifactError { .safetensors(path: path, flaw) }
    func integers(_ key: String) -> [Int]? {
      guard let elements = value[key]?.array else { return nil }
      let integers = elements.compactMap { element -> Int? in
        if case .integer(let integer) = element, integer >= 0 { Int(integer) } else { nil }
      }
      return integers.count == elements.count ? integers : nil
    }
    guard let typeName = value["dtype"]?.string, let dimensions = integers("shape"),
      let offsets = integers("data_offsets"), offsets.count == 2, offsets[0] <= offsets[1]
    else { throw fail(.entryNotTensor(tensor: name)) }
    guard let type = StoredType(safetensorsName: typeName) else {
      throw .unsupportedTensorType(path: path, tensor: name, type: typeName)
    }
    guard let bytes = type.byteCount(dimensions) else { throw fail(.shapeOverflow(tensor: name)) }
    guard bytes == offsets[1] - offsets[0] else {
      throw fail(
        .sizeMismatch(tensor: name, expectedBytes: bytes, foundBytes: offsets[1] - offsets[0]))
    }
    self.name = name
    self.type = type
    self.dimensions = dimensions
    begin = offsets[0]
    end = offsets[1]
  }
}
