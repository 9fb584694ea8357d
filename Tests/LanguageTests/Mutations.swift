/// Damage to texts, from a fixed sequence of numbers (SplitMix64), so that a failure can be made again.
struct Mutations {
  private var state: UInt64
  /// What is spliced in: the texts that are mutated, and others.
  private let texts: [[UInt8]]

  init(seed: UInt64, texts: [[UInt8]]) {
    state = seed
    self.texts = texts
  }

  mutating func next(below limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(limit, 1)))
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[next(below: elements.count)]
  }

  /// What a text is damaged by.
  private enum Damage: CaseIterable {
    case cut, doubled, sign, flippedBit, anyByte, ended, replaced
    case lineDoubled, lineCut, linesSwapped, blockMoved, spliced
    case otherBreaks, tabs, byteOrderMark, script
    case nested, hugeNumber, aliases, longLine, word
  }

  /// YAML's signs, its words, and what is often mistaken.
  private static let signs = [
    "{", "}", "[", "]", ":", ": ", "- ", "\n", "  ", "\t", "\"", "'", "#", "&a ", "*a", "!!x ",
    "<<: ", "---\n", "...\n", "|\n", "|2-\n", ">", ">+\n", "~", "null", "no", "%", "@", "`", "?",
    "? ", ",", "\r", "%YAML 1.1\n", "\\", "\\x", "${", "}", "${env.HOME}", "${name:-x}", "$",
    "# hone: allow x\n",
  ]
  private static let words = [
    "0777", "1e999", "-1", "-0", "1_000", "0x10", "10%", "101%", ".inf", ".nan", "true", "yes",
    "off", "1 epoch", "0 steps", "null", "\"8\"", "x-a: 1\n", "epochs: 1\n", "vars: {a: 1}\n",
    "extends: other.yaml\n", "matrix: {seed: [1, 2]}\n", "hone: 2\n", "data: []\n", "stages: {}\n",
    "lora", "warmup_ratio", "..", "/", "~/x", "*", "[[[", "a.b.c", "{{x}}", "{% x %}",
  ]
  /// Wide, combining, invisible, from right to left, of several bytes; and what is no text.
  private static let scripts: [[UInt8]] =
    [
      "é", "e\u{301}", "日本語", "\u{1F600}", "\u{1F469}\u{200D}\u{1F52C}", "\u{5E9}\u{5DC}",
      "\u{202E}", "\u{200B}", "\u{FEFF}", "\u{2028}", "\u{85}", "\u{A0}", "\u{0}", "\u{7}",
      "\u{1B}[31m", "\u{FFFD}", "\u{FFFF}", "\u{10FFFF}", "ß", "İ", "ﷺ", "\u{E000}",
    ].map { Array($0.utf8) } + [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE6, 0x97], [0x80],
    ]

  /// The text after one to four damages.
  mutating func mutate(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    for _ in 0...next(below: 4) { damage(&bytes) }
    return bytes
  }

  private mutating func damage(_ bytes: inout [UInt8]) {
    let start = next(below: bytes.count + 1)
    let end = min(bytes.count, start + next(below: 24))
    func insert(_ text: String, into bytes: inout [UInt8]) {
      bytes.insert(contentsOf: text.utf8, at: start)
    }
    switch pick(Damage.allCases) {
    case .cut: bytes.removeSubrange(start..<end)
    case .doubled: bytes.insert(contentsOf: bytes[start..<end], at: next(below: bytes.count + 1))
    case .sign: insert(pick(Self.signs), into: &bytes)
    case .flippedBit: if start < bytes.count { bytes[start] ^= 1 << UInt8(next(below: 8)) }
    case .anyByte: if start < bytes.count { bytes[start] = UInt8(next(below: 256)) }
    case .ended: bytes.removeSubrange(start...)
    case .replaced: bytes.replaceSubrange(start..<end, with: Array(pick(Self.signs).utf8))
    case .lineDoubled, .lineCut, .linesSwapped, .blockMoved: damageLines(&bytes)
    case .spliced:
      let other = pick(texts)
      let from = next(below: other.count + 1)
      bytes.replaceSubrange(start..., with: other[from..<min(other.count, from + 4096)])
    case .otherBreaks:
      let (old, new) = pick([("\n", "\r\n"), ("\n", "\r"), ("\n", "\n\n"), ("\r\n", "\n")])
      bytes = Self.replacing(old, new, in: bytes)
    case .tabs: bytes = Self.replacing("  ", "\t", in: bytes)
    case .byteOrderMark: bytes.insert(contentsOf: [0xEF, 0xBB, 0xBF], at: pick([0, start]))
    case .script: bytes.insert(contentsOf: pick(Self.scripts), at: start)
    case .nested:
      let unit = pick(["[", "{a: ", "- ", "? ", "a:\n ", "[{", "!x ", "&a ", "'"])
      insert(String(repeating: unit, count: pick([1, 8, 63, 64, 65, 300])), into: &bytes)
    case .hugeNumber:
      insert(
        pick(["", "-", "0.", "1e"]) + String(repeating: "9", count: pick([19, 20, 400])) + " ",
        into: &bytes)
    case .aliases:
      let level = (0..<8).map { "a\($0 + 1): &b\($0 + 1) [*b\($0), *b\($0), *b\($0), *b\($0)]\n" }
      insert("a0: &b0 [1, 1]\n" + level.joined() + "b: [*b1, *b2]\n", into: &bytes)
    case .longLine:
      insert(String(repeating: pick(["a", "日", " ", "#"]), count: 5000), into: &bytes)
    case .word: bytes.replaceSubrange(start..<end, with: Array(pick(Self.words).utf8))
    }
  }

  /// Doubles, cuts, swaps or moves lines, a block of them deeper or less deep.
  private mutating func damageLines(_ bytes: inout [UInt8]) {
    let newline = UInt8(ascii: "\n")
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    let first = next(below: lines.count)
    let second = next(below: lines.count)
    switch next(below: 4) {
    case 0: lines.insert(lines[first], at: second)
    case 1: lines.remove(at: first)
    case 2: lines.swapAt(first, second)
    default:
      let block = lines[first..<min(lines.count, first + 1 + next(below: 8))]
      let deeper = [UInt8](repeating: 0x20, count: next(below: 5))
      lines.removeSubrange(block.indices)
      lines.insert(
        contentsOf: block.map { deeper.isEmpty ? Array($0.drop { $0 == 0x20 }) : deeper + $0 },
        at: min(second, lines.count))
    }
    bytes = Array(lines.joined(separator: [newline]))
  }

  private static func replacing(_ old: String, _ new: String, in bytes: [UInt8]) -> [UInt8] {
    let (old, new) = (Array(old.utf8), Array(new.utf8))
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var offset = 0
    while offset < bytes.count {
      if bytes[offset...].starts(with: old) {
        output += new
        offset += old.count
      } else {
        output.append(bytes[offset])
        offset += 1
      }
    }
    return output
  }
}
