package import Diagnostics

/// Why rows could not be found, read, tokenized or batched.
package enum DatasetError: Error, Hashable, Sendable {
  /// There is no such file.
  case missingFile(path: String)
  /// A glob matches no file.
  case noMatch(pattern: String)
  /// The file is there and cannot be read; `reason` is the system's.
  case unreadableFile(path: String, reason: String)
  /// The file's suffix names no format.
  case unknownFormat(path: String)
  /// A row is not what its format says.
  case invalidRow(RowProblem, at: RowPlace)
  /// A row lacks a column that the data section names.
  case unknownColumn(String, available: [String], at: RowPlace)
  /// The template is not one.
  case invalidTemplate(TemplateProblem)
  /// `loss_on` speaks of a part that these columns do not have.
  case lossOnAbsentPart(RowSpecification.LossOn, columns: RowSpecification.Columns.Kind)
  /// The files hold no row, or every row was dropped.
  case noRows(section: String, dropped: Int)
  /// A part of a split gets no row.
  case emptyPart(section: String, part: String, rows: Int)
  /// No token of any row is learned from.
  case noSupervisedTokens(section: String, truncated: Int)
  /// A row has more tokens than `max_length` (or than a packed sequence), where that is an error.
  case rowTooLong(tokens: Int, limit: Int, at: RowPlace?)
  /// `drop_last` leaves no batch.
  case fewerRowsThanBatch(rows: Int, size: Int, packed: Bool)
  /// Rows shall end with the end-of-sequence token and the tokenizer names none.
  case missingEndToken
  /// The tokens of all rows exceed what a run holds in memory.
  case tooManyTokens(section: String, limit: Int)
  /// A micro-batch has more positions than can be held.
  case batchTooLarge(size: Int, length: Int, limit: Int)
  /// The chat template refused a conversation.
  case conversation(Diagnostic, at: RowPlace)
}

/// What is wrong with a row.
package enum RowProblem: Hashable, Sendable {
  case invalidUTF8
  case tooLarge(limitBytes: Int)
  case invalidJSON(reason: String)
  case notAnObject
  case notAnArray
  case unterminatedArray
  case textAfterArray
  case fieldCount(found: Int, expected: Int)
  case unterminatedQuote
  case textAfterQuote
  case bareCarriageReturn
  case repeatedColumn(String)
  case nullValue(column: String)
  case notText(column: String)
  case notMessages(column: String)
  case noMessages(column: String)
  case messageWithoutText(column: String, message: Int, key: String)
  case toolCalls(column: String, message: Int)
}

/// What is wrong with a data section's template.
package enum TemplateProblem: Hashable, Sendable {
  case unclosed
  case emptyName
  case completionInPrompt
  case notForMessages
}
