/// The keys of data that other tasks than next-token prediction have: here, where the task is that
/// one, each is refused.
extension FieldEffectTests {
  static let taskData: [Change] =
    [
      ("load.source", "load: rows.jsonl", "load: {source: rows.txt, target: rows.txt}"),
      ("load.target", "load: rows.jsonl", "load: {source: rows.txt, target: none.txt}"),
      ("columns.source", "{text: text}", "{source: text, target: prose}"),
      ("columns.target", "{text: text}", "{source: prose, target: text}"),
      ("columns.text_pair", "{text: text}", "{text: text, text_pair: prose, label: text}"),
      ("columns.label", "{text: text}", "{text: text, label: prose}"),
      ("columns.tokens", "{text: text}", "{tokens: text, tags: prose}"),
      ("columns.tags", "{text: text}", "{tokens: prose, tags: text}"),
      ("max_length.source", "max_length: 16", "max_length: {source: 8, target: 16}"),
      ("mask_probability", "max_length: 16", "max_length: 16, mask_probability: 0.3"),
      ("transform", "max_length: 16", "max_length: 16, transform: {source: log1p}"),
      ("transform.source", "max_length: 16", "max_length: 16, transform: {source: log1p}"),
      ("transform.target", "max_length: 16", "max_length: 16, transform: {target: log1p}"),
    ].map { key, old, new in change("data.<name>.\(key)", old, new, .lora, .refused) }
    + [change("data.<name>.max_length.target", "max_length: 16", "max_length: {target: 8}")]
}
