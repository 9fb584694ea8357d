/// Findings about how a model and what is made of it fit together.
extension DiagnosticExplanation {
  static let rankExceedsDimensions = DiagnosticExplanation(
    "the rank is above a module's dimensions",
    """
    LoRA adds the product of two thin matrices to a weight. Their common side, `r`, cannot give the
    product a higher rank than the smaller side of the weight, so everything above it is memory and
    time for nothing. PEFT accepts such a rank and so does Hone, but it is hardly meant. Where only
    some modules are that small, `rank_pattern` gives them a rank of their own.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 1024, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
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
            method: {lora: {r: 16, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let lowCoverage = DiagnosticExplanation(
    "few layers of the model are adapted",
    """
    Fewer than half of the layers have an adapted module: a name or a pattern matches, but hardly
    anything. Name modules that every layer has. Where few layers are meant, `layers_to_transform`
    says so and the warning does not appear.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16, target_modules: [model.layers.0.self_attn.q_proj]}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
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
            method: {lora: {r: 8, alpha: 16, target_modules: [q_proj], layers_to_transform: [0]}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let tiedWeights = DiagnosticExplanation(
    "a weight that two modules share is trained in one of them",
    """
    With `tie_word_embeddings` the output head is the embedding matrix. An adapter on one of the two,
    or a copy in `modules_to_save`, makes them different. Hone keeps both apart correctly, and a merged
    export unties them, but the exported model is larger and other programs that load the adapter may
    tie them again. Leave both out unless new tokens are to be learned.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16, modules_to_save: [lm_head]}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
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
      """)

  static let taskMismatch = DiagnosticExplanation(
    "the model was made for another task",
    """
    `config.json` says what a model's head computes (`architectures`), and whether it has an encoder
    (`is_encoder_decoder`); `adapter_config.json` says what an adapter was trained for (`task_type`).
    Trained for another task the weights would fit and the result would be useless.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/classifier, task: causal_lm}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
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
      model: {load: models/smollm2, task: causal_lm}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let contextExceeded = DiagnosticExplanation(
    "rows are longer than what the model was made for",
    """
    `max_position_embeddings` is the longest sequence that the model has seen. Later positions are
    computed, but the model has never learned what they mean. Set `max_length` to the context or less.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, max_length: 1000000, split: {train: 0.9, eval: 0.1}}
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
        support: {load: data/support.jsonl, max_length: 512, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)
}
