import JSONSyntax
import Testing
import Tokenizers

@Test func `training gives the tokens and merges that Hugging Face gives`() throws {
  let texts = try Fixtures.strings(Fixtures.json("texts.json"))
  let expected = try Fixtures.json("trained.json")
  let tokens = try Fixtures.strings(expected["tokens"])
  let tokenizer = try BytePairTrainer.train(
    texts: texts, vocabularySize: 640, specialTokens: ["<|end|>", "<|pad|>"], minFrequency: 2)
  #expect(tokenizer.vocabularySize == tokens.count)
  #expect((0..<Int32(tokens.count)).map { tokenizer.token(of: $0) } == tokens)
  #expect(tokenizer.tokenizerJSON()["model"]?["merges"] == expected["merges"])
  #expect(tokenizer.endID == 0)
  #expect(tokenizer.specialIDs == [0, 1])
}

@Test func `a trained tokenizer gives texts back`() throws {
  let texts = try Fixtures.strings(Fixtures.json("texts.json"))
  let tokenizer = try BytePairTrainer.train(
    texts: texts, vocabularySize: 400, specialTokens: ["<|end|>"])
  for text in texts {
    let ids = tokenizer.encode(text).ids
    let decoded = tokenizer.decode(ids, skipSpecialTokens: false)
    #expect(decoded.utf8.elementsEqual(text.utf8))
  }
}

@Test func `training ends early where no pair is frequent enough`() throws {
  let tokenizer = try BytePairTrainer.train(
    texts: ["ab ab", "xy"], vocabularySize: 1000, specialTokens: [], minFrequency: 2)
  #expect(tokenizer.vocabularySize == 257)
  #expect(tokenizer.id(of: "ab") == 256)
  #expect(tokenizer.beginningID == nil)
}

@Test func `settings that cannot hold the bytes are refused`() {
  #expect(throws: TokenizerError.invalidTraining(setting: "vocabulary_size", found: 256)) {
    try BytePairTrainer.train(texts: [], vocabularySize: 256, specialTokens: ["<e>"])
  }
  #expect(throws: TokenizerError.invalidTraining(setting: "min_frequency", found: 0)) {
    try BytePairTrainer.train(
      texts: [], vocabularySize: 300, specialTokens: [], minFrequency: 0)
  }
}
