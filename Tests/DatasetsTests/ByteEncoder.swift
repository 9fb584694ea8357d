import Datasets
import Diagnostics

/// A tokenizer whose tokens are stretches of `width` bytes; one byte is its own id.
struct ByteEncoder: TextEncoder {
  static let end: Int32 = 256
  static let beginning: Int32 = 257

  var width = 1
  var addsBeginning = false
  var addsEnd = false
  var endID: Int32? = Self.end

  func encode(_ text: String, addSpecialTokens: Bool) -> TokenEncoding {
    let bytes = Array(text.utf8)
    var ids: [Int32] = []
    var spans: [Range<Int>] = []
    if addSpecialTokens, addsBeginning {
      ids.append(Self.beginning)
      spans.append(0..<0)
    }
    for start in stride(from: 0, to: bytes.count, by: width) {
      let end = min(start + width, bytes.count)
      ids.append(bytes[start..<end].reduce(0) { $0 &* 256 &+ Int32($1) })
      spans.append(start..<end)
    }
    if addSpecialTokens, addsEnd {
      ids.append(Self.end)
      spans.append(bytes.count..<bytes.count)
    }
    return TokenEncoding(ids: ids, spans: spans)
  }

  /// Both texts, each with its end; the longer is cut until all fits.
  func encode(_ first: String, pair second: String, limit: Int?) -> PairedTokens {
    var texts = [first, second].map { encode($0, addSpecialTokens: false).ids }
    let added = 2 + (addsBeginning ? 1 : 0)
    while let limit, texts[0].count + texts[1].count + added > limit {
      let longer = texts[0].count > texts[1].count ? 0 : 1
      guard texts[longer].popLast() != nil else { break }
    }
    let head = (addsBeginning ? [Self.beginning] : []) + texts[0] + [Self.end]
    let tail = texts[1] + [Self.end]
    return PairedTokens(
      ids: head + tail, types: head.map { _ in 0 } + tail.map { _ in 1 })
  }

  /// Renders `u:hello;a:world;`, the assistant's text and its `;` being learned.
  func renderChat(_ messages: [ChatTurn]) throws(DiagnosticError) -> RenderedConversation {
    var text = ""
    var spans: [Range<Int>] = []
    for message in messages {
      guard let initial = message.role.first, message.role != "system" else {
        throw DiagnosticError(
          Diagnostic(.error, .invalidTemplate, "the template has no system role"))
      }
      text += "\(initial):"
      let start = text.utf8.count
      text += message.content + ";"
      if message.role == "assistant" { spans.append(start..<text.utf8.count) }
    }
    return RenderedConversation(text: text, assistantSpans: spans)
  }
}

/// The ids that the double gives a text.
func bytes(_ text: String) -> [Int32] { text.utf8.map(Int32.init) }

/// Flags from a picture: `.` is false, anything else true.
func flags(_ picture: String) -> [Bool] { picture.map { $0 != "." } }
