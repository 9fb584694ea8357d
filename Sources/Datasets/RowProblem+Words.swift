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
    case .notWords(let column): "column `\(column)` is not a list of texts"
    case .tagCount(let words, let tags):
      "the row has \(words) word\(words == 1 ? "" : "s") and \(tags) tag\(tags == 1 ? "" : "s")"
    case .notLabels(let column): "column `\(column)` is neither a list of labels nor a text"
    case .noLabel(let column): "column `\(column)` has no label"
    case .notAFlag(let column, let found):
      "column `\(column)` says whether a label applies, and holds `\(DatasetError.excerpt(found))`"
    case .textBeforeRecord: "there is text before the first `>` of the file"
    case .noSampleName: "the row has no name in its first column"
    case .noColumns: "the matrix has no column beside the names of its rows"
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
    case .notWords: "write the words as a list, [\"…\", \"…\"], in a jsonl or json file"
    case .tagCount: "give each word one tag"
    case .notLabels: "write [\"…\", \"…\"], or a text with `;` between the labels"
    case .noLabel: "give the row a label, or remove it"
    case .notAFlag: "write 0 or 1, or `true` or `false`"
    case .textBeforeRecord: "a record starts with a line `>name description`"
    case .noSampleName: "name each row; rows of the two files are matched by these names"
    case .noColumns: "the first line names the columns: `sample,first,second`"
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
    case .notForWords: "`template` does not apply to `tokens`"
    }
  }

  /// The way out.
  var help: String {
    switch self {
    case .unclosed, .emptyName: "write variables as `{{column}}`"
    case .completionInPrompt: "remove it: the completion follows the prompt by itself"
    case .notForMessages: "remove it: the model's chat template renders conversations"
    case .notForWords: "remove it: the words are given one by one"
    }
  }
}
