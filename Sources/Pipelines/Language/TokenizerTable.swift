/// The keys of `model.tokenizer` where it is made from the pipeline's data.
enum TokenizerTable {
  static let train = Field(
    required: "train",
    .choice(TokenizerTraining.Kind.bpe) { kind in
      switch kind {
      case .bpe: "byte-level byte-pair encoding, split as GPT-2 splits"
      case .character: "single characters; others are `<unk>`"
      }
    }, "What the tokens are.", example: "character", otherNames: ["type", "kind", "model"])
  static let size = Field(
    optional: "size", .integer(2...16_777_215),
    "How many tokens, special ones included; of characters the most frequent are kept. `bpe` needs "
      + "it.", example: "2048", defaultNote: "all characters", unit: "tokens",
    otherNames: ["vocab_size", "vocabulary_size"])
  static let specialTokens = Field(
    optional: "special_tokens",
    .choice(TokenizerTraining.SpecialTokens.bart) { tokens in
      switch tokens {
      case .gpt2: "`<|endoftext|>` begins and ends; nothing is put around a text"
      case .bart: "`<s>`, `<pad>`, `</s>`, `<unk>`, `<mask>`; a text is `<s> text </s>`"
      }
    }, "Which special tokens it has.", example: "bart",
    defaultNote: "`gpt2` for `causal_lm`, else `bart`")
  static let data = Field(
    "data", .list(of: .text("an entry of `data`"), count: 1...1000, isSet: true), default: [],
    "The entries of `data` whose texts it is made from, all their rows; none named: all that are "
      + "loaded.", example: "[pretraining]", otherNames: ["files", "corpus"])

  static let table = SectionTable(
    "tokenizer", "A tokenizer that is made from the pipeline's own data.",
    [train.entry, size.entry, specialTokens.entry, data.entry])
}
