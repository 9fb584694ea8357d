#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why memory could not be had.
package enum AllocationError: Error, Hashable, Sendable {
  case outOfMemory(byteCount: Int)
}

/// Zeroed memory at the layout's alignment, freed with the last reference.
package final class AlignedBuffer {
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int

  private let mappedByteCount: Int

  /// Allocates `byteCount` bytes of zeros; large ones take memory only where they are touched.
  ///
  /// - Throws: ``AllocationError`` when the system has no room for them, or the count is negative.
  package init(byteCount: Int) throws(AllocationError) {
    let limit = Int.max - Self.pageByteCount
    guard byteCount >= 0, byteCount <= limit else {
      throw .outOfMemory(byteCount: byteCount)
    }
    let size = max(byteCount, 1)
    let padded = (size + Self.pageByteCount - 1) / Self.pageByteCount * Self.pageByteCount
    let mapped = mmap(
      nil, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped, mapped != MAP_FAILED else { throw .outOfMemory(byteCount: byteCount) }
    #if os(Linux)
      if padded >= Self.hugePageByteCount { madvise(mapped, padded, MADV_HUGEPAGE) }
    #endif
    pointer = mapped
    self.byteCount = byteCount
    mappedByteCount = padded
  }

  deinit { munmap(pointer, mappedByteCount) }

  private static let pageByteCount = 4096
  private static let hugePageByteCount = 2 << 20

  /// The memory as floats.
  package var floats: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: pointer.assumingMemoryBound(to: Float.self), count: byteCount / 4)
  }
}
