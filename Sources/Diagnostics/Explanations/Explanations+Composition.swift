/// Findings about the way a pipeline is composed.
extension DiagnosticExplanation {
  static let unknownVariable = DiagnosticExplanation(
    "a variable that is not defined",
    """
    `${name}` stands for a value under `vars` or of a case of `matrix`, `${env.NAME}` for what the
    environment says. A text that is meant to hold `${` is written with `$${`.
    """,
    bad: """
      hone: 1
      name: demo
      vars: {rank: 8}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rnak}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """,
    good: """
      hone: 1
      name: demo
      vars: {rank: 8}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let invalidVariable = DiagnosticExplanation(
    "a reference or a name that is no variable's",
    """
    A reference is written `${name}`, `${env.NAME}` or `${env.NAME:-default}`. The name of a variable
    starts with a letter. What a file extends is known before variables are, so it has none.
    """,
    bad: """
      hone: 1
      name: demo
      vars: {rank: 8}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """,
    good: """
      hone: 1
      name: demo
      vars: {rank: 8}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let unusedVariable = DiagnosticExplanation(
    "a variable that nothing uses",
    """
    A variable that no `${…}` names changes nothing. In `matrix` it multiplies the same run; set on the
    command line it is an error, as it was surely meant to do something.
    """, warning: .whenReading,
    bad: """
      hone: 1
      name: demo
      vars: {rank: 8, alpha: 16}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """,
    good: """
      hone: 1
      name: demo
      vars: {rank: 8}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let cyclicReference = DiagnosticExplanation(
    "files or variables that lead back to themselves",
    """
    A file cannot extend itself, over however many others, and a variable cannot be made of itself. The
    message names every step of the way.
    """,
    bad: """
      hone: 1
      name: demo
      vars:
        rank: ${width}
        width: ${rank}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """,
    good: """
      hone: 1
      name: demo
      vars:
        rank: ${width}
        width: 8
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let sharedOutput = DiagnosticExplanation(
    "two cases of a matrix that write to the same place",
    """
    Each case of `matrix` is a run of its own. A directory that is written out for all of them would hold
    only the last; `${case}` in the path is the name of the case.
    """,
    bad: """
      hone: 1
      name: demo
      matrix: {rank: [8, 16]}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
        - export: {adapter: out/adapter}
      """,
    good: """
      hone: 1
      name: demo
      matrix: {rank: [8, 16]}
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
      stages:
        - train:
            data: support
            method: {lora: {r: "${rank}", alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
        - export: {adapter: "out/${case}"}
      """)
}
