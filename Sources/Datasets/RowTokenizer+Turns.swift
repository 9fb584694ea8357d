import JSONSyntax

extension RowTokenizer {
  /// The messages that a column holds.
  static func turns(
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
