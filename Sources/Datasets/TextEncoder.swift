package import Diagnostics
package import JSONSyntax

/// What rows need of a tokenizer; the seam between reading data and the model's vocabulary.
package protocol TextEncoder: Sendable {
  /// Turns text into tokens; with `addSpecialTokens` also what the tokenizer's post-processor adds.
  func encode(_ text: String, addSpecialTokens: Bool) -> TokenEncoding

  /// Turns two texts into one row of tokens, with what the post-processor adds and, beside each,
  /// the number of the text that it counts as.
  ///
  /// With `limit` the longer text is cut at its end until all tokens are at most that many.
  func encode(_ first: String, pair second: String, limit: Int?) -> PairedTokens

  /// The end-of-sequence token.
  var endID: Int32? { get }

  /// Renders a conversation through the chat template.
  ///
  /// - Throws: why it cannot be: there is no template, or it refuses the messages.
  func renderChat(_ messages: [ChatTurn]) throws(DiagnosticError) -> RenderedConversation
}

/// Tokens of a text and the bytes that each holds.
package struct TokenEncoding: Hashable, Sendable {
  package let ids: [Int32]
  /// Ranges of the text's UTF-8, one a token; empty for what the post-processor added.
  package let spans: [Range<Int>]

  package init(ids: [Int32], spans: [Range<Int>]) {
    self.ids = ids
    self.spans = spans
  }
}

/// Tokens of two texts, one after the other.
package struct PairedTokens: Hashable, Sendable {
  package let ids: [Int32]
  /// Beside each token 0, or 1 for what counts as the second text.
  package let types: [Int32]

  package init(ids: [Int32], types: [Int32]) {
    self.ids = ids
    self.types = types
  }
}

/// One message of a conversation.
package struct ChatTurn: Hashable, Sendable {
  package let role: String
  package let content: String
  /// What else the message has, for templates that read it, for example `name`.
  package let fields: JSONObject

  package init(role: String, content: String, fields: JSONObject = JSONObject()) {
    self.role = role
    self.content = content
    self.fields = fields
  }
}

/// A conversation as the chat template writes it.
package struct RenderedConversation: Hashable, Sendable {
  package let text: String
  /// The bytes of the assistant's turns and of what ends them, ascending.
  package let assistantSpans: [Range<Int>]

  package init(text: String, assistantSpans: [Range<Int>]) {
    self.text = text
    self.assistantSpans = assistantSpans
  }
}
