/// Which special tokens a tokenizer made by Hone has, and where it puts them.
package enum SpecialTokenLayout: String, CaseIterable, Sendable {
  /// GPT-2's: `<|endoftext|>` begins and ends, nothing is put around a text.
  case endOfText = "gpt2"
  /// BART's: `<s>` 0, `<pad>` 1, `</s>` 2, `<unk>` 3, then `<mask>`; a text is `<s> text </s>`, two
  /// are `<s> first </s> </s> second </s>`.
  case bart

  /// The special tokens of a byte-pair encoding in the order of their ids.
  var bytePairTokens: [String] {
    switch self {
    case .endOfText: ["<|endoftext|>"]
    case .bart: ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    }
  }

  /// The special tokens where one must stand for what is not known.
  var characterTokens: [String] {
    switch self {
    case .endOfText: ["<|endoftext|>", "<unk>"]
    case .bart: bytePairTokens
    }
  }

  func roles(unknown: String?) -> Tokenizer.Roles {
    switch self {
    case .endOfText:
      Tokenizer.Roles(beginning: "<|endoftext|>", end: "<|endoftext|>", unknown: unknown)
    case .bart:
      Tokenizer.Roles(
        beginning: "<s>", end: "</s>", pad: "<pad>", unknown: "<unk>", mask: "<mask>",
        separator: "</s>", classification: "<s>")
    }
  }

  /// Sets what is put around texts.
  func apply(to parts: inout TokenizerWriting.BytePairParts) {
    switch self {
    case .endOfText: break
    case .bart:
      parts.prefix = ["<s>"]
      parts.suffix = ["</s>"]
      parts.joinsPairs = true
    }
  }
}
