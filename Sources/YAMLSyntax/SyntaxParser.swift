package import Diagnostics

/// Reads a YAML text into a tree with a span on every node and key.
///
/// One document of UTF-8. Duplicate keys, merge keys, tags and keys that are no text are reported and
/// left out of the tree; what cannot be read at all ends the reading.
package enum SyntaxParser {
  /// What a text may need at most.
  package enum Limit {
    package static let bytes = 1 << 20
    package static let depth = 64
    package static let nodes = 10_000
    package static let aliases = 100
  }

  /// Parses `source`.
  ///
  /// - Returns: the root, nil where the text holds none or cannot be read, and all that was found.
  package static func parse(_ source: SourceText) -> (root: SyntaxNode?, diagnostics: [Diagnostic])
  {
    if let refusal = refusal(of: source) { return (nil, [refusal]) }
    return source.bytes.withUnsafeBufferPointer { bytes in
      let content = UnsafeBufferPointer(rebasing: bytes[source.contentStart...])
      var builder = TreeBuilder(source: source, events: EventStream(content))
      do throws(SyntaxStop) {
        let root = try builder.document()
        return (root, builder.diagnostics)
      } catch {
        return (nil, builder.diagnostics + [error.diagnostic])
      }
    }
  }

  /// Why the bytes are not looked at as YAML.
  private static func refusal(of source: SourceText) -> Diagnostic? {
    if source.bytes.count > Limit.bytes {
      return Diagnostic(
        .error, .limitExceeded, "the file is larger than 1 MiB (\(source.bytes.count) bytes)",
        at: source.span(0, 0),
        help: "a pipeline is a short text; keep data in files of their own under `data`")
    }
    let isUTF16 =
      source.bytes.starts(with: [0xFF, 0xFE]) || source.bytes.starts(with: [0xFE, 0xFF])
    guard let offset = source.firstInvalidOffset else { return nil }
    return Diagnostic(
      .error, .invalidYAML, isUTF16 ? "the file is UTF-16" : "the file is not UTF-8 here",
      at: source.span(offset, offset),
      help: "save the file as UTF-8")
  }
}

/// A reason to read no further.
struct SyntaxStop: Error {
  let diagnostic: Diagnostic
}
