package import Diagnostics

extension DatasetError {
  /// The error as the user reads it.
  package var diagnostic: Diagnostic {
    switch self {
    case .missingFile(let path):
      Diagnostic(
        .error, .missingFile, "data file `\(path)` does not exist",
        help: "paths are relative to the pipeline's directory")
    case .noMatch(let pattern):
      Diagnostic(
        .error, .missingFile, "no data file matches `\(pattern)`",
        help: "paths are relative to the pipeline's directory; `*` does not cross a `/`")
    case .unreadableFile(let path, let reason):
      Diagnostic(
        .error, .unreadableFile, "data file `\(path)` cannot be read: \(reason)",
        help: "name a regular file that you may read")
    case .unknownFormat(let path):
      Diagnostic(
        .error, .unknownFormat, "the suffix of `\(path)` names no data format",
        help: "say `format:`, one of \(Self.list(DataFormat.allCases.map(\.rawValue)))")
    case .invalidRow(let problem, let place):
      Diagnostic(.error, .invalidRow, problem.message, at: place.span, help: problem.help)
    case .unknownColumn(let name, let available, let place):
      Diagnostic(
        .error, .unknownColumn, "the row has no column `\(name)`", at: place.span,
        help: Self.columnHelp(name, available))
    case .invalidTemplate(let problem):
      Diagnostic(.error, .invalidTemplate, problem.message, help: problem.help)
    case .lossOnAbsentPart(let lossOn, let kind):
      Diagnostic(
        .error, .conflictingKeys,
        "`loss_on: \(lossOn.rawValue)` does not fit rows of \(kind.description)",
        help: "with \(kind.description) it is one of \(Self.list(kind.losses.map(\.rawValue)))")
    case .noRows(let section, let dropped):
      Diagnostic(
        .error, .noRows,
        dropped == 0
          ? "data `\(section)` has no rows"
          : "data `\(section)` has no rows left: \(dropped) were dropped",
        help: dropped == 0
          ? "check that the files are not empty"
          : "raise `max_length`, or set `overlong: truncate`")
    case .emptyPart(let section, let part, let rows):
      Diagnostic(
        .error, .noRows, "part `\(part)` of data `\(section)` gets none of its \(rows) rows",
        help: "give the part a larger fraction, or bring more rows")
    case .noSupervisedTokens(let section, let truncated):
      Diagnostic(
        .error, .noSupervisedTokens, "data `\(section)` has no token to learn from",
        help: truncated > 0
          ? "\(truncated) rows were truncated; raise `max_length` so that what is learned remains"
          : "check that the completions or assistant turns are not empty, or set `loss_on: all`")
    case .rowTooLong(let tokens, let limit, let place):
      Diagnostic(
        .error, .rowTooLong, "a row of \(tokens) tokens exceeds the \(limit) that it may have",
        at: place?.span, help: "raise `max_length`, or set `overlong: truncate` or `drop`")
    case .fewerRowsThanBatch(let rows, let size, let packed):
      Diagnostic(
        .error, .fewerRowsThanBatch,
        "`drop_last` leaves no batch: \(rows) \(packed ? "packed sequences" : "rows") "
          + "are fewer than the batch size \(size)",
        help: "lower `batch.size`, or set `drop_last: false`")
    case .missingEndToken:
      Diagnostic(
        .error, .invalidTokenizer, "the tokenizer names no end-of-sequence token to end rows with",
        help: "set `end_token: false`, or name `eos_token` in tokenizer_config.json")
    case .tooManyTokens(let section, let limit):
      Diagnostic(
        .error, .limitExceeded, "data `\(section)` has more than \(limit) tokens",
        help: "split the files and train on them in several stages")
    case .batchTooLarge(let size, let length, let limit):
      Diagnostic(
        .error, .limitExceeded,
        "a batch of \(size) rows with \(length) tokens each exceeds \(limit) positions",
        help: "lower `batch.size`; `batch.accumulate` keeps the optimizer step as large")
    case .conversation(let diagnostic, let place):
      diagnostic.located(at: place.span, path: nil)
    }
  }

  private static func columnHelp(_ name: String, _ available: [String]) -> String {
    if let closest = Suggestion.nearest(to: name, among: available.prefix(1_000)) {
      return "did you mean `\(closest)`?"
    }
    if available.isEmpty { return "the row has no columns" }
    let more = available.count > 12 ? " and \(available.count - 12) more" : ""
    return "its columns are \(list(available.prefix(12)))" + more
  }

  private static func list(_ names: some Sequence<String>) -> String {
    names.map { "`\($0)`" }.joined(separator: ", ")
  }
}

extension RowProblem {
  /// The finding, in the style of all messages.
  var message: String {
    switch self {
    case .invalidUTF8: "the row is not valid UTF-8"
    case .tooLarge(let limit): "the row exceeds \(limit) bytes"
    case .invalidJSON(let reason): "the row is not valid JSON: \(reason)"
    case .notAnObject: "the row is not a JSON object"
    case .notAnArray: "the file is not a JSON array of rows"
    case .unterminatedArray: "the file ends before its array of rows is closed"
    case .textAfterArray: "there is text after the array of rows"
    case .fieldCount(let found, let expected):
      "the row has \(found) fields where the header has \(expected)"
    case .unterminatedQuote: "a quoted field that starts here is not closed"
    case .textAfterQuote: "there is text between a closing quote and the next delimiter"
    case .bareCarriageReturn: "there is a carriage return without a line feed"
    case .repeatedColumn(let name): "the header names the column `\(name)` twice"
    case .nullValue(let column): "column `\(column)` is null"
    case .notText(let column): "column `\(column)` holds a list or an object where text is needed"
    case .notMessages(let column): "column `\(column)` is not a list of messages"
    case .noMessages(let column): "column `\(column)` is an empty list of messages"
    case .messageWithoutText(let column, let message, let key):
      "message \(message) of column `\(column)` has no text in `\(key)`"
    case .toolCalls(let column, let message):
      "message \(message) of column `\(column)` calls tools, which is not supported"
    }
  }

  /// The way out.
  var help: String {
    switch self {
    case .invalidUTF8: "save the file as UTF-8"
    case .tooLarge: "split the row; a missing line end or closing quote makes rows run together"
    case .invalidJSON: "correct the row, or remove it"
    case .notAnObject: "write each row as an object of its columns: {\"text\": \"…\"}"
    case .notAnArray: "if each line is an object of its own, set `format: jsonl`"
    case .unterminatedArray: "the file may be cut short; close the array with `]`"
    case .textAfterArray: "keep one array a file"
    case .fieldCount: "quote fields that hold the delimiter or a line end"
    case .unterminatedQuote: "close the field with `\"`; a quote inside it is written `\"\"`"
    case .textAfterQuote: "a quote inside a quoted field is written `\"\"`"
    case .bareCarriageReturn: "end lines with LF or CRLF, or quote the field"
    case .repeatedColumn: "rename one of the columns"
    case .nullValue: "give the row a value, or remove it"
    case .notText: "name a column of text, or use `messages:` for conversations"
    case .notMessages:
      "a conversation is [{\"role\": \"user\", \"content\": \"…\"}, …], in a jsonl or json file"
    case .noMessages: "give the row a message, or remove it"
    case .messageWithoutText: "each message has a `role` and a `content`, both text"
    case .toolCalls: "remove the row, or write the calls as text in `content`"
    }
  }
}

extension TemplateProblem {
  /// The finding, in the style of all messages.
  var message: String {
    switch self {
    case .unclosed: "`template` has `{{` without `}}`"
    case .emptyName: "`template` has a variable without a name"
    case .completionInPrompt: "`template` forms the prompt and names `completion`"
    case .notForMessages: "`template` does not apply to `messages`"
    }
  }

  /// The way out.
  var help: String {
    switch self {
    case .unclosed, .emptyName: "write variables as `{{column}}`"
    case .completionInPrompt: "remove it: the completion follows the prompt by itself"
    case .notForMessages: "remove it: the model's chat template renders conversations"
    }
  }
}
