/// Findings in tokenizers and templates.
extension DiagnosticExplanation {
  static let invalidTokenizer = DiagnosticExplanation(
    "a tokenizer cannot be used",
    """
    `tokenizer.json`, or the tokenizer in a GGUF file, is damaged or names tokens that it does not
    have. Copy it anew from where the model comes from.
    """)

  static let unsupportedTokenizer = DiagnosticExplanation(
    "a tokenizer of a kind that Hone does not read",
    """
    Hone reads byte-pair encodings from `tokenizer.json` and GGUF files. A step of the tokenizer
    that is not known is refused, since tokens that are almost right train a model that is wrong.
    """)

  static let missingChatTemplate = DiagnosticExplanation(
    "a conversation without a chat template",
    """
    `messages` and `chat: true` need the model's chat template, which turns a conversation into
    text. The model has none: take its instruction-tuned variant, or use `prompt` and `completion`
    with a `template`.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/base}
      data:
        support: {load: data/chats.jsonl, columns: {messages: messages}, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/chats.jsonl, columns: {messages: messages}, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let invalidTemplate = DiagnosticExplanation(
    "a template cannot be used",
    """
    A template holds variables in double braces, `{{column}}`, at least one. The template of a
    prompt does not hold the completion, which would tell the model what it shall learn to say. A
    chat template that Hone cannot evaluate has this code too.
    """,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support:
          load: data/support.jsonl
          columns: {prompt: question, completion: answer}
          template: "Q: {question}"
      stages:
        - evaluate: {data: support}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support:
          load: data/support.jsonl
          columns: {prompt: question, completion: answer}
          template: "Q: {{question}}"
      stages:
        - evaluate: {data: support}
      """)
}
