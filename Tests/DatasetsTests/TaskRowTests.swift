import Datasets
import Diagnostics
import JSONSyntax
import Testing

/// Rows of the tasks that are not next-token prediction, through the byte tokenizer.
@Suite struct TaskRowTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func dataset(
    _ text: String, _ columns: RowSpecification.Columns, _ task: RowTask,
    format: DataFormat = .jsonl, template: String? = nil, maxLength: Int? = nil,
    maxSourceLength: Int? = nil, overlong: RowSpecification.Overlong = .truncate
  ) throws -> TokenizedDataset {
    let path = try folder.write("rows", text)
    return try TokenizedDataset(
      reading: RowSpecification(
        name: "d", files: [path], format: format, columns: columns, task: task,
        template: template, maxLength: maxLength, maxSourceLength: maxSourceLength,
        overlong: overlong), encoder: ByteEncoder(addsBeginning: true, addsEnd: true))
  }

  func error(
    _ text: String, _ columns: RowSpecification.Columns, _ task: RowTask,
    format: DataFormat = .jsonl, overlong: RowSpecification.Overlong = .truncate
  ) throws -> Diagnostic {
    try #require(throws: DatasetError.self) {
      try dataset(text, columns, task, format: format, maxLength: 3, overlong: overlong)
    }.diagnostic
  }

  let classes = RowSpecification.Columns.labelled(text: "t", pair: nil, label: ["y"])
  let translation = RowSpecification.Columns.sourceTarget(source: "s", target: "t")
  let start = ByteEncoder.beginning
  let end = ByteEncoder.end

  @Test func aTargetIsLearnedWholeAndShiftedIntoTheDecoder() throws {
    let found = try dataset(
      #"{"s": "abcd", "t": "xy"}"# + "\n" + #"{"s": "a", "t": "wxyz"}"#, translation,
      .seq2seqLM(.token(7)), maxLength: 5, maxSourceLength: 4)
    #expect(found.layout == .sourceAndTarget)
    #expect(Array(found.sourceTokens(ofRow: 0)) == [start] + bytes("ab") + [end])
    #expect(Array(found.targets(ofRow: 0)) == [start] + bytes("xy") + [end])
    #expect(Array(found.tokens(ofRow: 0)) == [7, start] + bytes("xy"))
    #expect(Array(found.targets(ofRow: 1)) == [start] + bytes("wxy") + [end])
    #expect(found.rows.map(\.supervisedCount) == [4, 5])
    #expect(found.statistics.truncatedRows == 2)
    #expect(found.statistics.sourceTokens == 7)
    #expect(found.statistics.longestSource == 4)
    #expect(found.reading?.truncatedSources.count == 1)
    #expect(found.reading?.sourceLength(holding: 1) == 6)
    #expect(found.reading?.length(holding: 1) == 6)
  }

  @Test func aTemplateMakesTheSource() throws {
    let found = try dataset(
      #"{"s": "a", "t": "x", "k": "q"}"#, translation, .seq2seqLM(.lastLabel),
      template: "{{k}}: {{source}}")
    #expect(Array(found.sourceTokens(ofRow: 0)) == [start] + bytes("q: a") + [end])
    #expect(Array(found.tokens(ofRow: 0)) == [end, start] + bytes("x"))
  }

  @Test func rowsWithAnEmptySideAreLeftOut() throws {
    let found = try dataset(
      #"{"s": "", "t": "x"}"# + "\n" + #"{"s": "a", "t": ""}"# + "\n" + #"{"s": "a", "t": "x"}"#,
      translation, .seq2seqLM(.token(7)))
    #expect(found.statistics.emptyRows == 2)
    #expect(found.rows.count == 1)
  }

  @Test func longSidesAreDroppedOrRefusedAsTheSectionSays() throws {
    let text = #"{"s": "abcdefgh", "t": "x"}"# + "\n" + #"{"s": "a", "t": "x"}"#
    let found = try dataset(
      text, translation, .seq2seqLM(.token(7)), maxSourceLength: 5, overlong: .drop)
    #expect(found.statistics.droppedRows == 1)
    #expect(found.sourceRows.map(\.sourceRange.count) == [0, 3])
    #expect(throws: DatasetError.self) {
      try dataset(
        text, translation, .seq2seqLM(.token(7)), maxSourceLength: 5, overlong: .error)
    }
  }

  @Test func labelsHaveTheNumbersOfTheirNames() throws {
    let found = try dataset(
      #"{"t": "a", "y": "no"}"# + "\n" + #"{"t": "b", "y": "yes"}"# + "\n" + #"{"t": "c", "y": 1}"#,
      classes, .sequenceClassification(labels: ["yes", "no"], multiLabel: false))
    #expect(found.rowLabels == [1, 0, 1])
    #expect(found.labelCounts == [1, 2])
    #expect(found.rows.map(\.supervisedCount) == [1, 1, 1])
    #expect(found.labels == ["yes", "no"])
  }

  @Test func anUnknownLabelIsRefusedWithItsLineAndWhatIsNear() throws {
    let found = try error(
      #"{"t": "a", "y": "spam"}"# + "\n" + #"{"t": "b", "y": "spma"}"#, classes,
      .sequenceClassification(labels: ["ham", "spam"], multiLabel: false))
    #expect(found.code == .unknownLabel)
    #expect(found.span?.start.line == 2)
    #expect(found.help == "did you mean `spam`?")
    let far = try error(
      #"{"t": "a", "y": 2}"#, classes,
      .sequenceClassification(labels: ["ham", "spam"], multiLabel: false))
    #expect(far.help == "the labels are `ham`, `spam`")
  }

  @Test(arguments: [
    #"{"t": "x", "y": ["b", "a"]}"#, #"{"t": "x", "y": "a; b"}"#, #"{"t": "x", "y": "b;a;"}"#,
  ])
  func severalLabelsAreAListOrATextWithSemicolons(line: String) throws {
    let found = try dataset(
      line + "\n" + #"{"t": "x", "y": []}"#, classes,
      .sequenceClassification(labels: ["a", "b", "c"], multiLabel: true))
    #expect(Array(found.values(ofRow: 0)) == [1, 1, 0])
    #expect(Array(found.values(ofRow: 1)) == [0, 0, 0])
    #expect(Array(found.weights(ofRow: 1)) == [1, 1, 1])
    #expect(found.labelCounts == [1, 1, 0])
    #expect(found.statistics.supervisedTokens == 6)
  }

  @Test func columnsOfZerosAndOnesAreLabelsToo() throws {
    let columns = RowSpecification.Columns.labelled(text: "t", pair: nil, label: ["b", "a"])
    let task = RowTask.sequenceClassification(labels: ["a", "b"], multiLabel: true)
    let found = try dataset("t,a,b\nx,0,1\ny,true,false\n", columns, task, format: .csv)
    #expect(Array(found.values) == [0, 1, 1, 0])
    let wrong = try error("t,a,b\nx,0,2\n", columns, task, format: .csv)
    #expect(wrong.message.contains("`b`") && wrong.span?.start.line == 2)
  }

  @Test func numbersAreReadStrictlyAndMissingOnesDoNotCount() throws {
    let columns = RowSpecification.Columns.labelled(text: "t", pair: nil, label: ["a", "b"])
    let found = try dataset(
      "t,a,b\nx,1.5,-2e-3\ny,NA,7\nz,,\n", columns, .regression, format: .csv)
    #expect(Array(found.values) == [1.5, -2e-3, 0, 7, 0, 0])
    #expect(Array(found.weights) == [1, 1, 0, 1, 0, 0])
    #expect(found.rows.map(\.supervisedCount) == [2, 1, 0])
    #expect(found.statistics.missingValues == 3)
    for (text, part) in [("1,5", "fields"), ("0x1p3", "0x1p3"), ("inf", "inf"), ("1e99", "1e99")] {
      let wrong = try error("t,a,b\nx,1,1\ny,2,\(text)\n", columns, .regression, format: .csv)
      #expect(wrong.message.contains(part), "\(wrong.message)")
      #expect(wrong.code == .invalidRow && wrong.span?.start.line == 3 && wrong.help != nil)
    }
  }

  @Test func tagsAreAsManyAsWords() throws {
    let columns = RowSpecification.Columns.words(tokens: "t", tags: "y")
    let task = RowTask.tokenClassification(labels: ["O", "B"])
    let found = try dataset(#"{"t": ["ab", "c"], "y": [1, "O"]}"#, columns, task)
    #expect(Array(found.tokens(ofRow: 0)) == [start] + bytes("abc") + [end])
    #expect(Array(found.targets(ofRow: 0)) == [-1, 1, -1, 0, -1])
    #expect(found.labelCounts == [1, 1])
    let wrong = try error(#"{"t": ["ab", "c"], "y": ["O"]}"#, columns, task)
    #expect(wrong.message == "the row has 2 words and 1 tag")
    #expect(try error(#"{"t": "ab", "y": ["O"]}"#, columns, task).code == .invalidRow)
  }

  @Test func labelsAreCollectedNumbersFirst() throws {
    let path = try folder.write(
      "labels.csv", "t,y\na,10\nb,spam\nc,9\nd,ham\ne,nan\nf,9\n")
    let section = RowSpecification(
      name: "d", files: [path], columns: classes,
      task: .sequenceClassification(labels: [], multiLabel: false))
    #expect(
      try RowSpecification.collectedLabels(of: [section]) == ["9", "10", "ham", "nan", "spam"])
    #expect(throws: DatasetError.self) {
      try RowSpecification.collectedLabels(of: [section], limit: 3)
    }
    let tags = try folder.write(
      "tags.jsonl", #"{"w": ["a", "b", "c"], "y": ["I", "B", -100]}"#)
    let words = RowSpecification(
      name: "w", files: [tags], columns: .words(tokens: "w", tags: "y"),
      task: .tokenClassification(labels: []))
    #expect(try RowSpecification.collectedLabels(of: [words]) == ["B", "I"])
  }

  @Test func columnsOfAnotherTaskAreRefused() throws {
    for (columns, task) in [
      (classes, RowTask.causalLM), (.text("t"), .regression), (translation, .maskedLM(rule)),
      (.words(tokens: "t", tags: "y"), .seq2seqLM(.lastLabel)),
    ] {
      let found = try error(#"{"t": "a", "y": 1}"#, columns, task)
      #expect(found.code == .conflictingKeys && found.help != nil, "\(found.message)")
    }
  }

  let rule = MaskingRule(maskID: 300, vocabularySize: 256, specialIDs: [])

  @Test func rowsThatWouldBeLeakedAreThoseOfEqualInputs() throws {
    let found = try dataset(
      #"{"s": "a", "t": "x"}"# + "\n" + #"{"s": "b", "t": "x"}"# + "\n" + #"{"s": "a", "t": "x"}"#,
      translation, .seq2seqLM(.token(7)))
    #expect(found.inputs(ofRow: 0) == found.inputs(ofRow: 2))
    #expect(found.inputs(ofRow: 0) != found.inputs(ofRow: 1))
  }

  @Test func splitsAndMixturesCarryEverything() throws {
    let found = try dataset(
      (0..<10).map { #"{"t": "text \#($0)", "y": "\#($0 % 2)"}"# }.joined(separator: "\n"),
      classes, .sequenceClassification(labels: ["0", "1"], multiLabel: false))
    let parts = try found.split([("a", 0.5), ("b", 0.5)], seed: 3)
    let mixed = try TokenizedDataset.mixing([(parts[0], 1), (parts[1], 2)], name: "m", seed: 1)
    #expect(mixed.rows.count == 15 && mixed.labels == ["0", "1"])
    for (index, row) in mixed.rows.enumerated() {
      let text = String(
        decoding: mixed.tokens(ofRow: index).compactMap { UInt8(exactly: $0) }, as: UTF8.self)
      #expect(text.last.flatMap { Int32(String($0)) }.map { $0 % 2 } == row.label)
    }
    let other = try dataset(
      #"{"t": "a", "y": "z"}"#, classes,
      .sequenceClassification(labels: ["z", "1"], multiLabel: false))
    #expect(throws: DatasetError.unlikeParts(section: "m", first: "d", second: "d")) {
      try TokenizedDataset.mixing([(found, 1), (other, 1)], name: "m", seed: 1)
    }
  }
}
