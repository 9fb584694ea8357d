import Datasets
import Diagnostics
import Testing

@Suite struct DatasetDiagnosticTests {
  static let place = RowPlace(file: "rows.csv", line: 3)
  static let problems: [RowProblem] = [
    .invalidUTF8, .tooLarge(limitBytes: 5), .invalidJSON(reason: "end of file"), .notAnObject,
    .notAnArray, .unterminatedArray, .textAfterArray, .fieldCount(found: 1, expected: 2),
    .unterminatedQuote, .textAfterQuote, .bareCarriageReturn, .repeatedColumn("a"),
    .nullValue(column: "a"), .notText(column: "a"), .notMessages(column: "a"),
    .noMessages(column: "a"), .messageWithoutText(column: "a", message: 1, key: "role"),
    .toolCalls(column: "a", message: 2), .notWords(column: "a"), .tagCount(words: 1, tags: 2),
    .notLabels(column: "a"), .noLabel(column: "a"), .notAFlag(column: "a", found: "x"),
    .textBeforeRecord, .noSampleName, .noColumns,
  ]
  static let numbers: [NumberProblem] = [.notANumber, .missing, .tooLarge, .belowLogarithm]
  static let pairs: [PairProblem] = [
    .counts(source: "a", sourceCount: 1, target: "b", targetCount: 2, unit: "lines"),
    .names(source: "a", target: "b", at: place, targetPlace: place),
    .noSharedSample(source: "a", sourceSample: "s", target: "b", targetSample: "t"),
    .noSharedSample(source: "a", sourceSample: nil, target: "b", targetSample: nil),
    .repeatedSample("s", at: place, first: place), .format(.json, path: "a.json"),
    .shape(task: "regression", needsPair: true), .shape(task: "regression", needsPair: false),
  ]
  static let errors: [DatasetError] =
    problems.map { .invalidRow($0, at: place) }
    + numbers.map { .invalidNumber("x", column: "a", $0, at: place) }
    + pairs.map { .unpairedFiles($0) } + [
      .columnsUnfit(task: "masked_lm", found: .labelled, fitting: [.text]),
      .columnsUnfit(task: "seq2seq_regression", found: .text, fitting: []),
      .unknownLabel("x", known: [], at: place), .unknownLabel("x", known: ["abc"], at: place),
      .tooManyLabels(section: "d", limit: 2, at: place),
      .unlikeParts(section: "m", first: "a", second: "b"), .packingUnfit(section: "d"),
      .unlikeColumns(file: "a", missing: ["x"], unknown: []),
      .unlikeColumns(file: "a", missing: [], unknown: ["x", "y", "z", "w"]),
      .missingFile(path: "a"), .noMatch(pattern: "a*"), .unreadableFile(path: "a", reason: "x"),
      .unknownFormat(path: "a.b"), .unknownColumn("a", available: [], at: place),
      .invalidTemplate(.unclosed), .invalidTemplate(.emptyName),
      .invalidTemplate(.completionInPrompt), .invalidTemplate(.notForMessages),
      .invalidTemplate(.notForWords),
      .lossOnAbsentPart(.assistant, columns: .promptCompletion), .noRows(section: "d", dropped: 0),
      .noRows(section: "d", dropped: 2), .emptyPart(section: "d", part: "eval", rows: 3),
      .noSupervisedTokens(section: "d", truncated: 0),
      .noSupervisedTokens(section: "d", truncated: 1), .nothingToHide(section: "d"),
      .rowTooLong(tokens: 5, limit: 4, at: place),
      .fewerRowsThanBatch(rows: 1, size: 2, packed: true), .missingEndToken,
      .tooManyTokens(section: "d", limit: 5), .batchTooLarge(size: 1, length: 2, limit: 1),
    ]

  @Test(arguments: errors)
  func everyErrorIsSaidInTheHouseStyle(error: DatasetError) {
    let diagnostic = error.diagnostic
    #expect(diagnostic.message.first?.isUppercase == false)
    #expect(diagnostic.message.hasSuffix(".") == false)
    #expect(diagnostic.help?.isEmpty == false)
    #expect(diagnostic.severity == .error)
  }

  @Test func aLongListOfColumnsIsCut() {
    let names = (1...15).map { "column\($0)" }
    let error = DatasetError.unknownColumn("z", available: names, at: Self.place)
    #expect(error.diagnostic.help?.hasSuffix("`column12` and 3 more") == true)
  }
}
