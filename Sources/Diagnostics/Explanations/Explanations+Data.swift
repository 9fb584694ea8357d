/// Findings in data.
extension DiagnosticExplanation {
  static let unknownFormat = DiagnosticExplanation(
    "the format of a data file is not known",
    """
    The format follows the file's suffix: jsonl, json, csv, tsv, txt. Say `format` where the
    suffix says nothing.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.dat}
      stages:
        - evaluate: {data: support}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.dat, format: jsonl}
      stages:
        - evaluate: {data: support}
      """)

  static let invalidRow = DiagnosticExplanation(
    "a row of a data file cannot be read",
    """
    The line is no JSON object, has another number of fields than the header, or holds a value
    that is no text. Data are not repaired in silence: correct the row or take it out.
    """)

  static let unknownColumn = DiagnosticExplanation(
    "a column that the data do not have",
    """
    A name in `columns` or a variable of `template` is no column of the row. The advice lists the
    columns that the data have.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, columns: {prompt: qestion, completion: answer}}
      stages:
        - evaluate: {data: support}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, columns: {prompt: question, completion: answer}}
      stages:
        - evaluate: {data: support}
      """)

  static let noRows = DiagnosticExplanation(
    "there are no rows",
    """
    The files hold no row, all rows were longer than `max_length` under `overlong: drop`, or a
    part of a split is so small that no row falls into it.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, max_length: 2, overlong: drop, split: {train: 0.9, eval: 0.1}}
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
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let noSupervisedTokens = DiagnosticExplanation(
    "no token that the loss is taken over",
    """
    With `loss_on: completion` or `assistant` the loss is taken over a part of each row. Nothing
    of that part is left: completions are empty, no turn is the assistant's, or everything after
    `max_length` was cut off. Training would change nothing. Under `task: masked_lm` nothing can be
    hidden: every token is special, or unknown to the tokenizer.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, columns: {prompt: question, completion: answer}, max_length: 2, split: {train: 0.9, eval: 0.1}}
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

  static let rowTooLong = DiagnosticExplanation(
    "a row is longer than allowed",
    """
    `overlong: error` refuses rows with more tokens than `max_length`. Raise `max_length`, or
    choose `truncate` or `drop`.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, max_length: 8, overlong: error, split: {train: 0.9, eval: 0.1}}
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

  static let fewerRowsThanBatch = DiagnosticExplanation(
    "too few rows for one batch",
    """
    With `drop_last: true` only full batches are used, and there are fewer rows than one batch
    has: no step would be made. Make `batch.size` smaller, or leave `drop_last` out.
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
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            batch: {size: 4096, drop_last: true}
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
            batch: {size: 8, drop_last: true}
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)
}
