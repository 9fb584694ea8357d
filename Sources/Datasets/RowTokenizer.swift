import JSONSyntax

/// Turns rows into tokens, classes and numbers, and says which of them are learned.
///
/// Where tokens are predicted from those before them, the token at position `t + 1` is predicted
/// from position `t`, so the first token of a row is never learned.
package struct RowTokenizer<Encoder: TextEncoder>: Sendable {
  private let columns: RowSpecification.Columns
  private let lossOn: RowSpecification.LossOn
  private let task: RowTask
  private let template: RowTemplate?
  private let endID: Int32?
  private let labelNumbers: LabelNumbers
  let encoder: Encoder
  let frame: SpecialFrame
  /// What stands before a word that is encoded alone.
  let wordPrefix: String
  let maxLength: Int?
  let maxSourceLength: Int?
  let targetTransform: RowSpecification.Transform

  /// Checks that template, loss, task and tokenizer fit the columns.
  ///
  /// - Throws: `invalidTemplate`, `lossOnAbsentPart`, `columnsUnfit` or `missingEndToken`.
  package init(_ specification: RowSpecification, encoder: Encoder) throws(DatasetError) {
    columns = specification.columns
    lossOn = specification.lossOn
    task = specification.task
    maxLength = specification.maxLength
    maxSourceLength = specification.maxSourceLength
    targetTransform = specification.targetTransform
    labelNumbers = LabelNumbers(specification.labelNames)
    self.encoder = encoder
    guard task.columns.contains(columns.kind) else {
      throw .columnsUnfit(task: task.name, found: columns.kind, fitting: task.columns)
    }
    guard columns.kind.losses.contains(lossOn) else {
      throw .lossOnAbsentPart(lossOn, columns: columns.kind)
    }
    if let text = specification.template {
      let template = try RowTemplate(text)
      switch columns {
      case .messages: throw .invalidTemplate(.notForMessages)
      case .words: throw .invalidTemplate(.notForWords)
      case .promptCompletion where template.variables.contains("completion"):
        throw .invalidTemplate(.completionInPrompt)
      case .text, .promptCompletion, .sourceTarget, .labelled: break
      }
      self.template = template
    } else {
      template = nil
    }
    switch (columns, task) {
    case (.text, .causalLM), (.promptCompletion, _):
      if specification.endToken, encoder.endID == nil { throw .missingEndToken }
      endID = specification.endToken ? encoder.endID : nil
    case (.text, _), (.messages, _), (.sourceTarget, _), (.labelled, _), (.words, _): endID = nil
    }
    let isPlain = task == .causalLM
    frame = isPlain ? SpecialFrame() : SpecialFrame(encoder)
    wordPrefix = isPlain ? "" : Self.wordPrefix(encoder)
  }

  /// The numbers of `row`.
  ///
  /// Tokens that are predicted from those before them come before any limit on their number; for
  /// other tasks they are cut already, since what the tokenizer puts at their end stays.
  ///
  /// - Throws: `unknownColumn`, `invalidRow`, `invalidNumber`, `unknownLabel` or `conversation`
  ///   with the row's place.
  package func tokens(of row: SourceRow) throws(DatasetError) -> EncodedRow {
    switch (columns, task) {
    case (.text(let column), .maskedLM(let rule)):
      return maskable(try templated(row, role: "text", column: column), rule)
    case (.sourceTarget(let source, let target), .seq2seqLM(let start)):
      return translated(
        source: try templated(row, role: "source", column: source),
        target: try row.text(target), start)
    case (.labelled(let text, let pair, let label), _):
      var encoded = described(
        try templated(row, role: "text", column: text),
        pair: try pair.map { (column) throws(DatasetError) in try row.text(column) })
      switch task {
      case .sequenceClassification(_, multiLabel: true):
        try labels(&encoded, from: row, label, labelNumbers)
      case .sequenceClassification(_, multiLabel: false):
        try self.label(&encoded, from: row, label, labelNumbers)
      case .regression: try numbers(&encoded, from: row, label)
      case .causalLM, .seq2seqLM, .maskedLM, .tokenClassification, .matrices: break
      }
      return encoded
    case (.words(let tokens, let tags), _):
      return try tagged(row, tokens: tokens, tags: tags, labelNumbers)
    case (.text, _), (.promptCompletion, _), (.messages, _), (.sourceTarget, _):
      return try predicted(row)
    }
  }

  /// The tokens of `row`, each predicted from those before it.
  private func predicted(_ row: SourceRow) throws(DatasetError) -> EncodedRow {
    var tokens: EncodedRow
    switch columns {
    case .text(let column):
      let encoding = encoder.encode(
        try templated(row, role: "text", column: column), addSpecialTokens: true)
      tokens = EncodedRow(
        ids: encoding.ids, isSupervised: Array(repeating: true, count: encoding.ids.count))
    case .promptCompletion(let prompt, let completion):
      let (encoding, start) = try pairEncoding(of: row, prompt: prompt, completion: completion)
      let first = lossOn == .all ? 0 : start
      tokens = EncodedRow(encoding, encoding.ids.indices.map { $0 >= first })
    case .messages(let column):
      tokens = try conversationTokens(of: row, column: column)
    case .sourceTarget, .labelled, .words: tokens = EncodedRow()
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
  /// Those of a target are its part, sources left aside.
  ///
  /// Parts follow one another without a gap. Of a text there is one; prompt and completion meet at
  /// the first token that holds a byte of the completion; a conversation has a part for each
  /// message, what a template writes before the first being one of its own. Cost: that of
  /// ``tokens(of:)``, for conversations times the number of messages.
  ///
  /// - Throws: as ``tokens(of:)``.
  package func parts(of row: SourceRow) throws(DatasetError) -> RowParts {
    let encoded = try tokens(of: row)
    let ids = encoded.ids
    switch columns {
    case .text: return RowParts(ids: ids, starts: [("text", 0)], encoded.wholeLength)
    case .sourceTarget: return RowParts(ids: ids, starts: [("target", 0)], encoded.wholeLength)
    case .labelled:
      return RowParts(
        ids: ids,
        starts: [("text", 0)] + (encoded.secondStart.map { [("text_pair", $0)] } ?? []),
        encoded.wholeLength)
    case .words: return RowParts(ids: ids, starts: [("tokens", 0)], encoded.wholeLength)
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
  ) throws(DatasetError) -> EncodedRow {
    let turns = try Self.turns(of: row, column: column)
    let rendered = try rendered(turns, of: row, column: column)
    let encoding = encoder.encode(rendered.text, addSpecialTokens: false)
    let spans = rendered.assistantSpans
    let isSupervised = encoding.spans.map { span in
      lossOn == .all || Self.overlaps(span, spans)
    }
    return EncodedRow(encoding, isSupervised)
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
}

extension EncodedRow {
  /// The tokens of a text, each learned or not.
  fileprivate init(_ encoding: TokenEncoding, _ isSupervised: [Bool]) {
    self.init(ids: encoding.ids, isSupervised: isSupervised)
    isUnmasked = zip(encoding.spans, isSupervised).allSatisfy { $0.isEmpty || $1 }
  }
}
