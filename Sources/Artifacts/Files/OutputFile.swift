import Glibc

/// A file that is being written from its start to its end, through a buffer.
package final class OutputFile {
  /// The path that errors name: where the file will be.
  package let path: String
  /// The number of bytes written so far, those in the buffer included.
  package private(set) var byteCount = 0

  private let descriptor: Int32
  private var isOpen = true
  private let buffer: UnsafeMutableRawBufferPointer
  private var bufferedCount = 0
  /// The checksum of what is being written, while one is asked for.
  private var checksum: CyclicChecksum?

  /// Creates the file at `location`, where nothing may be yet; errors name `path`.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``.
  init(creating location: String, for path: String) throws(ArtifactError) {
    descriptor = open(location, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(path: path, errorNumber: errno) }
    self.path = path
    buffer = .allocate(byteCount: 1 << 18, alignment: 16)
  }

  deinit {
    if isOpen { close(descriptor) }
    buffer.deallocate()
  }

  /// Appends `bytes`.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(ArtifactError) {
    byteCount += bytes.count
    checksum?.add(bytes)
    if bufferedCount + bytes.count > buffer.count { try flush() }
    if bytes.count >= buffer.count {
      try check(SystemCall.writeAll(bytes, to: descriptor))
    } else {
      UnsafeMutableRawBufferPointer(rebasing: buffer[bufferedCount...]).copyMemory(from: bytes)
      bufferedCount += bytes.count
    }
  }

  /// Appends `bytes`.
  package func write(_ bytes: [UInt8]) throws(ArtifactError) {
    let failure: ArtifactError? = bytes.withUnsafeBytes { bytes in
      do throws(ArtifactError) {
        try write(bytes)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// Appends an integer in little-endian order.
  package func write(_ integer: UInt64) throws(ArtifactError) {
    try write((0..<8).map { UInt8(truncatingIfNeeded: integer >> (8 * UInt64($0))) })
  }

  /// The CRC-32 of what `body` appends.
  func summing(
    _ body: (OutputFile) throws(ArtifactError) -> Void
  ) throws(ArtifactError) -> UInt32 {
    checksum = CyclicChecksum()
    defer { checksum = nil }
    try body(self)
    return checksum?.value ?? 0
  }

  /// Makes what was written last, and closes the file.
  func finish() throws(ArtifactError) {
    try flush()
    try check(SystemCall.repeating { fsync(descriptor) })
    isOpen = false
    // On Linux the descriptor is gone even when closing reports an error.
    if close(descriptor) != 0, errno != EINTR {
      throw .unwritable(path: path, errorNumber: errno)
    }
  }

  private func flush() throws(ArtifactError) {
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<bufferedCount])
    bufferedCount = 0
    try check(SystemCall.writeAll(bytes, to: descriptor))
  }

  private func check(_ errorNumber: Int32?) throws(ArtifactError) {
    if let errorNumber { throw .unwritable(path: path, errorNumber: errorNumber) }
  }
}
