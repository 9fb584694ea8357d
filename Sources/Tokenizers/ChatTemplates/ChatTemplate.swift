package import JSONSyntax

/// One message of a chat.
package struct ChatMessage: Hashable, Sendable {
  /// Who speaks: `system`, `user`, `assistant`, `tool`.
  package var role: String
  /// What is said.
  package var content: String
  /// Further fields that a template may read, for example `name` or `tool_calls`.
  package var fields: JSONObject

  package init(role: String, content: String, fields: JSONObject = JSONObject()) {
    self.role = role
    self.content = content
    self.fields = fields
  }
}

/// A chat as a template writes it.
package struct RenderedChat: Hashable, Sendable {
  /// The text.
  package let text: String
  /// The bytes of the text that are the assistant's turns, each with what ends it.
  package let assistantSpans: [Range<Int>]

  package init(text: String, assistantSpans: [Range<Int>]) {
    self.text = text
    self.assistantSpans = assistantSpans
  }
}

/// A chat template: a program in Jinja that writes messages as a text.
///
/// Behaves as Jinja does under Hugging Face transformers: `trim_blocks`, `lstrip_blocks`, loop
/// controls, `generation` blocks, undefined names that write nothing.
package struct ChatTemplate: Hashable, Sendable {
  /// The template as written.
  package let source: String
  private let program: Result<[TemplateStatement], TemplateError>

  /// Reads a template; what is wrong with it shows when it is rendered or checked.
  package init(_ source: String) {
    self.source = source
    program = Result { () throws(TemplateError) -> [TemplateStatement] in
      try TemplateParser.statements(of: source)
    }
  }

  package static func == (lhs: ChatTemplate, rhs: ChatTemplate) -> Bool {
    lhs.source.utf8.elementsEqual(rhs.source.utf8)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(source) }

  /// Throws what is wrong with the template's text, if anything is.
  package func check() throws(TemplateError) { _ = try program.get() }

  /// Renders a chat and finds the assistant's turns in it.
  ///
  /// Where the template has `generation` blocks these are the turns. Otherwise the turn of message
  /// i is what follows the rendering of the messages before it with a generation prompt, up to the
  /// end of the rendering with it; white space after what ends the turn does not belong to it.
  ///
  /// - Parameters:
  ///   - messages: The chat.
  ///   - addGenerationPrompt: Whether the text ends with what makes an assistant speak.
  ///   - beginningToken: `bos_token`; nil leaves it undefined.
  ///   - endToken: `eos_token`; nil leaves it undefined.
  ///   - extra: Further variables, for example `tools` or `enable_thinking`.
  ///   - date: What `strftime_now` writes.
  /// - Returns: The text, and the assistant's turns in it in order.
  /// - Throws: ``TemplateError``, also where the turns cannot be told.
  package func render(
    messages: [ChatMessage], addGenerationPrompt: Bool = false, beginningToken: String?,
    endToken: String?, extra: JSONObject = JSONObject(), date: TemplateDate? = nil
  ) throws(TemplateError) -> RenderedChat {
    let settings = Settings(
      beginningToken: beginningToken, endToken: endToken, extra: extra, date: date)
    let whole = try text(messages, addGenerationPrompt, settings)
    if !whole.generated.isEmpty || !messages.contains(where: { $0.role == "assistant" }) {
      return RenderedChat(
        text: String(decoding: whole.output, as: UTF8.self), assistantSpans: whole.generated)
    }
    var spans: [Range<Int>] = []
    for (index, message) in messages.enumerated() where message.role == "assistant" {
      let before = try prefix(messages[..<index], true, settings, of: index)
      let with = try prefix(messages[...index], false, settings, of: index)
      guard with.starts(with: before), whole.output.starts(with: with) else {
        throw .inconsistentPrefix(message: index)
      }
      let end = Self.turnEnd(in: with, from: before.count, content: message.content)
      spans.append(before.count..<end)
    }
    return RenderedChat(
      text: String(decoding: whole.output, as: UTF8.self), assistantSpans: spans)
  }

  private struct Settings {
    let beginningToken: String?
    let endToken: String?
    let extra: JSONObject
    let date: TemplateDate?
  }

  /// The rendering of a part of the chat; one that the template refuses tells nothing of the turn.
  private func prefix(
    _ messages: ArraySlice<ChatMessage>, _ addGenerationPrompt: Bool, _ settings: Settings,
    of index: Int
  ) throws(TemplateError) -> [UInt8] {
    do {
      return try text(Array(messages), addGenerationPrompt, settings).output
    } catch {
      switch error {
      case .refused, .evaluation: throw .inconsistentPrefix(message: index)
      case .syntax, .unsupported, .limit, .noDate, .inconsistentPrefix: throw error
      }
    }
  }

  private func text(
    _ messages: [ChatMessage], _ addGenerationPrompt: Bool, _ settings: Settings
  ) throws(TemplateError) -> TemplateInterpreter {
    let statements = try program.get()
    var variables: [String: TemplateValue] = [
      "add_generation_prompt": .bool(addGenerationPrompt), "tools": .none, "documents": .none,
    ]
    variables["bos_token"] = settings.beginningToken.map { .string($0) }
    variables["eos_token"] = settings.endToken.map { .string($0) }
    for (name, value) in settings.extra.members { variables[name] = TemplateValue(value) }
    let values = messages.map { message in
      var map = TemplateMap()
      map["role"] = .string(message.role)
      map["content"] = .string(message.content)
      for (name, value) in message.fields.members { map[name] = TemplateValue(value) }
      return TemplateValue.map(map)
    }
    variables["messages"] = .list(values)
    guard variables.values.allSatisfy({ !$0.extent.isTooLarge }) else {
      throw .limit(line: 1, what: "a value's size")
    }
    var interpreter = TemplateInterpreter(variables: variables, date: settings.date)
    try interpreter.render(statements)
    return interpreter
  }

  /// Where the turn that begins at `start` ends: after its end mark, or at the end of the text.
  private static func turnEnd(in text: [UInt8], from start: Int, content: String) -> Int {
    let end = PythonText.trimmedEnd(of: text, start..<text.count)
    let said = Array(PythonText.stripped(content, left: false).utf8)
    let endsWithContent =
      end - start >= said.count && text[(end - said.count)..<end].elementsEqual(said)
    return endsWithContent ? text.count : end
  }
}
