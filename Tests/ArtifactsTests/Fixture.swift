import Artifacts
import Glibc
import JSONSyntax
import Testing

/// The committed files that Tests/Oracles/make_artifact_fixtures.py made.
enum Fixture {
  static func path(_ name: String) -> String {
    FilePaths.joining(FilePaths.directory(of: #filePath), "Fixtures/" + name)
  }

  static func bytes(_ name: String) throws -> [UInt8] { try read(path(name)) }

  static func json(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: String(decoding: bytes(name), as: UTF8.self))
  }

  /// The bytes of any file.
  static func read(_ path: String) throws -> [UInt8] {
    let file = try MappedFile(path)
    return Array(file.bytes)
  }
}

/// A directory of a test's own, gone when the test is done with it.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/hone-artifacts-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    path = String(cString: made)
  }

  deinit { _ = remove(path) }

  subscript(name: String) -> String { FilePaths.joining(path, name) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try AtomicFile.write(self[name], bytes)
    return self[name]
  }

  /// Writes a file without making it last, for tests that write thousands.
  func quickFile(_ name: String, _ bytes: ArraySlice<UInt8>) throws -> String {
    let stream = try #require(fopen(self[name], "w"))
    defer { fclose(stream) }
    let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stream) }
    try #require(written == bytes.count)
    return self[name]
  }

  private func remove(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0 else { return false }
    if status.st_mode & S_IFMT == S_IFDIR {
      chmod(path, 0o755)
      for name in FilePaths.entries(of: path) { _ = remove(FilePaths.joining(path, name)) }
      return rmdir(path) == 0
    }
    return unlink(path) == 0
  }
}

extension StoredTensor {
  /// All elements, as bit patterns so that NaN and −0 compare.
  var float32Bits: [UInt32] {
    var elements = [Float](repeating: 0, count: shape.count)
    elements.withUnsafeMutableBufferPointer { readFloat32(into: $0) }
    return elements.map(\.bitPattern)
  }

  var bfloat16Bits: [UInt16] {
    var elements = [UInt16](repeating: 0, count: shape.count)
    elements.withUnsafeMutableBufferPointer { readBFloat16(into: $0) }
    return elements
  }
}

extension JSONValue {
  /// An array of integers as bit patterns.
  var bits: [UInt32] { (array ?? []).compactMap { $0.integer.map(UInt32.init) } }
  var integers: [Int] { (array ?? []).compactMap(\.integer) }
}
