/// Unicode's four normalization forms.
///
/// Source: Unicode Standard Annex 15. The tables are those of the version that they name.
enum UnicodeForm: String, CaseIterable, Sendable {
  case nfc, nfd, nfkc, nfkd

  private var isCompatible: Bool { self == .nfkc || self == .nfkd }
  private var composes: Bool { self == .nfc || self == .nfkc }

  /// The first scalar that the form's decompositions know.
  private var firstDecomposed: UInt32 { isCompatible ? 0xA0 : 0xC0 }

  /// Scalars below this one stay as they are, and so does a text of nothing else.
  private var firstAffected: UInt32 {
    switch self {
    case .nfc: 0x300
    case .nfd: 0xC0
    case .nfkc, .nfkd: 0xA0
    }
  }

  /// A scalar on its way, and the bytes of the text before that it stands for.
  private struct Unit {
    var scalar: Unicode.Scalar
    var range: Range<Int>

    var combiningClass: UInt8 { scalar.properties.canonicalCombiningClass.rawValue }
  }

  /// Brings `text` into this form.
  func apply(to text: inout AlignedText) {
    let units: [Unit]? = text.bytes.withUnsafeBufferPointer { bytes in
      var units: [Unit] = []
      var isAffected = false
      var offset = 0
      while offset < bytes.count {
        let (scalar, end) = UTF8Scan.scalar(at: offset, in: bytes)
        if scalar.value >= firstAffected { isAffected = true }
        if scalar.value < firstDecomposed {
          units.append(Unit(scalar: scalar, range: offset..<end))
        } else {
          decompose(scalar, offset..<end, into: &units)
        }
        offset = end
      }
      return isAffected ? units : nil
    }
    guard var units else { return }
    Self.order(&units)
    if composes { units = Self.composed(units) }
    var result = AlignedText()
    for unit in units {
      let written = Array(String(unit.scalar).utf8)
      if text.bytes[unit.range].elementsEqual(written) {
        result.append(unit.range, of: text)
      } else {
        result.append(written, origin: text.origin(of: unit.range))
      }
    }
    text = result
  }

  private func decompose(
    _ scalar: Unicode.Scalar, _ range: Range<Int>, into units: inout [Unit], depth: Int = 0
  ) {
    let syllable = scalar.value &- Hangul.firstSyllable
    if syllable < Hangul.syllables {
      let tail = syllable % Hangul.tails
      append(Hangul.firstLead + syllable / (Hangul.vowels * Hangul.tails), range, to: &units)
      append(
        Hangul.firstVowel + syllable % (Hangul.vowels * Hangul.tails) / Hangul.tails, range,
        to: &units)
      if tail > 0 { append(Hangul.firstTail - 1 + tail, range, to: &units) }
      return
    }
    var parts = UnicodeTables.canonical.parts[scalar.value]
    if parts == nil, isCompatible { parts = UnicodeTables.compatible.parts[scalar.value] }
    guard let parts, depth < 16 else {
      units.append(Unit(scalar: scalar, range: range))
      return
    }
    for part in parts {
      guard let part = Unicode.Scalar(part) else { continue }
      decompose(part, range, into: &units, depth: depth + 1)
    }
  }

  private func append(_ value: UInt32, _ range: Range<Int>, to units: inout [Unit]) {
    if let scalar = Unicode.Scalar(value) { units.append(Unit(scalar: scalar, range: range)) }
  }

  /// Puts every run of combining scalars in the order of their classes, equal ones as they came.
  private static func order(_ units: inout [Unit]) {
    var start = 0
    while start < units.count {
      guard units[start].combiningClass > 0 else {
        start += 1
        continue
      }
      var end = start
      var classes: [UInt8] = []
      while end < units.count {
        let combiningClass = units[end].combiningClass
        guard combiningClass > 0 else { break }
        classes.append(combiningClass)
        end += 1
      }
      let order = classes.indices.sorted {
        classes[$0] == classes[$1] ? $0 < $1 : classes[$0] < classes[$1]
      }
      if order != Array(classes.indices) {
        // Scalars that change places stand for the whole run, so that origins keep their order.
        let range = units[start].range.lowerBound..<units[end - 1].range.upperBound
        let run = order.map { Unit(scalar: units[start + $0].scalar, range: range) }
        units.replaceSubrange(start..<end, with: run)
      }
      start = end
    }
  }

  private static func composed(_ units: [Unit]) -> [Unit] {
    var result: [Unit] = []
    var starter: Int?
    var lastClass: UInt8 = 0
    for unit in units {
      let combiningClass = unit.combiningClass
      if let starter, starter == result.count - 1 || lastClass < combiningClass,
        let whole = composition(of: result[starter].scalar, unit.scalar)
      {
        let range = result[starter].range
        result[starter].scalar = whole
        result[starter].range =
          min(
            range.lowerBound, unit.range.lowerBound)..<max(
            range.upperBound, unit.range.upperBound)
        continue
      }
      if combiningClass == 0 { starter = result.count }
      lastClass = combiningClass
      result.append(unit)
    }
    return result
  }

  private static func composition(
    of first: Unicode.Scalar, _ second: Unicode.Scalar
  ) -> Unicode.Scalar? {
    let lead = first.value &- Hangul.firstLead
    let vowel = second.value &- Hangul.firstVowel
    if lead < Hangul.leads, vowel < Hangul.vowels {
      return Unicode.Scalar(
        Hangul.firstSyllable + (lead * Hangul.vowels + vowel) * Hangul.tails)
    }
    let syllable = first.value &- Hangul.firstSyllable
    let tail = second.value &- Hangul.firstTail
    if syllable < Hangul.syllables, syllable % Hangul.tails == 0, tail < Hangul.tails - 1 {
      return Unicode.Scalar(first.value + tail + 1)
    }
    let pair = UInt64(first.value) << 32 | UInt64(second.value)
    return UnicodeTables.canonical.wholes[pair].flatMap { Unicode.Scalar($0) }
  }

  /// Korean syllables, which are computed.
  private enum Hangul {
    static let firstSyllable: UInt32 = 0xAC00
    static let firstLead: UInt32 = 0x1100
    static let firstVowel: UInt32 = 0x1161
    static let firstTail: UInt32 = 0x11A8
    static let leads: UInt32 = 19
    static let vowels: UInt32 = 21
    static let tails: UInt32 = 28
    static let syllables: UInt32 = 11172
  }
}

/// The decompositions, read from their compact form once.
private struct UnicodeTables: Sendable {
  static let canonical = UnicodeTables(UnicodeForm.canonicalDecompositions)
  static let compatible = UnicodeTables(UnicodeForm.compatibleDecompositions)

  /// What a scalar becomes one level down.
  private(set) var parts: [UInt32: [UInt32]] = [:]
  /// What a pair composes to.
  private(set) var wholes: [UInt64: UInt32] = [:]

  init(_ text: String) {
    var value: UInt32 = 0
    for entry in text.utf8.split(separator: UInt8(ascii: " ")) {
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let head = entry[..<equals].split(separator: UInt8(ascii: "*")).map(Self.number)
      var tail = entry[entry.index(after: equals)...]
      let composes = tail.first != UInt8(ascii: "!")
      if !composes { tail = tail.dropFirst() }
      let targets = tail.split(separator: UInt8(ascii: ",")).map(Self.number)
      value += head[0]
      let count = head.count > 1 ? head[1] : 1
      for step in 0..<count {
        parts[value + step] = targets.map { count > 1 ? $0 + step : $0 }
      }
      if targets.count == 2, composes {
        wholes[UInt64(targets[0]) << 32 | UInt64(targets[1])] = value
      }
      value += count - 1
    }
  }

  private static func number(_ digits: Substring.UTF8View) -> UInt32 {
    UInt32(Substring(digits), radix: 16) ?? 0
  }
}
