/// Findings against the pipeline's own rules.
extension DiagnosticExplanation {
  static let unknownKey = DiagnosticExplanation(
    "a key that is not of the language",
    """
    What is not known is refused at every level, so that a slip of the pen cannot leave a setting
    at its default in silence. The advice names the nearest key, or where the key belongs. Keys
    that start with `x-` are yours.
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
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learing_rate: 1e-4}}
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

  static let missingKey = DiagnosticExplanation(
    "a key that must be written is missing",
    """
    Some settings have no default because no value suits everyone: which model, which rows, how
    long, the learning rate, the rank. The place is the key of the section where it belongs.
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
            method: {lora: {r: 8, alpha: 16}}
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

  static let wrongType = DiagnosticExplanation(
    "a value of another kind than the setting takes",
    """
    The setting decides what its value is. A number in quotes is a text, and a text is no number;
    a section is a mapping of keys, and a list has dashes or brackets.
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
            method: {lora: {r: "8", alpha: 16}}
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

  static let ambiguousValue = DiagnosticExplanation(
    "a value that readers of YAML take differently",
    """
    `yes` is true to some readers and a text to others, `0777` is octal to some, `1_000` is a
    number to some, and `100` without a unit may count steps or epochs. The advice says how to
    write what is meant.
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
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            batch: {shuffle: no}
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
            batch: {shuffle: false}
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let unknownChoice = DiagnosticExplanation(
    "a word that the setting does not take",
    """
    The setting takes one of a few words; the advice lists them.
    """,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2, dtype: float8}
      stages:
        - generate: {prompts: ["Hello"]}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2, dtype: bfloat16}
      stages:
        - generate: {prompts: ["Hello"]}
      """)

  static let valueOutOfRange = DiagnosticExplanation(
    "a value outside what the setting takes",
    """
    The value has the right kind but not a size, a length or a form that makes sense: a rank of 0,
    a dropout of 1, fractions of a split that add up to more than 1, a name with a space, a list
    of the wrong length.
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
            method: {lora: {r: 0, alpha: 16}}
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

  static let conflictingKeys = DiagnosticExplanation(
    "settings that exclude each other",
    """
    Both settings are right on their own, but only one of them could count. The note shows the
    other one.
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
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            max_steps: 100
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

  static let unsupportedVersion = DiagnosticExplanation(
    "another version of the language",
    """
    `hone: 1` says which version of the language the pipeline is written in. This Hone does not
    know the one that is written.
    """,
    bad: """
      hone: 2
      name: demo
      model: {load: models/smollm2}
      stages:
        - generate: {prompts: ["Hello"]}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      stages:
        - generate: {prompts: ["Hello"]}
      """)

  static let unknownData = DiagnosticExplanation(
    "rows that `data` does not describe",
    """
    A stage names rows as an entry of `data`, or as `<entry>.<part>` where the entry has a `split`
    with that part.
    """,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: suport.train
            method: {lora: {r: 8, alpha: 16}}
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

  static let duplicateName = DiagnosticExplanation(
    "the same name or thing twice",
    """
    Names of stages, paths of exports and elements of a set are each there once, or one would hide
    the other.
    """,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      stages:
        - generate: {name: sample, prompts: ["Hello"]}
        - generate: {name: sample, prompts: ["Once upon a time"]}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      stages:
        - generate: {name: greeting, prompts: ["Hello"]}
        - generate: {name: story, prompts: ["Once upon a time"]}
      """)

  static let missingAdapter = DiagnosticExplanation(
    "an adapter is exported that no stage trains",
    """
    `export: {adapter: …}` writes what a `train` stage with `method: {lora: …}` before it has
    trained. After full fine-tuning there is no adapter; export the model with `merged`.
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
            method: {full: {}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
        - export: {adapter: out/adapter}
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
        - export: {adapter: out/adapter}
      """)

  static let unusedAllow = DiagnosticExplanation(
    "a comment allows what is not reported",
    """
    `# hone: allow CODE` silences one kind of warning: in a line of its own, on the next line that
    says something; at the end of a line, on that line. Several codes are separated by commas.
    One that silences nothing is reported, or it would hide the next finding in that place: it
    names no code, the code of an error (errors cannot be silenced), or a warning that is not there
    or no longer. Remove it.
    """, warning: .whenReading,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      stages:
        # hone: allow value-out-of-range
        - generate: {prompts: ["Hello"]}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      stages:
        - generate: {prompts: ["Hello"]}
      """)
}
