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
    case .columnsUnfit(let task, let found, let fitting):
      Diagnostic(
        .error, .conflictingKeys, "rows of \(found.description) do not fit `task: \(task)`",
        help: fitting.isEmpty
          ? "name two matrices: `load: {source: …, target: …}`"
          : "name \(fitting.map(\.description).joined(separator: ", or ")) in `columns`")
    case .unknownLabel(let label, let known, let place):
      Diagnostic(
        .error, .unknownLabel, "the label `\(Self.excerpt(label))` is none of the model's",
        at: place.span, help: Self.labelHelp(label, known))
    case .tooManyLabels(let section, let limit, let place):
      Diagnostic(
        .error, .limitExceeded, "the rows of `\(section)` have more than \(limit) labels",
        at: place.span, help: "name the column of the labels, not that of a text or a number")
    case .invalidNumber(let text, let column, let problem, let place):
      Diagnostic(
        .error, .invalidRow, problem.message(Self.excerpt(text), column), at: place.span,
        help: problem.help)
    case .unpairedFiles(let problem): problem.diagnostic
    case .unlikeParts(let section, let first, let second):
      Diagnostic(
        .error, .unlikeRows,
        "`\(first)` and `\(second)`, mixed as `\(section)`, have different labels or columns",
        help: "give both the same columns in the same order")
    case .packingUnfit(let section):
      Diagnostic(
        .error, .conflictingKeys, "the rows of `\(section)` cannot share a sequence",
        help: "remove `packing`: it is for `task: causal_lm`")
    case .unlikeColumns(let file, let missing, let unknown):
      Diagnostic(
        .error, .unlikeRows, Self.columnMessage(file, missing, unknown),
        help: "the columns of all files have the same names; their order does not matter")
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
    case .nothingToHide(let section):
      Diagnostic(
        .error, .noSupervisedTokens, "data `\(section)` has no token that could be hidden",
        help: "all of its tokens are special or unknown to the tokenizer; BERT's lower-cases texts "
          + "unless `do_lower_case` is false in tokenizer_config.json")
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

  private static func columnMessage(
    _ file: String, _ missing: [String], _ unknown: [String]
  ) -> String {
    func words(_ names: [String]) -> String {
      let more = names.count > 3 ? " and \(names.count - 3) more" : ""
      return list(names.prefix(3).map(excerpt)) + more
    }
    return missing.isEmpty
      ? "`\(file)` has columns that the model does not know: \(words(unknown))"
      : "`\(file)` lacks columns that the model knows: \(words(missing))"
  }

  private static func labelHelp(_ label: String, _ known: [String]) -> String {
    let shown = list(known.prefix(12).map(excerpt))
    if let closest = Suggestion.nearest(to: label, among: known.prefix(1_000)) {
      return "did you mean `\(excerpt(closest))`?"
    }
    if known.isEmpty { return "name the labels: `labels: [\(excerpt(label)), …]` in `model`" }
    let more = known.count > 12 ? " and \(known.count - 12) more" : ""
    return "the labels are \(shown)\(more)"
  }

  /// The first characters of a text from a file.
  static func excerpt(_ text: String) -> String {
    text.unicodeScalars.count <= 60
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(59))) + "…"
  }

  private static func columnHelp(_ name: String, _ available: [String]) -> String {
    if let closest = Suggestion.nearest(to: name, among: available.prefix(1_000)) {
      return "did you mean `\(closest)`?"
    }
    if available.isEmpty { return "the row has no columns" }
    let more = available.count > 12 ? " and \(available.count - 12) more" : ""
    return "its columns are \(list(available.prefix(12)))" + more
  }

  static func list(_ names: some Sequence<String>) -> String {
    names.map { "`\($0)`" }.joined(separator: ", ")
  }
}
