import JSONSyntax
import Planning
import Tokenizers

/// A tokenizer: its size and its special tokens.
enum TokenizerInspection {
  /// The size, the roles, the chat template and every special token.
  static func lines(_ tokenizer: Tokenizer) -> [String] {
    var lines = ["tokenizer, \(Quantities.grouped(tokenizer.vocabularySize)) ids"]
    let roles: [(String, Int32?)] = [
      ("begins a text", tokenizer.beginningID), ("ends a text", tokenizer.endID),
      ("pads", tokenizer.padID), ("unknown", tokenizer.unknownID),
    ]
    for (role, id) in roles {
      guard let id else { continue }
      let token = JSONValue.string(tokenizer.token(of: id) ?? "").text()
      lines.append("  \(Quantities.left(role, 14))\(token) (\(id))")
    }
    lines.append("  chat template \(tokenizer.chatTemplate == nil ? "none" : "yes")")
    let specials = tokenizer.specialIDs.sorted()
    if !specials.isEmpty {
      lines.append("special tokens")
      for id in specials {
        let token = JSONValue.string(tokenizer.token(of: id) ?? "").text()
        lines.append("  \(Quantities.left(String(id), 8))\(token)")
      }
    }
    return lines
  }
}
