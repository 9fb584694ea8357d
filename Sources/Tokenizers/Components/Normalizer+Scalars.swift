extension Normalizer {
  /// What becomes of one scalar.
  enum ScalarChange {
    case kept
    case removed
    case space
    case spaced
  }

  /// The text with each scalar treated as `change` says.
  static func rewriting(
    _ text: AlignedText, _ change: (Unicode.Scalar) -> ScalarChange
  ) -> AlignedText {
    var result = AlignedText()
    text.bytes.withUnsafeBufferPointer { bytes in
      var offset = 0
      while offset < bytes.count {
        let (scalar, end) = UTF8Scan.scalar(at: offset, in: bytes)
        switch change(scalar) {
        case .kept: result.append(offset..<end, of: text)
        case .removed: break
        case .space: result.append([0x20], origin: text.origin(of: offset..<end))
        case .spaced:
          let origin = text.origin(of: offset..<end)
          result.append([0x20], origin: origin)
          result.append(offset..<end, of: text)
          result.append([0x20], origin: origin)
        }
        offset = end
      }
    }
    return result
  }

  static func cleaned(_ scalar: Unicode.Scalar) -> ScalarChange {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: .space
    case 0, 0xFFFD: .removed
    case 0x20..<0x7F: .kept
    default:
      if ScalarClass.control.contains(scalar) {
        .removed
      } else {
        ScalarClass.whiteSpace.contains(scalar) ? .space : .kept
      }
    }
  }

  static func withoutNoise(_ scalar: Unicode.Scalar) -> ScalarChange {
    switch scalar.value {
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: .removed
    case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
      .space
    default: .kept
    }
  }
}
