/// Finds a layer's number in a module's path.
enum LayerIndex {
  /// The first numbered part that has two parts or more before it and one behind it, as PEFT's
  /// `.*?\.[^.]*\.(\d+)\.`.
  static func first(in path: String) -> Int? {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 3 else { return nil }
    for part in parts[2..<(parts.count - 1)] {
      if let number = number(part) { return number }
    }
    return nil
  }

  /// The number of a part that is all digits.
  static func number(_ part: Substring) -> Int? {
    part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
  }
}

extension ModelDescription {
  /// The number of the layer that the module at `path` lies in.
  package static func layer(ofModule path: String) -> Int? { LayerIndex.first(in: path) }
}
