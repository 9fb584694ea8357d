import Datasets
import Diagnostics
import Testing

/// Two matrices whose rows are samples.
@Suite struct MatrixTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let source = "id,g1,g2\ns1,1,2\ns2,3,4\ns4,5,6\n"
  static let target = "id\tp\ns2\t0.5\ns3\t1\ns1\tNA\n"

  func specification(
    _ source: String, _ target: String, names: SeriesNames? = nil,
    sourceTransform: RowSpecification.Transform = .none
  ) throws -> RowSpecification {
    RowSpecification(
      name: "d", files: [try folder.write("rna.csv", source)],
      targetFile: try folder.write("protein.tsv", target), columns: .text("text"),
      task: .matrices(names, answers: .positions), sourceTransform: sourceTransform)
  }

  func dataset(
    _ source: String = source, _ target: String = target, names: SeriesNames? = nil,
    sourceTransform: RowSpecification.Transform = .none
  ) throws -> TokenizedDataset {
    try TokenizedDataset(
      reading: specification(source, target, names: names, sourceTransform: sourceTransform),
      encoder: ByteEncoder())
  }

  func error(
    _ source: String = source, _ target: String = target, names: SeriesNames? = nil,
    sourceTransform: RowSpecification.Transform = .none
  ) throws -> Diagnostic {
    try #require(throws: DatasetError.self) {
      try dataset(source, target, names: names, sourceTransform: sourceTransform)
    }.diagnostic
  }

  @Test func samplesAreMatchedByNameInTheOrderOfTheFirst() throws {
    let found = try dataset()
    #expect(found.layout == .series(inputs: 2, outputs: 1, answers: .positions))
    #expect(found.inputNames == ["g1", "g2"] && found.labels == ["p"])
    #expect(found.rows.count == 2)
    #expect(Array(found.sourceValues(ofRow: 1)) == [3, 4])
    #expect(Array(found.values(ofRow: 1)) == [0.5])
    #expect(Array(found.weights(ofRow: 0)) == [0])
    #expect(found.reading?.unpairedSources.count == 1)
    #expect(found.reading?.unpairedSources.first?.line == 4)
    #expect(found.reading?.unpairedTargets.count == 1)
    #expect(found.place(of: found.rows[1])?.line == 3)
    #expect(found.inputs(ofRow: 0) != found.inputs(ofRow: 1))
  }

  @Test func columnsHaveTheNumbersOfTheirNames() throws {
    let names = try SeriesNames(of: specification(Self.source, Self.target))
    #expect(names == SeriesNames(inputs: ["g1", "g2"], outputs: ["p"]))
    let found = try dataset("id,g2,g1\ns1,2,1\ns2,4,3\n", names: names)
    #expect(Array(found.sourceValues) == [1, 2, 3, 4])
    let other = try error("id,g1,g3\ns1,2,1\n", names: names)
    #expect(other.code == .unlikeRows && other.message.contains("`g2`"))
  }

  @Test func logarithmsAreTakenOfWhatIsGiven() throws {
    let found = try dataset("id,g\ns1,0\ns2,1.718281828\n", sourceTransform: .log1p)
    #expect(found.sourceValues[0] == 0 && abs(found.sourceValues[1] - 1) < 1e-6)
    let below = try error("id,g\ns1,0\ns2,-1\n", sourceTransform: .log1p)
    #expect(below.code == .invalidRow && below.span?.start.line == 3)
  }

  @Test(arguments: [
    ("id,g1,g2\ns1,1,x2\n", 2, 6, DiagnosticCode.invalidRow), ("id,g\ns1,\n", 2, 4, .invalidRow),
    ("id,g\ns1,NA\n", 2, 4, .invalidRow), ("id,g\ns1,1,2\n", 2, 1, .invalidRow),
    ("id,g,g\ns1,1,2\n", 1, 1, .invalidRow), ("id\ns1\n", 1, 1, .invalidRow),
    ("id,g\n,1\n", 2, 1, .invalidRow), ("id,g\ns1,1\ns1,2\n", 3, 1, .unpairedFiles),
  ])
  func whatIsWrongHasItsPlace(
    source: String, line: Int, column: Int, code: DiagnosticCode
  ) throws {
    let found = try error(source)
    #expect(found.code == code)
    #expect(found.span?.start.line == line && found.span?.start.column == column)
    #expect(found.help != nil)
  }

  @Test func matricesWithoutACommonSampleAreRefused() throws {
    let found = try error("id,g\na,1\n")
    #expect(found.code == .unpairedFiles)
    #expect(found.help?.contains("`a` and `s2`") == true)
    #expect(try error("id,g\n").code == .noRows)
    #expect(try error(Self.source, "id\tp\ns2\t0\ns2\t1\n").code == .unpairedFiles)
  }

  @Test func oneFileIsNoPairOfMatrices() throws {
    let path = try folder.write("one.csv", Self.source)
    for task in [RowTask.matrices(nil, answers: .positions), .matrices(nil, answers: .rows)] {
      let found = try #require(throws: DatasetError.self) {
        try TokenizedDataset(
          reading: RowSpecification(name: "d", files: [path], columns: .text("text"), task: task),
          encoder: ByteEncoder())
      }
      #expect(found.diagnostic.help == "name them as `load: {source: …, target: …}`")
    }
    let texts = try #require(throws: DatasetError.self) {
      try TokenizedDataset(
        reading: RowSpecification(
          name: "d", files: [path], targetFile: path,
          columns: .sourceTarget(source: "source", target: "target"), task: .seq2seqLM(.lastLabel)),
        encoder: ByteEncoder())
    }
    #expect(texts.diagnostic.code == .conflictingKeys)
  }
}
