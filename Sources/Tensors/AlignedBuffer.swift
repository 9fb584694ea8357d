#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Zeroed memory at the layout's alignment, freed with the last reference.
package final class AlignedBuffer {
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int

  /// Allocates `byteCount` bytes of zeros; large ones take memory only where they are touched.
  package init(byteCount: Int) {
    self.byteCount = byteCount
    let size = max(byteCount, MemoryLayout.alignment)
    let padded = (size + 4095) / 4096 * 4096
    let mapped = mmap(
      nil, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    precondition(mapped != MAP_FAILED, "out of memory for \(byteCount) bytes")
    guard let mapped else { preconditionFailure("out of memory for \(byteCount) bytes") }
    pointer = mapped
  }

  deinit { munmap(pointer, (max(byteCount, MemoryLayout.alignment) + 4095) / 4096 * 4096) }

  /// The memory as floats.
  package var floats: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: pointer.assumingMemoryBound(to: Float.self), count: byteCount / 4)
  }
}
