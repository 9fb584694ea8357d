import Datasets
import Testing

@Suite struct RowReadingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func jsonLinesKeepTypesOrderAndLineNumbers() throws {
    let rows = try folder.rows(
      .jsonl, "\u{FEFF}{\"b\": \"x\\ny\", \"a\": 1}\r\n\n  \n{\"b\": true, \"c\": [1, {}]}")
    #expect(rows.map(picture) == ["b=x\ny a=1", "b=true c=[1,{}]"])
    #expect(rows.map(\.place.line) == [1, 4])
  }

  @Test func anArrayOfObjectsIsReadRowByRow() throws {
    let rows = try folder.rows(
      .json, " [ {\"a\": \"],}\\\"[\"},\n\n{\"a\": {\"b\": [1, 2]}}\n , {} ]\n")
    #expect(rows.map(picture) == ["a=],}\"[", "a={\"b\":[1,2]}", ""])
    #expect(rows.map(\.place.line) == [1, 3, 4])
    #expect(try folder.rows(.json, "[ ]").isEmpty)
  }

  @Test(arguments: [
    ("a,b\n1,2\n3,4\n", ["a=1 b=2", "a=3 b=4"]),
    ("a,b\r\n1,2\r\n3,4", ["a=1 b=2", "a=3 b=4"]),
    ("\u{FEFF}a\nx", ["a=x"]),
    ("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", ["a=1,5 b=say \"hi\""]),
    ("a,b\n\"two\nlines\",\"\"\n", ["a=two\nlines b="]),
    ("a,b\n\n,\n\r\n", ["a= b="]),
    ("a,b\n5\" disk,x\"\"y\n", ["a=5\" disk b=x\"\"y"]),
    ("\"a b\",c\n é , z\n", ["a b= é  c= z"]),
    ("a,b\n", []),
    ("", []),
  ])
  func commaSeparatedValues(text: String, expected: [String]) throws {
    #expect(try folder.rows(.csv, text).map(picture) == expected)
  }

  @Test func tabsSeparateInTSVAndCommasDoNot() throws {
    let rows = try folder.rows(.tsv, "a\tb\n1,2\t\"x\ty\"\n")
    #expect(rows.map(picture) == ["a=1,2 b=x\ty"])
  }

  @Test func quotedLineEndsCountAsLines() throws {
    let rows = try folder.rows(.csv, "a\n\"1\n2\n3\"\nx\n")
    #expect(rows.map(\.place.line) == [2, 5])
  }

  @Test func proseIsReadInBlocks() throws {
    let rows = try folder.rows(.text, "\n\nOne\r\n  two\n \t\nThree\n\n\n")
    #expect(rows.map(picture) == ["text=One\n  two", "text=Three"])
    #expect(rows.map(\.place.line) == [3, 6])
  }

  @Test func rowsCrossTheBufferIntact() throws {
    let long = String(repeating: "é,\"\"x", count: 40_000)
    let rows = try folder.rows(.csv, "a,b\n\"\(long)\",1\n2,\"\(long)\"\n")
    let plain = long.replacing("\"\"", with: "\"")
    #expect(rows.map(picture) == ["a=\(plain) b=1", "a=2 b=\(plain)"])
    let lines = (1...30_000).map { "{\"n\": \($0)}" }
    #expect(
      try folder.rows(.jsonl, lines.joined(separator: "\n")).map(picture)
        == (1...30_000).map { "n=\($0)" })
    #expect(
      try folder.rows(.json, "[" + lines.joined(separator: ",\n") + "]").map(picture)
        == (1...30_000).map { "n=\($0)" })
  }

  @Test(arguments: [
    (DataFormat.jsonl, "{\"a\": 1}\n\n{\"a\": }\n", RowProblem?.none, 3),
    (.jsonl, "{\"a\": 1}\n[1]\n", .notAnObject, 2),
    (.jsonl, "{\"a\": 1, \"a\": 2}", nil, 1),
    (.jsonl, "{\"a\": 1} {\"a\": 2}", nil, 1),
    (.json, "{\"a\": 1}", .notAnArray, 1),
    (.json, "[{\"a\": 1},\n{\"a\": 2}", .unterminatedArray, 2),
    (.json, "[{\"a\": 1},\n]", nil, 2),
    (.json, "[{\"a\": 1}]\n[]", .textAfterArray, 2),
    (.json, "[{\"a\": 1},\n{\"a\":\n}]", nil, 3),
    (.json, "[\n3]", .notAnObject, 2),
    (.json, "[", .unterminatedArray, 1),
    (.json, "[}]", nil, 1),
    (.csv, "a,b\n1,2\n3\n", .fieldCount(found: 1, expected: 2), 3),
    (.csv, "a,b\n1,2,3\n", .fieldCount(found: 3, expected: 2), 2),
    (.csv, "a,b\n1,\"2\n3\n", .unterminatedQuote, 2),
    (.csv, "a,b\n1,\"2\"x\n", .textAfterQuote, 2),
    (.csv, "a,b\n1\r2,3\n", .bareCarriageReturn, 2),
    (.csv, "a,a\n1,2\n", .repeatedColumn("a"), 1),
  ])
  func brokenRowsHaveAPlace(
    format: DataFormat, text: String, problem: RowProblem?, line: Int
  ) throws {
    let error = try #require(throws: DatasetError.self) { try folder.rows(format, text) }
    guard case .invalidRow(let found, let place) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(place.line == line)
    if let problem {
      #expect(found == problem)
    } else {
      guard case .invalidJSON = found else {
        Issue.record("\(found)")
        return
      }
    }
    #expect(error.diagnostic.code == .invalidRow)
    #expect(error.diagnostic.span?.start.line == line)
    #expect(error.diagnostic.help != nil)
  }

  @Test(arguments: DataFormat.allCases)
  func bytesThatAreNoTextHaveAPlace(format: DataFormat) throws {
    let bad: [UInt8] = [0x61, 0xC3, 0x28, 0xFF]
    let (before, after) =
      switch format {
      case .jsonl: ("{\"a\": 1}\n{\"a\": \"", "\"}")
      case .json: ("[{\"a\": 1},\n{\"a\": \"", "\"}]")
      case .csv: ("a,b\n1,", "\n")
      case .tsv: ("a\tb\n1\t", "\n")
      case .text: ("\n", "\n")
      case .fasta: ("\n>", "\nAC\n")
      }
    let error = try #require(throws: DatasetError.self) {
      try folder.rows(format, Array(before.utf8) + bad + Array(after.utf8))
    }
    guard case .invalidRow(.invalidUTF8, let place) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(place.line == 2)
  }

  @Test(arguments: DataFormat.allCases)
  func rowsThatAreTooLargeAreRefused(format: DataFormat) throws {
    let long = String(repeating: "x", count: 2_000)
    let text =
      switch format {
      case .jsonl: "{\"a\": 1}\n{\"a\": \"\(long)\"}"
      case .json: "[{\"a\": 1},\n{\"a\": \"\(long)\"}]"
      case .csv, .tsv: "a\n\"\(long)\"\n"
      case .text: "\n" + String(repeating: "x\n", count: 600)
      case .fasta: "\n>x\n" + String(repeating: "ACGU\n", count: 600)
      }
    let error = try #require(throws: DatasetError.self) {
      try folder.rows(format, text, maximumRowBytes: 1_000)
    }
    #expect(
      error
        == .invalidRow(
          .tooLarge(limitBytes: 1_000), at: RowPlace(file: folder.path + "/rows", line: 2)))
  }

  @Test func deepNestingIsAnErrorAndNoTrap() throws {
    let text = "{\"a\": " + String(repeating: "[", count: 100_000)
    #expect(throws: DatasetError.self) { try folder.rows(.jsonl, text) }
    #expect(throws: DatasetError.self) { try folder.rows(.json, "[" + text) }
  }

  @Test func whatIsNoRegularFileIsRefused() throws {
    for path in [folder.path, "/dev/zero"] {
      let error = try #require(throws: DatasetError.self) {
        _ = try RowReader(DataFile(path: path, format: .jsonl))
      }
      #expect(error == .unreadableFile(path: path, reason: "not a regular file"))
    }
  }
}
