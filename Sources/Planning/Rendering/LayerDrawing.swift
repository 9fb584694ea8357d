/// How much of each layer is adapted, one character a layer or a group of neighbours.
enum LayerDrawing {
  /// The most characters.
  static let width = 40

  /// A full block where as many modules are adapted as in the fullest layer, a half one where
  /// fewer are, and a dot where none is.
  static func text(of modulesByLayer: [Int]) -> String {
    guard let most = modulesByLayer.max(), most > 0 else {
      return String(repeating: "·", count: min(width, modulesByLayer.count))
    }
    let group = (modulesByLayer.count + width - 1) / width
    return stride(from: 0, to: modulesByLayer.count, by: group).map { start in
      let layers = modulesByLayer[start..<min(start + group, modulesByLayer.count)]
      if layers.allSatisfy({ $0 == most }) { return "█" }
      return layers.contains { $0 > 0 } ? "▄" : "·"
    }.joined()
  }
}
