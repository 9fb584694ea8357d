import Glibc
package import JSONSyntax

/// A file of JSON lines that only grows, a whole line at a time.
///
/// Not for several threads at once.
package final class JSONLinesWriter {
  package let path: String
  /// The length of the file after the last whole line.
  package private(set) var byteCount: Int
  private let descriptor: Int32

  /// Opens the file at `path`, or creates it and the directories above it.
  ///
  /// With `byteCount` the file is cut to that length first, as a resumed run needs; a file that is
  /// shorter keeps its length. Without, a last line that was never finished is cut off.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``.
  package init(_ path: String, truncatingTo byteCount: Int? = nil) throws(ArtifactError) {
    self.path = path
    if let failure = FilePaths.createDirectoriesReporting(FilePaths.directory(of: path)) {
      throw .unwritable(path: path, errorNumber: failure)
    }
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else { throw .unwritable(path: path, errorNumber: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .unwritable(path: path, errorNumber: EINVAL)
    }
    let length = Int(status.st_size)
    let wanted =
      byteCount.map { min(max(0, $0), length) } ?? Self.endOfLastLine(descriptor, length)
    if wanted < length, ftruncate(descriptor, off_t(wanted)) != 0 {
      let failure = errno
      close(descriptor)
      throw .unwritable(path: path, errorNumber: failure)
    }
    self.byteCount = wanted
  }

  deinit { close(descriptor) }

  /// Appends `value` and a line end with one write.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``; then the line is not there.
  package func append(_ value: JSONValue) throws(ArtifactError) {
    let line = Array((value.text(.spaced) + "\n").utf8)
    if let failure = line.withUnsafeBytes({ SystemCall.writeAll($0, to: descriptor) }) {
      // A part may be there, as on a full disk.
      ftruncate(descriptor, off_t(byteCount))
      throw .unwritable(path: path, errorNumber: failure)
    }
    byteCount += line.count
  }

  /// Makes what was appended last.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``.
  package func sync() throws(ArtifactError) {
    if let failure = SystemCall.repeating({ fsync(descriptor) }) {
      throw .unwritable(path: path, errorNumber: failure)
    }
  }

  /// The length up to the last line end within `length`, read backwards in pieces.
  private static func endOfLastLine(_ descriptor: Int32, _ length: Int) -> Int {
    var end = length
    var piece = [UInt8](repeating: 0, count: 4096)
    while end > 0 {
      let start = max(0, end - piece.count)
      guard pread(descriptor, &piece, end - start, off_t(start)) == end - start else {
        return length
      }
      if let last = piece[..<(end - start)].lastIndex(of: UInt8(ascii: "\n")) {
        return start + last + 1
      }
      end = start
    }
    return 0
  }
}
