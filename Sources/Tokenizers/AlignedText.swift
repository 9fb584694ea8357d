/// A text on its way to the model: its bytes now, and where each came from.
struct AlignedText: Sendable {
  var bytes: [UInt8]
  /// For each byte the bytes of the original text that it stands for.
  var origins: [Range<Int>]

  init() {
    bytes = []
    origins = []
  }

  /// The text `original`, whose first byte is byte `base` of the whole.
  init(_ original: UnsafeBufferPointer<UInt8>, base: Int) {
    bytes = Array(original)
    origins = (0..<original.count).map { base + $0..<base + $0 + 1 }
  }

  /// The original bytes that `range` stands for.
  func origin(of range: Range<Int>) -> Range<Int> {
    guard let first = range.first, let last = range.last else { return 0..<0 }
    var start = origins[first].lowerBound
    var end = origins[last].upperBound
    for index in range {
      start = min(start, origins[index].lowerBound)
      end = max(end, origins[index].upperBound)
    }
    return start..<end
  }

  /// Appends `content` as standing for `origin`.
  ///
  /// Where it is as long as what it stands for, byte stands for byte.
  mutating func append(_ content: some Collection<UInt8>, origin: Range<Int>) {
    bytes.append(contentsOf: content)
    origins.append(contentsOf: repeatElement(origin, count: content.count))
  }

  /// Appends a part of `other`.
  mutating func append(_ range: Range<Int>, of other: AlignedText) {
    bytes.append(contentsOf: other.bytes[range])
    origins.append(contentsOf: other.origins[range])
  }
}
