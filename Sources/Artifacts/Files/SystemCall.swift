import Glibc

/// The system's calls, as this module needs them: repeated when interrupted, errors as numbers.
enum SystemCall {
  /// What the system says of an error number.
  static func text(of number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    let words = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return String(decoding: words, as: UTF8.self)
  }

  /// Calls `body` until it is not interrupted by a signal; nil is success, else the error number.
  static func repeating(_ body: () -> Int32) -> Int32? {
    while true {
      if body() >= 0 { return nil }
      if errno != EINTR { return errno }
    }
  }

  /// Writes all of `bytes`; nil is success, else the error number.
  static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = write(descriptor, part.baseAddress, part.count)
      if written < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(written)
    }
    return nil
  }

  /// Makes what was done to the entries of `directory` last; nil is success.
  static func synchronizeDirectory(_ directory: String) -> Int32? {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    let failure = repeating { fsync(descriptor) }
    // Some file systems cannot synchronise a directory and say so.
    return failure == EINVAL ? nil : failure
  }
}
