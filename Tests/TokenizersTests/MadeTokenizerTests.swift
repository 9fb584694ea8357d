import Glibc
import JSONSyntax
import Testing
import Tokenizers

/// Tokenizers that Hone makes of the texts in texts.json.
private enum Made: String, CaseIterable, CustomTestStringConvertible {
  case character = "made-character"
  case cutCharacter = "made-character-cut"
  case bytePair = "made-bpe"

  var testDescription: String { rawValue }

  func tokenizer() throws -> Tokenizer {
    let texts = try Fixtures.strings(Fixtures.json("texts.json"))
    switch self {
    case .character: return try CharacterTrainer.train(texts: texts)
    case .cutCharacter:
      return try CharacterTrainer.train(texts: texts, vocabularySize: 60, layout: .endOfText)
    case .bytePair:
      return try BytePairTrainer.train(texts: texts, vocabularySize: 400, layout: .bart)
    }
  }
}

/// The fixture is what Hugging Face read; `HONE_WRITE_FIXTURES=1` writes it anew, after which
/// Tests/Oracles/make_subword_fixtures.py must run again.
@Test(arguments: Made.allCases) private func `a made tokenizer is written as Hugging Face read it`(
  made: Made
) throws {
  let text = try made.tokenizer().tokenizerJSON().text() + "\n"
  let path = Fixtures.path("\(made.rawValue).tokenizer.json")
  if getenv("HONE_WRITE_FIXTURES") != nil {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }
  #expect(try Fixtures.bytes("\(made.rawValue).tokenizer.json") == Array(text.utf8))
}

@Test func `BART's special tokens have BART's ids, stand around texts and between two`() throws {
  for tokenizer in [
    try CharacterTrainer.train(texts: ["acgu", "\nab"]),
    try BytePairTrainer.train(texts: ["acgu"], vocabularySize: 261, layout: .bart),
  ] {
    #expect(tokenizer.classificationID == 0)
    #expect(tokenizer.beginningID == 0)
    #expect(tokenizer.padID == 1)
    #expect(tokenizer.endID == 2)
    #expect(tokenizer.separatorID == 2)
    #expect(tokenizer.unknownID == 3)
    #expect(tokenizer.maskID == 4)
    let ids = tokenizer.encode("ab", addSpecialTokens: false).ids
    #expect(ids.count == 2)
    #expect(tokenizer.encode("ab").ids == [0] + ids + [2])
    #expect(tokenizer.encode("ab", pair: "ab").ids == [0] + ids + [2, 2] + ids + [2])
    #expect(tokenizer.encode("ab", pair: "ab").typeIDs == Array(repeating: 0, count: 8))
    #expect(tokenizer.encode("a<mask>b", addSpecialTokens: false).ids == [ids[0], 4, ids[1]])
    #expect(tokenizer.decode([0] + ids + [2, 1], skipSpecialTokens: true) == "ab")
  }
}

@Test func `characters are ordered by code point and the rarest go first`() throws {
  let all = try CharacterTrainer.train(texts: ["ugca", "\n", "e\u{301}e\u{301}gg"])
  let tokens = (5..<Int32(all.vocabularySize)).map { all.token(of: $0) }
  #expect(tokens == ["\n", "a", "c", "e", "g", "u", "\u{301}"])
  #expect(all.encode("x", addSpecialTokens: false).ids == [3])
  #expect(all.encode("xyga\u{E9}", addSpecialTokens: false).ids == [3, 3, 9, 6, 3])
  let cut = try CharacterTrainer.train(
    texts: ["ugca", "e\u{301}e\u{301}gg"], vocabularySize: 5, layout: .endOfText)
  #expect((0..<5).map { cut.token(of: $0) } == ["<|endoftext|>", "<unk>", "e", "g", "\u{301}"])
  #expect(cut.endID == 0)
  #expect(cut.unknownID == 1)
  #expect(cut.encode("ga").ids == [3, 1])
  #expect(throws: TokenizerError.noTrainingText) { try CharacterTrainer.train(texts: ["", ""]) }
  #expect(throws: TokenizerError.invalidTraining(setting: "vocabulary_size", found: 5)) {
    try CharacterTrainer.train(texts: ["a"], vocabularySize: 5)
  }
}
