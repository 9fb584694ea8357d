/// Findings about rows as they become tokens.
extension DiagnosticExplanation {
  static let rowsTruncated = DiagnosticExplanation(
    "many rows are cut",
    """
    More than a tenth of the rows have more tokens than `max_length` and lose their ends. The advice
    says which limit would keep them whole. Where cutting is meant, write `overlong: truncate`: a
    policy that is written is not questioned.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, max_length: 8, split: {train: 0.9, eval: 0.1}}
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
        support: {load: data/support.jsonl, max_length: 8, overlong: truncate, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let unsupervisedRows = DiagnosticExplanation(
    "rows of which nothing is learned",
    """
    With `loss_on: completion` or `assistant` the loss is taken over a part of each row. These rows
    have no such part, or lose it when they are cut at `max_length`. They take time and change nothing.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, columns: {prompt: question, completion: answer}, max_length: 8, split: {train: 0.9, eval: 0.1}}
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
        support: {load: data/support.jsonl, columns: {prompt: question, completion: answer}, max_length: 512, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let nothingMasked = DiagnosticExplanation(
    "everything would be learned although a part is to be left out",
    """
    `loss_on: completion` or `assistant`, which follow from the columns where they are not written,
    leave the prompt or the user's turns out of the loss. In these data there is nothing to leave out:
    prompts are empty, or the chat template says that all of the text is the assistant's. Say
    `loss_on: all` where that is meant.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, columns: {prompt: blank, completion: answer}, split: {train: 0.9, eval: 0.1}}
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
        support: {load: data/support.jsonl, columns: {prompt: question, completion: answer}, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let unknownRole = DiagnosticExplanation(
    "a conversation has another name for the assistant",
    """
    The loss is taken over the turns whose role is `assistant`. Data that call it `gpt`, `bot` or
    `model` would teach nothing; rename the role in the files.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/sharegpt.jsonl, columns: {messages: messages}, split: {train: 0.9, eval: 0.1}}
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

  static let leakedRows = DiagnosticExplanation(
    "rows are measured that were trained on",
    """
    Rows of the held-out data are, token for token, rows that the model is trained on: the files hold
    them twice, or two sections overlap. The measured loss would show what was learned by heart.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
        again: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
        - evaluate: {data: again}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
        - evaluate: {data: support.eval}
      """)

  static let doubledBeginning = DiagnosticExplanation(
    "rows begin twice",
    """
    The tokenizer puts its beginning token before every text, and the template or the file writes
    it once more. The model has never seen two of them, and what it learns does not fit a prompt
    that has one. Leave it out of the template and the files.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/llama}
      data:
        support: {load: data/support.jsonl, template: "<s>{{text}}"}
      stages:
        - evaluate: {data: support}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/llama}
      data:
        support: {load: data/support.jsonl, template: "{{text}}"}
      stages:
        - evaluate: {data: support}
      """)
}
