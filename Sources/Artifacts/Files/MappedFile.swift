import Glibc

/// A file's bytes, mapped into memory and read when they are touched.
///
/// The file must keep its length while it is mapped; Hone itself replaces files and never cuts
/// one that it may have mapped.
package final class MappedFile: @unchecked Sendable {
  // SAFETY: the mapping is read-only, `bytes` never changes, and it is unmapped only when the
  // last reference goes.

  /// The path as it was given.
  package let path: String
  /// All bytes; valid as long as this object is.
  package let bytes: UnsafeRawBufferPointer

  /// Maps the regular file at `path`.
  ///
  /// - Throws: ``ArtifactError/missing(path:)``, ``ArtifactError/unreadable(path:errorNumber:)`` or
  ///   ``ArtifactError/notAFile(path:)``.
  package init(_ path: String) throws(ArtifactError) {
    guard !path.utf8.contains(0) else { throw .missing(path: path) }
    // Not to wait for the writer of a named pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? .missing(path: path) : .unreadable(path: path, errorNumber: errno)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, errorNumber: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
    self.path = path
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let start, start != MAP_FAILED else {
      throw .unreadable(path: path, errorNumber: errno)
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  /// The number of bytes.
  package var byteCount: Int { bytes.count }

  /// The bytes of `range`, or nil if the file does not have them all.
  package func bytes(in range: Range<Int>) -> UnsafeRawBufferPointer? {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  /// A copy of the first bytes, at most `limit`.
  package func copy(limit: Int = .max) -> [UInt8] {
    withExtendedLifetime(self) { Array(bytes.prefix(limit)) }
  }

  /// Lets go of the pages that were read; they come back from the file when they are read again.
  package func releasePages() {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
  }
}
