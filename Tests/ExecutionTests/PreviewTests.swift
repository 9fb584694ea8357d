import Diagnostics
import JSONSyntax
import Planning
import Testing

@Suite struct PreviewTests {
  private let pair = "columns: {prompt: q, completion: a}, template: \"{{q}}\\n\""
  private let pairs = """
    {"q": "the cat", "a": " sat on the mat"}
    {"q": "a dog", "a": "é\\t."}

    """

  @Test func everyTokenStandsWithItsTextAndAMarkWhereItIsLearned() throws {
    let place = try PreviewPlace()
    let run = try place.run(pair, rows: pairs, batch: "{size: 2, shuffle: false}")
    #expect(
      try place.text(run) == """
        tokens marked ~ are learned; · space, ⏎ line end, ⇥ tab

        rows  all 2 rows, in the order of `train`

          rows.jsonl:1  8 tokens, 5 supervised
          prompt      0 | the ·cat ⏎
          completion  3 | ·sat ·on ·the ·mat <|end|>
                        | ~~~~ ~~~ ~~~~ ~~~~ ~~~~~~~

          rows.jsonl:2  8 tokens, 5 supervised
          prompt      0 | a ·dog ⏎
          completion  3 | <0xC3> <0xA9> ⇥ . <|end|>
                        | ~~~~~~ ~~~~~~ ~ ~ ~~~~~~~

        """)
  }

  @Test func idsStandBelowTheTokens() throws {
    let place = try PreviewPlace()
    let run = try place.run(pair, rows: pairs, batch: "{size: 2, shuffle: false}")
    let text = try place.text(run, rows: 1, style: PreviewStyle(showsIDs: true))
    let tokens = try #require(text.split(separator: "\n").last { $0.contains("<|end|>") })
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let at = try #require(lines.firstIndex(of: tokens))
    let ids = lines[at + 1].split(separator: "|")[1].split(separator: " ")
    #expect(ids.count == 5)
    #expect(ids.compactMap { Int($0) }.count == 5)
    #expect(lines[at + 2].contains("~~~"))
  }

  @Test func conversationsShowWhoSpeaks() throws {
    let place = try PreviewPlace()
    let run = try place.run(
      "columns: {messages: m}",
      rows: """
        {"m": [{"role": "user", "content": "the cat"}, {"role": "assistant", "content": "the mat"}]}

        """, batch: "{size: 1}")
    #expect(try place.text(run).contains(", 3 supervised\n"))
    let lines = try place.text(run).split(separator: "\n").map(String.init)
    let marked = try #require(lines.firstIndex { $0.contains("~") && !$0.contains("learned") })
    #expect(lines[marked - 1].hasSuffix("| the ·mat <|im_end|> ⏎"))
    #expect(lines[marked].hasSuffix("| ~~~ ~~~~ ~~~~~~~~~~"))
    #expect(lines.contains { $0.hasPrefix("  user ") && $0.contains("| <|im_start|> ") })
    #expect(lines.contains { $0.hasPrefix("  assistant ") && $0.contains("| <|im_start|> ") })
  }

  @Test func packedRowsShowTheSequenceThatTheyShare() throws {
    let place = try PreviewPlace()
    let run = try place.run(
      pair + ", max_length: 32", rows: pairs, batch: "{size: 1, packing: true, shuffle: false}")
    let text = try place.text(run)
    #expect(
      text.contains(
        """
          sequence 1: 2 rows in 32 positions, 16 empty; no row sees another
          |===============|===============................................|

          rows.jsonl:1  8 tokens, 5 supervised, at position 0
        """))
    #expect(text.contains("rows.jsonl:2  8 tokens, 5 supervised, at position 8"))
  }

  @Test func aCutRowSaysWhatIsGone() throws {
    let place = try PreviewPlace()
    let run = try place.run(
      pair + ", max_length: 6", rows: pairs, batch: "{size: 2, shuffle: false}")
    let text = try place.text(run)
    #expect(text.contains("rows.jsonl:1  6 tokens of 8, 3 supervised"))
    #expect(text.contains("| … 2 tokens cut off at 6 …"))
    #expect(
      text.contains("warning: all 2 rows are cut at `max_length: 6` and end without `<|end|>`"))
  }

  @Test func aLongRowIsShownAtItsEndsAndAroundEachBoundary() throws {
    let place = try PreviewPlace()
    let long = Array(repeating: "the cat sat on the mat", count: 60).joined(separator: " ")
    let run = try place.run(
      pair, rows: "{\"q\": \"\(long)\", \"a\": \"\(long) a log\"}\n", batch: "{size: 1}")
    let text = try place.text(run)
    #expect(text.split(separator: "\n").count < 24)
    #expect(text.contains("tokens …"))
    #expect(text.contains("tokens, all supervised …"))
    #expect(text.contains("completion  361 | the ·cat"))
    #expect(text.contains("·log <|end|>"))
    let whole = try place.text(run, isWhole: true)
    #expect(!whole.contains("tokens …"))
    #expect(whole.split(separator: "·cat").count == 121)
  }

  @Test func linesStayWithinTheWidth() throws {
    let place = try PreviewPlace()
    let rows = "{\"q\": \"日本語 the cat sat on the mat 🙂\", \"a\": \"the dog sat on the log\"}\n"
    let run = try place.run(pair, rows: rows, batch: "{size: 1}")
    for width in [40, 60, 80] {
      let text = try place.text(run, style: PreviewStyle(width: width, showsIDs: true))
      for line in text.split(separator: "\n") where line.contains(" | ") {
        #expect(line.count <= width, "\(line)")
      }
    }
  }

  @Test func coloursComeBesideTheMarksAndLeaveTheTextAsItIs() throws {
    let place = try PreviewPlace()
    let run = try place.run(pair, rows: pairs)
    let plain = try place.text(run)
    let coloured = try place.text(run, style: PreviewStyle(isColored: true))
    #expect(coloured.contains("\u{1B}[32m·sat\u{1B}[0m"))
    #expect(coloured.contains("\u{1B}[1;32m<|end|>\u{1B}[0m"))
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
    #expect(!plain.contains("\u{1B}"))
  }

  @Test func rowsComeAsTheFirstStepsTakeThem() throws {
    let place = try PreviewPlace()
    let rows = (1...20).map { "{\"q\": \"the cat\", \"a\": \"\($0)\"}\n" }.joined()
    let run = try place.run(pair, rows: rows)
    guard case .train(let training) = run.stages[0].work else {
      Issue.record("the first stage trains")
      return
    }
    let expected = training.planner.epoch(0).steps.prefix(2).flatMap(\.microBatches)
      .flatMap(\.rows).joined().map { $0 + 1 }
    let preview = try run.preview(PreviewRequest(rowCount: 4))
    #expect(preview.sets[0].rows.compactMap { $0.place?.line } == Array(expected))
    #expect(expected != [1, 2, 3, 4])
  }

  @Test func sectionsAreNamedOrFoundByTheirUse() throws {
    let place = try PreviewPlace()
    try place.place.write("other.jsonl", "{\"text\": \"a dog\"}\n")
    let run = try place.place.plan(
      place.place.text(
        data: Workplace.data + "\n  spare: {load: other.jsonl}",
        Workplace.lora(rest: "evaluate: {data: rows.eval, every: 1 epoch}")))
    func names(_ data: String?) throws -> [String] {
      try run.preview(PreviewRequest(rowCount: 1, data: data)).sets.map(\.name)
    }
    #expect(try names(nil) == ["rows.train", "rows.eval"])
    #expect(try names("rows") == ["rows.train", "rows.eval"])
    #expect(try names("rows.eval") == ["rows.eval"])
    #expect(try names("spare") == ["spare"])
    #expect(try place.text(run, data: "spare").contains("spare  the only row; used by no stage"))
    let error = try #require(throws: DiagnosticError.self) { try names("rows.evil") }
    #expect(error.diagnostics.first?.code == .unknownData)
    #expect(error.diagnostics.first?.help == "did you mean `rows.eval`?")
  }

  @Test func rowsOfAMixtureAreShownFromTheirOwnSections() throws {
    let place = try PreviewPlace()
    try place.place.write("pairs.jsonl", pairs)
    let run = try place.place.plan(
      place.place.text(
        data: """
          rows: {load: rows.jsonl}
            pairs: {load: pairs.jsonl, \(pair)}
            both: {mix: [{data: rows}, {data: pairs, weight: 2}]}
          """, Workplace.lora().replacing("rows.train", with: "both")))
    let preview = try run.preview(PreviewRequest(rowCount: 20))
    let names = preview.sets[0].rows.map { $0.parts.map(\.name).joined(separator: "+") }
    #expect(names.count { $0 == "prompt+completion" } == 4)
    #expect(names.count { $0 == "text" } == Workplace.sentences.count)
  }

  @Test func theBytesAreTheSameTwiceAndThePlanIsNotTouched() throws {
    let place = try PreviewPlace()
    let run = try place.run(pair, rows: pairs)
    let before = run.plan.json.text()
    let first = try run.preview(PreviewRequest(rowCount: 2))
    let second = try run.preview(PreviewRequest(rowCount: 2))
    #expect(first.text() == second.text())
    #expect(first.json.text() == second.json.text())
    #expect(run.plan.json.text() == before)
  }

  @Test func programsGetEveryTokenWithItsIDAndItsBytesWhereTheyAreNoText() throws {
    let place = try PreviewPlace()
    let run = try place.run(pair, rows: pairs, batch: "{size: 2, shuffle: false}")
    let json = try run.preview(PreviewRequest(rowCount: 2)).json
    let set = try #require(json.array?.first)
    #expect(set["data"]?.string == "rows")
    #expect(set["order"]?["stage"]?.string == "train")
    let row = try #require(set["shown"]?.array?.last)
    #expect(row["line"]?.integer == 2)
    #expect(row["parts"]?.array?.map { $0["name"]?.string } == ["prompt", "completion"])
    let content = try #require(row["content"]?.array)
    #expect(
      content.compactMap { $0["supervised"]?.bool } == Array(repeating: false, count: 3)
        + Array(repeating: true, count: 5))
    #expect(content[3]["bytes"]?.array == [0xC3])
    #expect(content[4]["bytes"]?.array == [0xA9])
    #expect(content[5]["text"]?.string == "\t")
    #expect(content[7]["special"]?.bool == true)
    let dataset = try #require(run.data["rows"])
    #expect(content.compactMap { $0["id"]?.integer } == dataset.tokens(ofRow: 1).map(Int.init))
  }
}
