/// Findings about models and what is adapted in them.
extension DiagnosticExplanation {
  static let unknownArchitecture = DiagnosticExplanation(
    "a model of a family that Hone does not know",
    """
    `architectures` or `model_type` in `config.json` names a family that is not built in. Llama
    and what is built like it (Mistral, SmolLM2) are.
    """)

  static let invalidModelConfiguration = DiagnosticExplanation(
    "the description of a model does not add up",
    """
    `config.json`, the metadata of a GGUF file or `model.create` lacks a number that the family
    needs, or has numbers that do not fit each other, such as a width that is no multiple of the
    heads.
    """)

  static let deadTarget = DiagnosticExplanation(
    "an entry of `target_modules` matches no module",
    """
    Each entry must match at least one module, or fewer weights would be trained than the pipeline
    says. A name matches a module's whole path, or its end after a dot. The advice lists names
    that the model has.
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
            method: {lora: {r: 8, alpha: 16, target_modules: [q_proj, v_prj]}}
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
            method: {lora: {r: 8, alpha: 16, target_modules: [q_proj, v_proj]}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let invalidPattern = DiagnosticExplanation(
    "a pattern of modules is not one",
    """
    A text in `target_modules` or `exclude_modules`, and each key of `rank_pattern` and
    `alpha_pattern`, is a regular expression. A list holds names of modules alone: a regular
    expression is written as a text, not in a list.
    """,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16, target_modules: [".*q_proj"]}}
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
            method: {lora: {r: 8, alpha: 16, target_modules: ".*q_proj"}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let nothingTrainable = DiagnosticExplanation(
    "no weight would be trained",
    """
    After `exclude_modules` and `layers_to_transform` nothing is left to adapt. Widen
    `target_modules`, or exclude less.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16, target_modules: [q_proj], exclude_modules: [q_proj]}}
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
            method: {lora: {r: 8, alpha: 16, target_modules: [q_proj]}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let unsupportedTarget = DiagnosticExplanation(
    "a module that cannot be adapted is a target",
    """
    LoRA adapts linear layers. A norm or an activation that matches `target_modules` is refused;
    modules that shall be trained in whole stand in `modules_to_save`.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16, target_modules: [q_proj, input_layernorm]}}
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
            method: {lora: {r: 8, alpha: 16, target_modules: [q_proj], modules_to_save: [input_layernorm]}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)
}
