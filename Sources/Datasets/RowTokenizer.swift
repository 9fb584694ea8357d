import JSONSyntax

/// Turns rows into tokens and says which of them are learned.
///
/// Labels are shifted: the token at position `t + 1` is predicted from position `t`, so the first
/// token of a row is never learned.
package struct RowTokenizer<Encoder: TextEncoder>: Sendable {
  /// The tokens of one row.
  package struct Tokens: Hashable, Sendable {
    package var ids: [Int32]
    package var isSupervised: [Bool]
    /// Whether every token of the row's text is learned, the first one left aside.
    package var isUnmasked = false
  }

  private let columns: RowSpecification.Columns
  private let lossOn: RowSpecification.LossOn
  private let template: RowTemplate?
  private let endID: Int32?
  private let encoder: Encoder

  /// Checks that template, loss and tokenizer fit the columns.
  ///
  /// - Throws: `invalidTemplate`, `lossOnAbsentPart` or `missingEndToken`.
  package init(_ specification: RowSpecification, encoder: Encoder) throws(DatasetError) {
    columns = specification.columns
    lossOn = specification.lossOn
    self.encoder = encoder
    guard columns.kind.losses.contains(lossOn) else {
      throw .lossOnAbsentPart(lossOn, columns: columns.kind)
    }
    if let text = specification.template {
      let template = try RowTemplate(text)
      switch columns {
      case .messages: throw .invalidTemplate(.notForMessages)
      case .promptCompletion where template.variables.contains("completion"):
        throw .invalidTemplate(.completionInPrompt)
      case .text, .promptCompletion: break
      }
      self.template = template
    } else {
      template = nil
    }
    switch columns {
    case .messages: endID = nil
    case .text, .promptCompletion:
      if specification.endToken, encoder.endID == nil { throw .missingEndToken }
      endID = specification.endToken ? encoder.endID : nil
    }
  }

  /// The tokens of `row`, before any limit on their number.
  ///
  /// - Throws: `unknownColumn`, `invalidRow` or `conversation` with the row's place.
  package func tokens(of row: SourceRow) throws(DatasetError) -> Tokens {
    var tokens: Tokens
    switch columns {
    case .text(let column):
      let encoding = encoder.encode(
        try templated(row, role: "text", column: column), addSpecialTokens: true)
      tokens = Tokens(
        ids: encoding.ids, isSupervised: Array(repeating: true, count: encoding.ids.count))
    case .promptCompletion(let prompt, let completion):
      let (encoding, start) = try pairEncoding(of: row, prompt: prompt, completion: completion)
      let first = lossOn == .all ? 0 : start
      tokens = Tokens(encoding, encoding.ids.indices.map { $0 >= first })
    case .messages(let column):
      tokens = try conversationTokens(of: row, column: column)
    }
    if let endID, tokens.ids.last != endID {
      tokens.ids.append(endID)
      tokens.isSupervised.append(true)
    }
    if !tokens.isSupervised.isEmpty { tokens.isSupervised[0] = false }
    return tokens
  }

  /// What the tokens of `row` are parts of, before any limit on their number.
  ///
  /// Parts follow one another without a gap. Of a text there is one; prompt and completion meet at
  /// the first token that holds a byte of the completion; a conversation has a part for each
  /// message, what a template writes before the first being one of its own. Cost: that of
  /// ``tokens(of:)``, for conversations times the number of messages.
  ///
  /// - Throws: as ``tokens(of:)``.
  package func parts(of row: SourceRow) throws(DatasetError) -> RowParts {
    let ids = try tokens(of: row).ids
    switch columns {
    case .text: return RowParts(ids: ids, starts: [("text", 0)])
    case .promptCompletion(let prompt, let completion):
      let (_, start) = try pairEncoding(of: row, prompt: prompt, completion: completion)
      return RowParts(ids: ids, starts: [("prompt", 0), ("completion", start)])
    case .messages(let column):
      let turns = try Self.turns(of: row, column: column)
      let text = try rendered(turns, of: row, column: column).text
      let encoding = encoder.encode(text, addSpecialTokens: false)
      var starts: [(String, Int)] = []
      var token = 0
      for turn in ConversationParts.starts(of: turns, in: text, encoder) {
        while token < encoding.spans.count, encoding.spans[token].upperBound <= turn.byte {
          token += 1
        }
        starts.append((turn.name, token))
      }
      return RowParts(ids: ids, starts: starts)
    }
  }

  /// The tokens of prompt and completion as one text, and the first that is the completion's.
  private func pairEncoding(
    of row: SourceRow, prompt promptColumn: String, completion completionColumn: String
  ) throws(DatasetError) -> (encoding: TokenEncoding, completionStart: Int) {
    let completion = try row.text(completionColumn)
    let prompt = try templated(row, role: "prompt", column: promptColumn)
    let encoding = encoder.encode(prompt + completion, addSpecialTokens: true)
    return (encoding, Self.firstToken(of: encoding, after: prompt.utf8.count))
  }

  private func templated(
    _ row: SourceRow, role: String, column: String
  ) throws(DatasetError) -> String {
    guard let template else { return try row.text(column) }
    return try template.render { (name) throws(DatasetError) -> String in
      try row.text(name == role ? column : name)
    }
  }

  /// The first token that holds a byte at or behind `byte`.
  ///
  /// Where none does, the first of those that the post-processor put behind the text.
  private static func firstToken(of encoding: TokenEncoding, after byte: Int) -> Int {
    if let first = encoding.spans.firstIndex(where: { !$0.isEmpty && $0.upperBound > byte }) {
      return first
    }
    return encoding.spans.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? encoding.ids.count
  }

  private func conversationTokens(
    of row: SourceRow, column: String
  ) throws(DatasetError) -> Tokens {
    let turns = try Self.turns(of: row, column: column)
    let rendered = try rendered(turns, of: row, column: column)
    let encoding = encoder.encode(rendered.text, addSpecialTokens: false)
    let spans = rendered.assistantSpans
    let isSupervised = encoding.spans.map { span in
      lossOn == .all || Self.overlaps(span, spans)
    }
    return Tokens(encoding, isSupervised)
  }

  private func rendered(
    _ turns: [ChatTurn], of row: SourceRow, column: String
  ) throws(DatasetError) -> RenderedConversation {
    do {
      return try encoder.renderChat(turns)
    } catch {
      guard let first = error.diagnostics.first else {
        throw .invalidRow(.noMessages(column: column), at: row.place)
      }
      throw .conversation(first, at: row.place)
    }
  }

  /// Whether `span` holds a byte of one of `spans`, which ascend.
  private static func overlaps(_ span: Range<Int>, _ spans: [Range<Int>]) -> Bool {
    var low = 0
    var high = spans.count
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].upperBound <= span.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low < spans.count && spans[low].overlaps(span)
  }

  private static func turns(
    of row: SourceRow, column: String
  ) throws(DatasetError) -> [ChatTurn] {
    let value = try row.value(column)
    if value.isNull { throw .invalidRow(.nullValue(column: column), at: row.place) }
    guard let messages = value.array else {
      throw .invalidRow(.notMessages(column: column), at: row.place)
    }
    if messages.isEmpty { throw .invalidRow(.noMessages(column: column), at: row.place) }
    var turns: [ChatTurn] = []
    for (index, message) in messages.enumerated() {
      guard var fields = message.object else {
        throw .invalidRow(.notMessages(column: column), at: row.place)
      }
      if let calls = message["tool_calls"], !calls.isNull {
        throw .invalidRow(.toolCalls(column: column, message: index + 1), at: row.place)
      }
      func text(_ key: String) throws(DatasetError) -> String {
        if let text = message[key]?.string { return text }
        throw .invalidRow(
          .messageWithoutText(column: column, message: index + 1, key: key), at: row.place)
      }
      fields["role"] = nil
      fields["content"] = nil
      turns.append(
        ChatTurn(role: try text("role"), content: try text("content"), fields: fields))
    }
    return turns
  }
}

extension RowTokenizer.Tokens {
  /// The tokens of a text, each learned or not.
  fileprivate init(_ encoding: TokenEncoding, _ isSupervised: [Bool]) {
    ids = encoding.ids
    self.isSupervised = isSupervised
    isUnmasked = zip(encoding.spans, isSupervised).allSatisfy { $0.isEmpty || $1 }
  }
}
