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
  /// The columns are those of another task; none fit where rows are matrices.
  case columnsUnfit(
    task: String, found: RowSpecification.Columns.Kind,
    fitting: [RowSpecification.Columns.Kind])
  /// A row's label is none of those known.
  case unknownLabel(String, known: [String], at: RowPlace)
  /// Rows have more different labels than a model may.
  case tooManyLabels(section: String, limit: Int, at: RowPlace)
  /// A number is not one, or none where there must be one.
  case invalidNumber(String, column: String, NumberProblem, at: RowPlace)
  /// Two files that belong together line by line do not.
  case unpairedFiles(PairProblem)
  /// The parts of a mixture hold different labels or columns.
  case unlikeParts(section: String, first: String, second: String)
  /// Rows that are not for predicting the next token shall share a sequence.
  case packingUnfit(section: String)
  /// A matrix does not have the columns that the model was made for.
  case unlikeColumns(file: String, missing: [String], unknown: [String])
  /// The files hold no row, or every row was dropped.
  case noRows(section: String, dropped: Int)
  /// A part of a split gets no row.
  case emptyPart(section: String, part: String, rows: Int)
  /// No token of any row is learned from.
  case noSupervisedTokens(section: String, truncated: Int)
  /// Every token of the rows is special or unknown, so that none can be hidden.
  case nothingToHide(section: String)
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

/// What is wrong with a number.
package enum NumberProblem: Hashable, Sendable {
  /// It is not written as one.
  case notANumber
  /// It is missing where one is given to the model.
  case missing
  /// It is too large for what models compute with.
  case tooLarge
  /// The logarithm of one more than it does not exist.
  case belowLogarithm
}

/// Why two files do not belong together.
package enum PairProblem: Hashable, Sendable {
  /// They hold different numbers of rows, lines or records.
  case counts(source: String, sourceCount: Int, target: String, targetCount: Int, unit: String)
  /// The records of one place have different names.
  case names(source: String, target: String, at: RowPlace, targetPlace: RowPlace)
  /// No sample of one is in the other.
  case noSharedSample(source: String, sourceSample: String?, target: String, targetSample: String?)
  /// A sample stands twice in one of them.
  case repeatedSample(String, at: RowPlace, first: RowPlace)
  /// The format is not one that pairs of files have.
  case format(DataFormat, path: String)
  /// A pair is needed and one file is named, or the other way round.
  case shape(task: String, needsPair: Bool)
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
  case notWords(column: String)
  case tagCount(words: Int, tags: Int)
  case notLabels(column: String)
  case noLabel(column: String)
  case notAFlag(column: String, found: String)
  case textBeforeRecord
  case noSampleName
  case noColumns
}

/// What is wrong with a data section's template.
package enum TemplateProblem: Hashable, Sendable {
  case unclosed
  case emptyName
  case completionInPrompt
  case notForMessages
  case notForWords
}
