package import Diagnostics
package import Tokenizers

extension Tokenizer: TextEncoder {
  /// Turns text into tokens; with `addSpecialTokens` also what the post-processor adds.
  package func encode(_ text: String, addSpecialTokens: Bool) -> TokenEncoding {
    let encoding: Encoding = encode(text, addSpecialTokens: addSpecialTokens)
    return TokenEncoding(ids: encoding.ids, spans: encoding.spans)
  }

  /// Turns two texts into one row, cut as Hugging Face's `longest_first` does.
  package func encode(_ first: String, pair second: String, limit: Int?) -> PairedTokens {
    let encoding: PairEncoding = encode(first, pair: second, maxLength: limit)
    return PairedTokens(ids: encoding.ids, types: encoding.typeIDs)
  }

  /// Renders a conversation as the model's chat template has it.
  ///
  /// - Throws: `missing-chat-template` where there is none, else what the template found.
  package func renderChat(_ messages: [ChatTurn]) throws(DiagnosticError) -> RenderedConversation {
    guard let chatTemplate else {
      throw DiagnosticError(
        Diagnostic(
          .error, .missingChatTemplate, "the tokenizer has no chat template for `messages`",
          help: "use the instruction-tuned model, add `chat_template` to tokenizer_config.json, "
            + "or train on `prompt` and `completion`"))
    }
    do {
      let rendered = try chatTemplate.render(
        messages: messages.map {
          ChatMessage(role: $0.role, content: $0.content, fields: $0.fields)
        },
        beginningToken: beginningID.flatMap(token(of:)), endToken: endID.flatMap(token(of:)))
      return RenderedConversation(text: rendered.text, assistantSpans: rendered.assistantSpans)
    } catch {
      throw DiagnosticError(error.diagnostic)
    }
  }
}
