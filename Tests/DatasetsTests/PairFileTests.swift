import Datasets
import Diagnostics
import Testing

/// Two files side by side, and files of sequences.
@Suite struct PairFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func rows(
    _ source: String, _ target: String, format: DataFormat = .text, maximumRowBytes: Int = 1 << 20
  ) throws -> [SourceRow] {
    let file = DataFile(
      path: try folder.write("a", source), format: format, target: try folder.write("b", target))
    var reader = try RowReader(file, maximumRowBytes: maximumRowBytes)
    var rows: [SourceRow] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
  }

  func error(_ body: () throws -> Void) throws -> Diagnostic {
    try #require(throws: DatasetError.self, performing: body).diagnostic
  }

  @Test func linesBelongTogetherByTheirNumber() throws {
    let found = try rows("AUG\r\n\nCCC", "M\nK\nP\n")
    #expect(
      found.map(picture) == ["source=AUG target=M", "source= target=K", "source=CCC target=P"])
    #expect(found.map(\.place.line) == [1, 2, 3])
    #expect(try rows("", "").isEmpty)
  }

  @Test(arguments: [("a\nb\nc\n", "a\n", 3, 1), ("a\n", "a\n\n", 1, 2), ("", "a\nb", 0, 2)])
  func differentNumbersOfLinesAreToldWithBoth(
    source: String, target: String, first: Int, second: Int
  ) throws {
    let found = try error { _ = try rows(source, target) }
    #expect(found.code == .unpairedFiles)
    #expect(found.message.contains(" has \(first) lines and "))
    #expect(found.message.hasSuffix(" \(second)"))
    #expect(found.help != nil)
  }

  @Test func recordsHaveNamesDescriptionsAndSequences() throws {
    let found = try folder.rows(
      .fasta, "; a comment\n\n>one the first\nACGU\n  ACG \r\n\n>two\n>three\t of three\nA*\n")
    #expect(
      found.map(picture) == [
        "id=one description=the first sequence=ACGUACG", "id=two description= sequence=",
        "id=three description=of three sequence=A*",
      ])
    #expect(found.map(\.place.line) == [3, 7, 8])
    let wrong = try error { _ = try folder.rows(.fasta, "\nACGU\n>one\nA\n") }
    #expect(wrong.code == .invalidRow && wrong.span?.start.line == 2)
    #expect(try folder.rows(.fasta, "").isEmpty)
  }

  @Test(arguments: ["a.fa", "a.fasta", "a.FNA", "x/a.faa"])
  func suffixesOfSequencesAreKnown(path: String) {
    #expect(DataFormat(suffixOf: path) == .fasta)
  }

  @Test func recordsBelongTogetherUnderOneName() throws {
    let found = try rows(
      ">g1 gene\nAUG\nCCC\n>g2\nUUU\n", ">g1 protein\nMP\n>g2\nF", format: .fasta)
    #expect(
      found.map(picture) == [
        "id=g1 description=gene source=AUGCCC target=MP",
        "id=g2 description= source=UUU target=F",
      ])
    let names = try error { _ = try rows(">a\nA\n>b\nA\n", ">a\nM\n>c\nM\n", format: .fasta) }
    #expect(names.code == .unpairedFiles && names.span?.start.line == 3)
    #expect(names.message == "the record `b` stands beside `c`")
    #expect(names.notes.count == 1)
    let counts = try error { _ = try rows(">a\nA\n", ">a\nM\n>c\nM\n>d\nM", format: .fasta) }
    #expect(counts.message.contains("1 records") && counts.message.hasSuffix(" 3"))
  }

  @Test func longRowsOfEitherFileAreRefused() throws {
    let long = String(repeating: "A", count: 3_000)
    for (source, target) in [("a\n" + long, "b\nc"), ("a\nb", "c\n" + long)] {
      let found = try error { _ = try rows(source, target, maximumRowBytes: 1_000) }
      #expect(found.code == .invalidRow && found.span?.start.line == 2)
    }
  }

  @Test func onlySomeFormatsComeInPairs() throws {
    let (text, other) = (try folder.write("a.txt", "a"), try folder.write("b.jsonl", "{}"))
    let found = try error {
      _ = try DataFile.findPair(source: text, target: other, in: "", format: nil)
    }
    #expect(found.code == .unknownFormat)
    let mixed = try error {
      _ = try DataFile.findPair(
        source: text, target: try folder.write("b.fa", ">a\nA"), in: "", format: nil)
    }
    #expect(mixed.code == .unknownFormat)
    let missing = try error {
      _ = try DataFile.findPair(source: text, target: "none.txt", in: "/", format: nil)
    }
    #expect(missing.code == .missingFile)
    let pair = try DataFile.findPair(source: "a.txt", target: "a.txt", in: folder.path, format: nil)
    #expect(pair == DataFile(path: text, format: .text, target: text))
  }

  @Test func aPairIsReadAsRowsOfSourceAndTarget() throws {
    let specification = RowSpecification(
      name: "d", files: [try folder.write("rna.txt", "AUG\nCCC\n")],
      targetFile: try folder.write("protein.txt", "M\nP\n"),
      columns: .sourceTarget(source: "source", target: "target"), task: .seq2seqLM(.token(3)))
    let found = try TokenizedDataset(reading: specification, encoder: ByteEncoder(addsEnd: true))
    #expect(found.rows.count == 2)
    #expect(Array(found.sourceTokens(ofRow: 1)) == bytes("CCC") + [ByteEncoder.end])
    #expect(Array(found.tokens(ofRow: 1)) == [3] + bytes("P"))
    #expect(found.place(of: found.rows[1])?.line == 2)
  }
}
