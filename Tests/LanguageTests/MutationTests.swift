import Diagnostics
import Pipelines
import Testing

/// A fixed sequence of numbers (SplitMix64), so that a failure can be made again.
private struct Mutations {
  var state: UInt64

  mutating func next(below limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(limit, 1)))
  }

  static let pieces: [String] = [
    "{", "}", "[", "]", ":", ": ", "- ", "\n", "  ", "\t", "\"", "'", "#", "&a ", "*a", "!!x ",
    "<<: ",
    "---\n", "|\n", ">", "~", "null", "no", "0777", "1e999", "-1", "99999999999999999999", "\u{0}",
    "\u{FEFF}", "é", "\u{1F600}", "%", "@", "?", "epochs: 1\n", "x-a: 1\n", ",", "\r", "\u{2028}",
    "10%",
  ]

  /// The text after one to four cuts, repetitions, swaps and insertions.
  mutating func mutate(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    for _ in 0...next(below: 4) {
      let start = next(below: bytes.count + 1)
      let end = min(bytes.count, start + next(below: 24))
      switch next(below: 6) {
      case 0: bytes.removeSubrange(start..<end)
      case 1: bytes.insert(contentsOf: bytes[start..<end], at: next(below: bytes.count + 1))
      case 2: bytes.insert(contentsOf: Self.pieces[next(below: Self.pieces.count)].utf8, at: start)
      case 3: if start < bytes.count { bytes[start] = UInt8(next(below: 256)) }
      case 4: bytes.removeSubrange(start...)
      default:
        let piece = Array(Self.pieces[next(below: Self.pieces.count)].utf8)
        bytes.replaceSubrange(start..<end, with: piece)
      }
    }
    return bytes
  }
}

@Suite struct MutationTests {
  @Test(arguments: ["support-lora.yaml", "every-key.yaml"])
  func whateverIsDoneToATextReadingEndsWithAPipelineOrWithErrors(name: String) throws {
    let original = fixture(name)
    try #require(original.count > 500)
    var mutations = Mutations(state: 20_260_517)
    var refused = 0
    for round in 0..<1000 {
      let bytes = mutations.mutate(original)
      let source = SourceText(file: name, bytes: bytes)
      let (pipeline, diagnostics) = PipelineReader.read(source)
      let hasErrors = diagnostics.contains { $0.severity == .error }
      #expect((pipeline == nil) == hasErrors, "round \(round)")
      refused += hasErrors ? 1 : 0
      for diagnostic in diagnostics {
        let span = try #require(diagnostic.span, "round \(round): \(diagnostic)")
        #expect(span.start <= span.end && span.end.offset <= bytes.count, "round \(round)")
        #expect(span.start == source.position(atOffset: span.start.offset), "round \(round)")
        #expect(Self.isWellPut(diagnostic), "round \(round): \(diagnostic)")
      }
      let report = DiagnosticReport(diagnostics, sources: [source])
      #expect(TextRenderer.text(report).isEmpty == diagnostics.isEmpty)
      #expect(JSONRenderer.json(report)["diagnostics"]?.array?.count == diagnostics.count)
    }
    #expect(refused > 500)
  }

  /// Lower case, no full stop, a way out for every error.
  private static func isWellPut(_ diagnostic: Diagnostic) -> Bool {
    guard let first = diagnostic.message.first, let last = diagnostic.message.last else {
      return false
    }
    return !first.isUppercase && last != "." && diagnostic.help?.isEmpty == false
      && diagnostic.help?.hasSuffix(".") == false
  }
}
