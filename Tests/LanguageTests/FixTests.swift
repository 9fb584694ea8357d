import Diagnostics
import Pipelines
import Testing

/// What `--fix` may write: only where one answer is right, and only in the place of the mistake.
@Suite struct FixTests {
  /// The text once all fixes that stand together are made, as often as there are any.
  private func fixed(_ text: String) -> (text: String, rest: [Diagnostic]) {
    var source = SourceText(file: "test.yaml", bytes: Array(text.utf8))
    for _ in 0..<10 {
      let found = PipelineReader.read(source).diagnostics
        .allowing(in: [source], isPlanned: false)
      let (sources, count) = FixApplication.apply(found.compactMap(\.fix), to: [source])
      if count == 0 { return (String(decoding: source.bytes, as: UTF8.self), found) }
      source = sources[0]
    }
    return (String(decoding: source.bytes, as: UTF8.self), [])
  }

  private static let whole = text(fixture("support-lora.yaml"))

  /// The fixture with one line for another that begins with the same key.
  private func changed(_ key: String, _ line: String) -> String {
    Self.whole.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.drop { $0 == " " || $0 == "-" }.hasPrefix(key) ? line : String($0)
    }.joined(separator: "\n")
  }

  @Test(arguments: [
    ("seed:", "seeed: 17", "seed: 17"),
    ("seed:", "Seed: 17   # why", "seed: 17   # why"),
    ("seed:", "\"random_seed\": 17", "seed: 17"),
    ("seed:", "seed: '17'", "seed: 17"),
    ("seed:", "seed: 1_000", "seed: 1000"),
    ("seed:", "seed: 0x10", "seed: 16"),
    ("seed:", "seed: 17.0", "seed: 17"),
    ("dtype:", "  torch_dtype: bf16", "  dtype: bfloat16"),
    ("dtype:", "  dtype: BFloat16", "  dtype: bfloat16"),
    ("dtype:", "  dtype: float23", "  dtype: float32"),
    ("max_length:", "    max_lenght: 512", "    max_length: 512"),
    ("max_length:", "    cutoff_len: \"512\"", "    max_length: 512"),
    ("epochs:", "      num_train_epochs: 3", "      epochs: 3"),
    ("epochs:", "      epochs: \"3\"", "      epochs: 3"),
    ("clip_norm:", "      max_grad_norm: 0", "      clip_norm: none"),
    ("clip_norm:", "      clip_norm: 50%", "      clip_norm: 0.5"),
    ("batch:", "      batch: {size: 8, packing: yes}", "      batch: {size: 8, packing: true}"),
    (
      "batch:", "      batch: {size: 8, packing: \"off\"}", "      batch: {size: 8, packing: false}"
    ),
    ("batch:", "      batch: {sample_packing: True}", "      batch: {packing: True}"),
    (
      "optimizer:", "      optimizer: {adamw_torch: {lr: 1e-4}}",
      "      optimizer: {adamw: {learning_rate: 1e-4}}"
    ),
    (
      "schedule:", "      schedule: {cosine: {}, warmup_ratio: 0.1}",
      "      schedule: {cosine: {}, warmup: 10%}"
    ),
    (
      "schedule:", "      schedule: {cosine: {}, warmup_steps: 0.025}",
      "      schedule: {cosine: {}, warmup: 2.5%}"
    ),
    ("schedule:", "      schedule: cosin", "      schedule: cosine"),
    (
      "checkpoint:", "      checkpoint: {save_steps: 1, save_total_limit: 3}",
      "      checkpoint: {every: 1 step, keep: 3}"
    ),
    (
      "checkpoint:", "      checkpoint: {every: 100steps}", "      checkpoint: {every: 100 steps}"
    ),
    ("checkpoint:", "      checkpoint: {every: 2 Epochs}", "      checkpoint: {every: 2 epochs}"),
  ])
  func whatHasOneRightAnswerIsWritten(key: String, bad: String, good: String) {
    let bad = changed(key, bad)
    #expect(!findings(bad).isEmpty)
    let (text, rest) = fixed(bad)
    #expect(text == changed(key, good))
    #expect(rest.map(\.message) == [])
  }

  @Test(arguments: [
    ("seed:", "seed: 0777"), ("seed:", "seed: 1,000"), ("seed:", "seed: seven"),
    ("seed:", "frobnicate: 17"), ("clip_norm:", "      batch_size: 4"),
    ("checkpoint:", "      checkpoint: {every: 100}"), ("epochs:", "      iters: 3"),
    ("max_length:", "    block_size: 512"), ("clip_norm:", "      clip_norm: off"),
    ("schedule:", "      schedule: {warmup: 1 epoch}"),
    ("loss_on:", "    train_on_inputs: false"), ("name:", "name: my run"),
    ("schedule:", "      schedule: {cosine: {}, warmup_ratio: 3}"),
  ])
  func whatHasSeveralAnswersIsLeftAlone(key: String, bad: String) {
    let bad = changed(key, bad)
    #expect(!findings(bad).isEmpty)
    #expect(fixed(bad).text == bad)
  }

  @Test func twoKeysThatMeanTheSameAreLeftAlone() {
    let bad = changed("seed:", "sed: 1\nseeed: 2")
    #expect(findings(bad).count == 2)
    #expect(fixed(bad).text == bad)
  }

  @Test func aSlipThatIsAsNearToAWrittenKeyIsLeftAlone() {
    let text = """
      hone: 1
      name: a
      model: {load: m}
      stages: [{generate: {prompts: [a], temperature: 1, top_k: 3, top_q: 0.5}}]
      """
    #expect(findings(text).map(\.help) == ["did you mean `top_p`?"])
    #expect(fixed(text).text == text)
  }

  /// Every key of the language with two neighbouring letters swapped comes back as it was.
  @Test func aSwappedPairOfLettersInAnyKeyIsPutRight() {
    let whole = text(fixture("every-key.yaml"))
    var count = 0
    for (offset, character) in whole.enumerated() where character == ":" {
      let start = whole.index(whole.startIndex, offsetBy: offset)
      let word = whole[..<start].reversed().prefix { $0.isLetter || $0 == "_" }.count
      guard word > 4 else { continue }
      var characters = Array(whole)
      let first = offset - word + 1
      guard characters[first] != characters[first + 1], characters[first + 1] != "_" else {
        continue
      }
      characters.swapAt(first, first + 1)
      let bad = String(characters)
      guard findings(bad).contains(where: { $0.code == .unknownKey }) else { continue }
      let (text, rest) = fixed(bad)
      guard rest.isEmpty else {
        #expect(text == bad, "half a fix:\n\(rest)")
        continue
      }
      #expect(text == whole)
      count += 1
    }
    #expect(count > 60)
  }

  @Test(arguments: [
    ("\u{FEFF}", "\n"), ("", "\r\n"), ("\u{FEFF}", "\r\n"), ("# 日本 😀 e\u{301}\n", "\n"),
  ])
  func noByteOutsideTheEditChanges(start: String, lineBreak: String) {
    func text(_ key: String, _ value: String) -> String {
      (start + """
        hone: 1
        name: a   # 日本語 😀\t#
        x-note: "tab\\t 😀"
        \(key): \(value)\t# stays\u{20}\u{20}
        model: {load: "m/😀"}
        stages:
        - generate: {prompts: ["😀: yes"]}

        """).split(separator: "\n", omittingEmptySubsequences: false)
        .joined(separator: lineBreak)
    }
    let (fixed, rest) = fixed(text("sede", "\"17\""))
    #expect(Array(fixed.utf8) == Array(text("seed", "17").utf8))
    #expect(rest.isEmpty)
  }

  @Test func aValueThatAnAliasRepeatsIsWrittenOnce() {
    let text = """
      hone: 1
      name: a
      model: {load: m}
      data: {rows: {load: r.jsonl}}
      stages:
        - evaluate: &same {data: rows, batch_size: "8"}
        - evaluate: *same
      """
    #expect(findings(text).count == 2)
    #expect(fixed(text).text == text.replacing("\"8\"", with: "8"))
  }

  // MARK: Making edits

  private func source(_ text: String) -> SourceText {
    SourceText(file: "a", bytes: Array(text.utf8))
  }

  @Test func editsThatTouchWaitForAnotherRound() {
    let source = source("abcdef")
    func fix(_ start: Int, _ end: Int, _ text: String) -> Diagnostic.Fix {
      Diagnostic.Fix("x", [Diagnostic.Edit(source.span(start, end), text)])
    }
    func apply(_ fixes: Diagnostic.Fix...) -> (String, Int) {
      let (sources, count) = FixApplication.apply(fixes, to: [source])
      return (String(decoding: sources[0].bytes, as: UTF8.self), count)
    }
    #expect(apply(fix(0, 2, "X"), fix(2, 4, "Y")) == ("XYef", 2))
    #expect(apply(fix(0, 3, "X"), fix(2, 4, "Y")) == ("Xdef", 1))
    #expect(apply(fix(1, 1, "X"), fix(1, 1, "X")) == ("aXbcdef", 2))
    #expect(apply(fix(1, 1, "X"), fix(1, 1, "Y")) == ("aXbcdef", 1))
    #expect(apply(fix(2, 4, "long text"), fix(0, 1, "")) == ("blong textef", 2))
  }

  @Test func aFixIsMadeWholeOrNotAtAll() {
    let source = source("abc")
    let other = SourceText(file: "b", bytes: Array("abc".utf8))
    let fix = Diagnostic.Fix(
      "x", [Diagnostic.Edit(source.span(0, 1), "X"), Diagnostic.Edit(other.span(0, 1), "X")])
    #expect(FixApplication.apply([fix], to: [source]).count == 0)
    let (sources, count) = FixApplication.apply([fix], to: [source, other])
    #expect(count == 1)
    #expect(sources.map { String(decoding: $0.bytes, as: UTF8.self) } == ["Xbc", "Xbc"])
  }

  @Test(arguments: [("8", true), ("\"8\"", true), ("'8'", true), ("\"8'", false), ("9", false)])
  func anEditIsMadeOnlyWhereWhatItReplacesStands(text: String, isMade: Bool) {
    let source = source(text)
    let edit = Diagnostic.Edit(source.span(0, text.utf8.count), "9!", insteadOf: "8")
    #expect(edit.stands(in: source) == isMade)
    let beyond = Diagnostic.Edit(source.span(0, 1), "", insteadOf: "8")
    #expect(!beyond.stands(in: SourceText(file: "a", bytes: [])))
  }
}
