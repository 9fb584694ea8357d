import Diagnostics
import YAMLSyntax

/// What one `--set` says: a path, step by step, and a value.
struct OverridePath {
  /// One step down the tree.
  enum Part: Hashable {
    case key(String)
    case index(Int)
    /// A stage by its name or kind.
    case name(String)
  }

  /// A part with the place where it is written.
  struct Step: Hashable {
    let part: Part
    let span: SourceSpan
  }

  let steps: [Step]
  let value: SyntaxNode
}

/// The texts of all `--set`, a line each, so that findings can point into them.
struct OverrideText {
  /// What their file is called.
  static let file = PipelineOverride.settingsFile

  let source: SourceText
  private let ranges: [Range<Int>]

  init(_ texts: [String]) {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for text in texts {
      if !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
      ranges.append(bytes.count..<bytes.count + text.utf8.count)
      bytes += text.utf8
    }
    source = SourceText(file: Self.file, bytes: bytes)
    self.ranges = ranges
  }

  /// What each text says; one that cannot be read is reported and left out.
  func paths(_ bag: inout DiagnosticBag) -> [OverridePath] {
    ranges.compactMap { range in
      var reader = OverridePathReader(source: source, range: range)
      do throws(SyntaxProblem) {
        let steps = try reader.steps()
        let (value, diagnostics) = value(from: reader.offset, to: range.upperBound)
        for diagnostic in diagnostics { bag.report(diagnostic) }
        return value.map { OverridePath(steps: steps, value: $0) }
      } catch {
        bag.report(error.diagnostic)
        return nil
      }
    }
  }

  /// The value, read as a YAML text of its own and put where it stands.
  private func value(from start: Int, to end: Int) -> (SyntaxNode?, [Diagnostic]) {
    let own = SourceText(file: Self.file, bytes: Array(source.bytes[start..<end]))
    func moved(_ span: SourceSpan) -> SourceSpan {
      source.span(start + span.start.offset, start + span.end.offset)
    }
    let (root, found) = SyntaxParser.parse(own)
    let diagnostics = found.map { diagnostic in
      Diagnostic(
        diagnostic.severity, diagnostic.code, diagnostic.message,
        at: diagnostic.span.map(moved), path: diagnostic.path, help: diagnostic.help,
        notes: diagnostic.notes.map { Diagnostic.Note($0.message, at: $0.span.map(moved)) })
    }
    if let root { return (root.moved(moved), diagnostics) }
    guard diagnostics.isEmpty else { return (nil, diagnostics) }
    let nothing = SyntaxScalar("", style: .plain)
    return (SyntaxNode(.scalar(nothing), span: source.span(end, end)), [])
  }
}

/// Why a `--set` cannot be read.
struct SyntaxProblem: Error {
  let diagnostic: Diagnostic
}

/// Reads `a.b[0].c=`.
private struct OverridePathReader {
  let source: SourceText
  let range: Range<Int>
  /// The next byte.
  private(set) var offset: Int

  init(source: SourceText, range: Range<Int>) {
    self.source = source
    self.range = range
    offset = range.lowerBound
  }

  private var next: UInt8? { offset < range.upperBound ? source.bytes[offset] : nil }

  /// The steps; afterwards the value begins at `offset`.
  mutating func steps() throws(SyntaxProblem) -> [OverridePath.Step] {
    var steps = [try key()]
    while let byte = next {
      offset += 1
      switch byte {
      case UInt8(ascii: "="): return steps
      case UInt8(ascii: "."): steps.append(try key())
      case UInt8(ascii: "["): steps.append(try bracket())
      default:
        throw problem("a path goes on with `.`, `[` or `=` after `]`", offset - 1, offset)
      }
      if steps.count > SyntaxParser.Limit.depth {
        throw problem("a path of more than \(SyntaxParser.Limit.depth) steps", offset - 1, offset)
      }
    }
    throw problem("`--set` has no `=` and value", range.lowerBound, range.upperBound)
  }

  private mutating func key() throws(SyntaxProblem) -> OverridePath.Step {
    let start = offset
    if next == UInt8(ascii: "\"") {
      offset += 1
      let text = try text(until: [UInt8(ascii: "\"")], opened: start)
      offset += 1
      return OverridePath.Step(part: .key(text), span: source.span(start, offset))
    }
    let text = try text(
      until: [UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "=")], opened: nil)
    guard !text.isEmpty else { throw problem("a key is missing in the path", start, start) }
    return OverridePath.Step(part: .key(text), span: source.span(start, offset))
  }

  private mutating func bracket() throws(SyntaxProblem) -> OverridePath.Step {
    let start = offset - 1
    let text = try text(until: [UInt8(ascii: "]")], opened: start)
    offset += 1
    guard !text.isEmpty else { throw problem("nothing stands between `[` and `]`", start, offset) }
    let part: OverridePath.Part =
      text.utf8.allSatisfy { (0x30...0x39).contains($0) }
      ? .index(Int(text) ?? .max) : .name(text)
    return OverridePath.Step(part: part, span: source.span(start, offset))
  }

  /// What stands before the first of `ends`.
  private mutating func text(
    until ends: [UInt8], opened start: Int?
  ) throws(SyntaxProblem) -> String {
    let first = offset
    while let byte = next, !ends.contains(byte) { offset += 1 }
    if let start, next == nil {
      throw problem("what opens here is not closed", start, start + 1)
    }
    return String(decoding: source.bytes[first..<offset], as: UTF8.self)
  }

  private func problem(_ message: String, _ start: Int, _ end: Int) -> SyntaxProblem {
    SyntaxProblem(
      diagnostic: Diagnostic(
        .error, .wrongType, message, at: source.span(start, end),
        help: "write `--set path=value`, for example `--set stages[0].train.epochs=1`"))
  }
}

extension SyntaxNode {
  /// The tree with every place put through `move`.
  func moved(_ move: (SourceSpan) -> SourceSpan) -> SyntaxNode {
    let moved: Content =
      switch content {
      case .scalar: content
      case .sequence(let elements): .sequence(elements.map { $0.moved(move) })
      case .mapping(let entries):
        .mapping(
          entries.map {
            SyntaxEntry(key: $0.key, keySpan: move($0.keySpan), value: $0.value.moved(move))
          })
      }
    return SyntaxNode(moved, span: move(span), sources: sources)
  }
}
