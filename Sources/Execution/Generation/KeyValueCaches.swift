import Tensors

/// The keys and values of lines that are written beside each other.
final class KeyValueCaches {
  private let lines: Int
  /// Positions that a line has room for.
  private let capacity: Int
  private var buffers: [(name: String, buffer: AlignedBuffer)] = []
  /// Where one cache is copied to while its lines are put in another order.
  private var spare: AlignedBuffer?

  init(lines: Int, capacity: Int) {
    self.lines = lines
    self.capacity = capacity
  }

  /// The addresses of the states of a program, by name; new ones get memory.
  ///
  /// - Throws: when the system has no room.
  func pointers(
    for program: Program
  ) throws(AllocationError) -> [String: UnsafeMutableRawPointer] {
    for (name, byteCount) in program.states where !buffers.contains(where: { $0.name == name }) {
      buffers.append((name, try AlignedBuffer(byteCount: byteCount)))
    }
    return Dictionary(
      buffers.map { ($0.name, $0.buffer.pointer) }, uniquingKeysWith: { first, _ in first })
  }

  /// Lets each line go on from what its parent wrote in the first `positions` places.
  ///
  /// - Throws: when the system has no room.
  func reorder(_ parents: [Int], positions: Int) throws(AllocationError) {
    guard parents != Array(0..<lines) else { return }
    for (name, cache) in buffers where name.hasPrefix("cache.") {
      let line = cache.byteCount / lines
      let used = line / capacity * positions
      let copy: AlignedBuffer
      if let spare, spare.byteCount >= cache.byteCount {
        copy = spare
      } else {
        copy = try AlignedBuffer(byteCount: cache.byteCount)
        spare = copy
      }
      for source in Set(parents) {
        (copy.pointer + source * line).copyMemory(
          from: cache.pointer + source * line, byteCount: used)
      }
      for (target, source) in parents.enumerated() where target != source {
        (cache.pointer + target * line).copyMemory(
          from: copy.pointer + source * line, byteCount: used)
      }
    }
  }
}
