import Datasets
import Testing

@Suite struct TokenizedDatasetTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func dataset(
    _ text: String, format: DataFormat = .csv, maxLength: Int? = nil,
    overlong: RowSpecification.Overlong = .truncate, endToken: Bool = true
  ) throws -> TokenizedDataset {
    try folder.write("rows", text)
    return try TokenizedDataset(
      reading: RowSpecification(
        name: "d", files: ["rows"], directory: folder.path, format: format,
        columns: .promptCompletion(prompt: "q", completion: "a"), lossOn: .completion,
        maxLength: maxLength, overlong: overlong, endToken: endToken),
      encoder: ByteEncoder())
  }

  let rows = "q,a\nab,c\nabcdef,gh\nabc,d\n"

  @Test func rowsLieInFlatStorage() throws {
    let found = try dataset(rows)
    #expect(
      found.tokens == bytes("abc") + [256] + bytes("abcdefgh") + [256] + bytes("abcd") + [256])
    #expect(found.isSupervised == flags("..xx......xxx...xx"))
    #expect(found.rows.map(\.range) == [0..<4, 4..<13, 13..<18])
    #expect(found.rows.map(\.supervisedCount) == [2, 3, 2])
    #expect(Array(found.tokens(ofRow: 2)) == bytes("abcd") + [256])
    var expected = DatasetStatistics()
    expected.rows = 3
    expected.tokens = 18
    expected.supervisedTokens = 7
    expected.longestRow = 9
    #expect(found.statistics == expected)
  }

  @Test func overlongRowsAreCutToTheirFirstTokens() throws {
    let found = try dataset(rows, maxLength: 4)
    #expect(found.tokens == bytes("abc") + [256] + bytes("abcdabcd"))
    #expect(found.isSupervised == flags("..xx.......x"))
    #expect(found.statistics.truncatedRows == 2)
    #expect(found.statistics.unsupervisedRows == 1)
    #expect(found.statistics.supervisedTokens == 3)
  }

  @Test func overlongRowsCanBeDropped() throws {
    let found = try dataset(rows, maxLength: 5, overlong: .drop)
    #expect(found.rows.map(\.range) == [0..<4, 4..<9])
    #expect(found.sourceRows.map(\.fate) == [.kept, .dropped, .kept])
    #expect(found.statistics.droppedRows == 1)
  }

  @Test func overlongRowsCanBeAnError() throws {
    let error = try #require(throws: DatasetError.self) {
      try dataset(rows, maxLength: 5, overlong: .error)
    }
    let place = RowPlace(file: folder.path + "/rows", line: 3)
    #expect(error == .rowTooLong(tokens: 9, limit: 5, at: place))
    #expect(error.diagnostic.span?.start.line == 3)
  }

  @Test func rowsWithoutTokensAreLeftOut() throws {
    let found = try dataset("q,a\n,\nx,y\n", endToken: false)
    #expect(found.sourceRows.map(\.fate) == [.empty, .kept])
    #expect(found.statistics.emptyRows == 1)
    #expect(found.statistics.rows == 1)
  }

  @Test func nothingToLearnFromIsAnError() {
    #expect(throws: DatasetError.noSupervisedTokens(section: "d", truncated: 3)) {
      try dataset(rows, maxLength: 2)
    }
    #expect(throws: DatasetError.noRows(section: "d", dropped: 3)) {
      try dataset(rows, maxLength: 2, overlong: .drop)
    }
    #expect(throws: DatasetError.noRows(section: "d", dropped: 0)) { try dataset("q,a\n") }
    #expect(throws: DatasetError.noRows(section: "d", dropped: 0)) {
      try dataset("", format: .jsonl)
    }
  }

  @Test func severalFilesAreReadInOrder() throws {
    try folder.write("1.jsonl", "{\"text\": \"a\"}")
    try folder.write("2.txt", "b\n\nc\n")
    let found = try TokenizedDataset(
      reading: RowSpecification(
        name: "d", files: ["2.txt", "1.jsonl"], directory: folder.path, columns: .text("text")),
      encoder: ByteEncoder())
    #expect(found.tokens == [98, 256, 99, 256, 97, 256])
  }
}
