/// Byte strings by their common beginnings.
struct ByteTrie: Sendable {
  /// `(node, byte)` → the next node; node 0 is the root.
  private var edges: MergeTable
  /// For each node the value of the string that ends there, or -1.
  private var values: [Int32] = [-1]

  init(capacity: Int = 16) { edges = MergeTable(capacity: capacity) }

  /// Sets the value of `bytes`, which must not be negative.
  mutating func insert(_ bytes: some Sequence<UInt8>, value: Int32) {
    var node: Int32 = 0
    for byte in bytes {
      if let edge = edges.merge(of: node, Int32(byte)) {
        node = edge.id
      } else {
        let next = Int32(truncatingIfNeeded: values.count)
        edges.insert(node, Int32(byte), .init(rank: 0, id: next))
        values.append(-1)
        node = next
      }
    }
    values[Int(node)] = value
  }

  /// The node that `bytes` lead to, or nil.
  func node(after bytes: some Sequence<UInt8>) -> Int32? {
    var node: Int32 = 0
    for byte in bytes {
      guard let edge = edges.merge(of: node, Int32(byte)) else { return nil }
      node = edge.id
    }
    return node
  }

  /// Calls `body` with the end and the value of each string that `text` holds at `start`, the
  /// shortest first.
  ///
  /// The search begins at `node`: what leads there counts as read before `start`.
  @inline(__always)
  func forEachPrefix(
    of text: UnsafeBufferPointer<UInt8>, from start: Int, at node: Int32 = 0,
    _ body: (Int, Int32) -> Void
  ) {
    var node = node
    var index = start
    while index < text.count, let edge = edges.merge(of: node, Int32(text[index])) {
      node = edge.id
      index += 1
      if values[Int(node)] >= 0 { body(index, values[Int(node)]) }
    }
  }
}
