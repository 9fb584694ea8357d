extension Unicode.Scalar {
  /// The columns that a terminal gives the scalar: 0 for marks that combine, 2 for wide ones.
  ///
  /// Source: the wide and full-width ranges of Unicode's EastAsianWidth, coarsened to blocks.
  package var displayWidth: Int {
    // What could steer the terminal is shown as one replacement character.
    if isControl { return 1 }
    switch value {
    case 0x20...0x7E: return 1
    // Vowels and endings that join the Hangul syllable before them.
    case 0x1160...0x11FF: return 0
    // A soft hyphen takes room; two regional indicators make one flag of two columns.
    case 0xAD, 0x1F1E6...0x1F1FF: return 1
    default: break
    }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    let isWide =
      switch value {
      case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF,
        0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F320,
        0x20000...0x3FFFD:
        true
      default: properties.isEmojiPresentation
      }
    return isWide ? 2 : 1
  }

  /// Whether the scalar could steer a terminal: a control, a line separator or a change of direction.
  package var isControl: Bool {
    switch value {
    case 0x202A...0x202E, 0x2066...0x2069: true
    default:
      switch properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }
}
