import Artifacts
import Diagnostics
import JSONSyntax
import Testing
import Tokenizers

/// Tokenizers that a pipeline makes from its own data.
@Suite struct MadeTokenizerRunTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write("codes.txt", "acg\n\nuuu\n")
  }

  private func model(_ tokenizer: String) -> String {
    Workplace.createdModel.replacing("tokenizer: tokenizer", with: "tokenizer: \(tokenizer)")
  }

  @Test func charactersOfTheDataAreTheTokensOfTheModelAndOfWhatIsExported() throws {
    let text = place.text(
      model: model("{train: character}"), Workplace.lora() + place.export("merged", "merged"))
    let (prepared, diagnostics) = place.prepare(text)
    let run = try #require(prepared, "\(diagnostics)")
    let characters = Set(Workplace.sentences.joined().unicodeScalars)
    // GPT-2's special tokens, as the model predicts the next token: `<|endoftext|>` and `<unk>`.
    #expect(run.plan.model.vocabularySize == characters.count + 2)
    let settings = run.plan.settings.filter { $0.path.hasPrefix("model.tokenizer") }
    #expect(settings.map(\.value) == ["character"])
    try place.run(text)
    let made = try Tokenizer.load(directory: place.path("merged"))
    #expect(made.vocabularySize == characters.count + 2)
    #expect(made.encode("the cat").ids.count == 7)
    #expect(made.endID == 0)
  }

  @Test func onlyTheNamedSectionsCountAndAnotherTextIsAnotherPlan() throws {
    let data = "\(Workplace.data)\n  codes: {load: codes.txt}"
    let tokenizer = "{train: character, special_tokens: bart, data: [codes]}"
    let text = place.text(model: model(tokenizer), data: data, Workplace.lora())
    let first = try #require(place.prepare(text).0)
    #expect(first.plan.model.vocabularySize == 5 + 4)
    #expect(first.model.tokenizer.padID == 1)
    try place.write("codes.txt", "acg\n\nuux\n")
    let second = try #require(place.prepare(text).0)
    #expect(second.plan.model.tokenizerIdentity != first.plan.model.tokenizerIdentity)
    #expect(second.plan.identity != first.plan.identity)
  }

  @Test(arguments: [
    ("{train: bpe}", DiagnosticCode.missingKey),
    ("{train: bpe, size: 100}", .valueOutOfRange),
    ("{train: character, data: [nobody]}", .unknownData),
    ("{train: character, size: 2}", .valueOutOfRange),
  ]) func whatCannotBeMadeIsAFinding(tokenizer: String, code: DiagnosticCode) throws {
    let (run, diagnostics) = place.prepare(
      place.text(model: model(tokenizer), Workplace.lora()))
    #expect(run == nil)
    #expect(diagnostics.map(\.code).contains(code), "\(diagnostics)")
  }

  @Test func aLoadedModelKeepsItsOwnTokenizer() throws {
    let (run, diagnostics) = place.prepare(
      place.text(
        model: "load: none\n  tokenizer: {train: character}", Workplace.lora()))
    #expect(run == nil)
    #expect(diagnostics.contains { $0.code == .conflictingKeys }, "\(diagnostics)")
  }
}
