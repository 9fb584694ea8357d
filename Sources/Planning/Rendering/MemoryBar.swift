/// Peak memory drawn to scale, each part with the sign that stands before its name.
struct MemoryBar {
  /// The columns of the bar.
  static let width = 64
  private static let signs = ["█", "▓", "▒", "░"]

  private let parts: [(name: String, bytes: Int)]

  init(_ memory: MemoryFacts) {
    let parts = [
      ("weights", memory.frozenBytes), ("trainable", memory.trainableBytes),
      ("gradients", memory.gradientBytes), ("optimizer", memory.optimizerBytes),
      ("activations", memory.activationBytes), ("scratch", memory.workspaceBytes),
      ("caches", memory.cacheBytes), ("rows", memory.dataBytes),
      ("process", memory.processBytes),
    ]
    self.parts = parts.filter { $0.1 > 0 }.map { (name: $0.0, bytes: $0.1) }
  }

  /// The bar: every part as wide as its share, the smallest not at all.
  func line(_ paint: Paint) -> String {
    let total = parts.reduce(0.0) { $0 + Double($1.bytes) }
    guard total > 0 else { return "" }
    var sum = 0.0
    var drawn = 0
    var bar = ""
    for (index, part) in parts.enumerated() {
      sum += Double(part.bytes)
      let end = Int((sum / total * Double(Self.width)).rounded())
      bar += paint.coloured(
        String(repeating: Self.sign(index), count: max(0, end - drawn)), index)
      drawn = max(drawn, end)
    }
    return bar
  }

  /// The parts by name and size, in lines of `width` columns.
  func legend(width: Int, _ paint: Paint) -> [String] {
    let items = parts.enumerated().map { index, part in
      "\(Self.sign(index)) \(part.name) \(Quantities.bytes(part.bytes))"
    }
    var next = 0
    return Margin.wrapped(items, separator: "  ", width: width).map { line in
      guard paint.isColored else { return line }
      // Coloured after the lines are made, so that codes do not count as columns.
      return line.split(separator: "  ").map { item in
        defer { next += 1 }
        return paint.coloured(String(item.prefix(1)), next) + item.dropFirst()
      }.joined(separator: "  ")
    }
  }

  private static func sign(_ index: Int) -> String { signs[index % signs.count] }
}
