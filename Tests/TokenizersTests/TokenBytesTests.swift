import JSONSyntax
import Testing
import Tokenizers

/// The bytes of single tokens, which previews show.
@Suite struct TokenBytesTests {
  @Test(arguments: ["gpt2", "smollm", "llama3", "qwen", "llama2", "metaspace"])
  func theBytesOfTheTokensAreThoseOfTheText(name: String) throws {
    let tokenizer = try Tokenizer(
      tokenizerJSON: Fixtures.json("\(name).tokenizer.json"), configuration: nil)
    for text in try Fixtures.strings(Fixtures.json("texts.json")) {
      let ids = tokenizer.encode(text).ids
      // `<norm>` is found in normalized texts; it is shown as the tokenizer's file writes it.
      guard !text.lowercased().contains("<norm") else { continue }
      let joined = ids.flatMap { tokenizer.bytes(ofToken: $0) }
      let whole = tokenizer.decodeBytes(ids, skipSpecialTokens: false, continuing: true)
      #expect(joined == whole, "\(text.debugDescription)")
    }
  }

  @Test func specialTokensAreKnownAndUnknownIDsHaveNoBytes() throws {
    let tokenizer = try Tokenizer(
      tokenizerJSON: Fixtures.json("llama2.tokenizer.json"), configuration: nil)
    let begin = try #require(tokenizer.id(of: "<s>"))
    #expect(tokenizer.isSpecial(begin))
    #expect(tokenizer.bytes(ofToken: begin) == Array("<s>".utf8))
    #expect(tokenizer.beginningIDs == [begin])
    let byte = try #require(tokenizer.id(of: "<0xE2>"))
    #expect(tokenizer.bytes(ofToken: byte) == [0xE2])
    #expect(!tokenizer.isSpecial(byte))
    #expect(tokenizer.bytes(ofToken: 1_000_000) == [])
    #expect(tokenizer.bytes(ofToken: -1) == [])
  }
}
