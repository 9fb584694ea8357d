import Diagnostics
import Pipelines
import Testing

@Suite struct MatrixTests {
  private let grid = trainingPipeline.replacing(
    "{r: 8, alpha: 16}", with: "{r: \"${rank}\", alpha: \"${alpha}\"}")

  @Test func aGridIsEveryCombinationTheLastTheFastest() throws {
    let read = reading(grid + "\nmatrix: {rank: [4, 8], alpha: [1, 2, 3]}")
    #expect(read.rendered == "")
    #expect(
      read.cases.map {
        [$0.pipeline.lora?.rank.value ?? 0, Int($0.pipeline.lora?.alpha.value ?? 0)]
      }
        == [[4, 1], [4, 2], [4, 3], [8, 1], [8, 2], [8, 3]])
    #expect(read.cases.first?.name == "rank-4-alpha-1")
    #expect(Set(read.cases.map(\.name)).count == 6)
    #expect(
      read.cases.map(\.pipeline.name.value).prefix(2) == [
        "demo-rank-4-alpha-1", "demo-rank-4-alpha-2",
      ])
    #expect(read.cases.last?.pipeline.output.value == "runs/demo-rank-8-alpha-3")
    guard case .composed(_, let sources)? = read.cases.first?.pipeline.lora?.rank.origin else {
      Issue.record("no sources")
      return
    }
    guard case .matrix("rank", let span)? = sources.first else {
      Issue.record("\(sources)")
      return
    }
    #expect(span.start.line == 15 && span.start.column == 17)
  }

  @Test func casesCanBeListedAndNamed() throws {
    let read = reading(
      grid + "\nvars: {alpha: 7}\nmatrix: [{name: small, rank: 4}, {rank: 8, alpha: 2}]")
    #expect(read.rendered == "")
    #expect(read.cases.map(\.name) == ["small", "rank-8-alpha-2"])
    #expect(read.cases.map { $0.pipeline.lora?.alpha.value } == [7, 2])
    #expect(read.cases.map(\.pipeline.name.value) == ["demo-small", "demo-rank-8-alpha-2"])
  }

  @Test func aNameWithVariablesThatTellTheCasesApartIsLeftAlone() {
    let text = grid.replacing("name: demo", with: "name: demo-${rank}")
    let read = reading(text + "\nvars: {alpha: 7}\nmatrix: {rank: [4, 8]}")
    #expect(read.cases.map(\.pipeline.name.value) == ["demo-4", "demo-8"])
    let both = reading(text + "\nmatrix: {rank: [4, 8], alpha: [1, 2]}")
    #expect(both.cases.first?.pipeline.name.value == "demo-4-rank-4-alpha-1")
  }

  @Test func twoCasesThatWriteToOnePlaceAreRefused() {
    let matrix = "\n  - export: {adapter: out/a/../a}\nvars: {alpha: 7}\nmatrix: {rank: [4, 8]}"
    let read = reading(grid + matrix)
    #expect(
      read.diagnostics.map(\.message)
        == ["the cases `rank-4` and `rank-8` both write to `out/a/../a`"])
    #expect(read.marked == ["test.yaml:15: out/a/../a"])
    #expect(reading(grid + matrix.replacing("out/a/../a", with: "\"out/${case}\"")).rendered == "")
    let output = reading(grid + "\noutput: runs/x\nvars: {alpha: 7}\nmatrix: {rank: [4, 8]}")
    #expect(output.diagnostics.map(\.code) == [.sharedOutput])
  }

  @Test func theSameFindingInEveryCaseStandsOnceAndOthersSayWhose() {
    let read = reading(
      grid.replacing("epochs: 1", with: "epohcs: 1") + "\nmatrix: {rank: [0, 8], alpha: [1, 2]}")
    #expect(read.diagnostics.map(\.code) == [.valueOutOfRange, .unknownKey])
    #expect(
      read.diagnostics.first?.notes.map(\.message) == [
        "`rank` stands in `matrix` here", "this is so in the case `rank-0-alpha-1` and 1 other",
      ])
    #expect(read.diagnostics.last?.notes == [])
  }

  @Test(arguments: [
    ("3", [DiagnosticCode.wrongType], "3"), ("{}", [.wrongType], "{}"), ("[]", [.wrongType], "[]"),
    ("{rank: 4}", [.wrongType], "4"), ("{rank: []}", [.wrongType], "[]"),
    ("[3]", [.wrongType], "3"),
    ("{rank: [4, 8, 4]}", [.duplicateName], "4"), ("{1a: [4]}", [.invalidVariable], "1a"),
    ("[{name: a, rank: 4}, {name: a, rank: 8}]", [.duplicateName], "a"),
    ("[{name: a/b, rank: 4}]", [.valueOutOfRange], "a/b"),
    ("{case: [4]}", [.invalidVariable], "case"),
  ])
  func whatIsNoMatrixIsRefused(matrix: String, codes: [DiagnosticCode], marked: String) {
    let read = reading(grid + "\nvars: {alpha: 7}\nmatrix: " + matrix)
    #expect(read.diagnostics.map(\.code) == codes, "\(read.rendered)")
    #expect(read.marked == ["test.yaml:16: \(marked)"])
    #expect(read.cases.isEmpty)
  }

  @Test func thereAreAtMost256Cases() {
    let values = (1...16).map(String.init).joined(separator: ", ")
    let read = reading(grid + "\nmatrix: {rank: [\(values)], alpha: [\(values)]}")
    #expect(read.cases.count == 256)
    let more = reading(grid + "\nmatrix: {rank: [\(values), 17], alpha: [\(values)]}")
    #expect(more.diagnostics.map(\.code) == [.limitExceeded] && more.cases.isEmpty)
  }

  @Test func aVariableOfTheMatrixThatNothingUsesIsAWarning() {
    let read = reading(grid + "\nvars: {alpha: 7}\nmatrix: {rank: [4], other: [1, 2]}")
    #expect(read.diagnostics.map(\.message) == ["nothing uses the variable `other`"])
    #expect(read.cases.count == 2)
  }

  @Test func theCommandLineChangesTheMatrixButNotWhatItHides() {
    let text = grid + "\nvars: {alpha: 7}\nmatrix: {rank: [4, 8]}"
    #expect(reading(text, set: ["matrix.rank=[2]"]).cases.map(\.name) == ["rank-2"])
    let hidden = reading(text, set: ["vars.rank=2"])
    #expect(hidden.diagnostics.map(\.message) == ["`matrix` gives `rank` in every case"])
    #expect(hidden.marked == ["--set:1: rank"])
  }

  @Test func casesMayBeMadeOfVariables() {
    let read = reading(
      grid + "\nvars: {small: 4}\nmatrix: [{rank: \"${small}\", alpha: \"${rank}\"}]")
    #expect(read.rendered == "")
    #expect(read.cases.first?.pipeline.lora?.alpha.value == 4)
  }
}
