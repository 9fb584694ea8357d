#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a file front to back through a fixed buffer and counts its lines.
final class ByteReader {
  let path: String
  /// No row may be larger.
  let maximumRowBytes: Int
  /// The line of the next byte, from 1.
  private(set) var line = 1
  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var position = 0
  private var end = 0

  /// Opens a regular file and skips a byte order mark.
  ///
  /// - Throws: `missingFile` or `unreadableFile`.
  init(path: String, maximumRowBytes: Int) throws(DatasetError) {
    self.path = path
    self.maximumRowBytes = maximumRowBytes
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw .missingFile(path: path) }
      throw .unreadableFile(path: path, reason: Self.reason(errno))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadableFile(path: path, reason: "not a regular file")
    }
    try fill()
    if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Where the next byte stands.
  var place: RowPlace { RowPlace(file: path, line: line) }

  /// The next byte, left in place; nil at the end of the file.
  func peek() throws(DatasetError) -> UInt8? {
    if position == end { try fill() }
    return position < end ? buffer[position] : nil
  }

  /// The next byte; nil at the end of the file.
  func next() throws(DatasetError) -> UInt8? {
    guard let byte = try peek() else { return nil }
    position += 1
    if byte == UInt8(ascii: "\n") { line += 1 }
    return byte
  }

  /// Appends the bytes up to the first for which `isStop` holds, or to the end of the file.
  ///
  /// `size` grows by their number and is held to the limit on rows.
  func take(
    into bytes: inout [UInt8], size: inout Int, from start: RowPlace,
    until isStop: (UInt8) -> Bool
  ) throws(DatasetError) {
    while try peek() != nil {
      var index = position
      buffer.withUnsafeBufferPointer { buffer in
        while index < end, !isStop(buffer[index]) {
          if buffer[index] == UInt8(ascii: "\n") { line += 1 }
          index += 1
        }
      }
      bytes.append(contentsOf: buffer[position..<index])
      size += index - position
      position = index
      try check(size, at: start)
      if position < end { return }
    }
  }

  /// The bytes up to the next line end (LF or CRLF), without it; nil at the end of the file.
  func nextLine() throws(DatasetError) -> [UInt8]? {
    guard try peek() != nil else { return nil }
    let start = place
    var bytes: [UInt8] = []
    var size = 0
    try take(into: &bytes, size: &size, from: start) { $0 == UInt8(ascii: "\n") }
    _ = try next()
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return bytes
  }

  /// Refuses a row that has grown to `count` bytes if that is too large.
  func check(_ count: Int, at start: RowPlace) throws(DatasetError) {
    if count > maximumRowBytes {
      throw .invalidRow(.tooLarge(limitBytes: maximumRowBytes), at: start)
    }
  }

  /// The bytes as text.
  ///
  /// - Throws: `invalidRow` where they are not UTF-8.
  func text(_ bytes: [UInt8], at start: RowPlace) throws(DatasetError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .invalidRow(.invalidUTF8, at: start)
    }
    return text
  }

  private func fill() throws(DatasetError) {
    position = 0
    end = 0
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        end = count
        return
      }
      if errno != EINTR { throw .unreadableFile(path: path, reason: Self.reason(errno)) }
    }
  }

  private static func reason(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
  }
}
