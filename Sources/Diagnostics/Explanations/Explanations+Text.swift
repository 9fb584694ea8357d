/// Findings in a pipeline's text as YAML.
extension DiagnosticExplanation {
  static let unreadableFile = DiagnosticExplanation(
    "a file cannot be read",
    """
    The file is there, but the operating system does not let it be read: it may belong to someone
    else, be a directory, or lie on a disk that fails. Make it readable for the user who runs
    Hone, or name another file.
    """)

  static let invalidYAML = DiagnosticExplanation(
    "the text is not YAML",
    """
    The text ends too early, is not indented evenly, holds a sign that has a meaning in YAML, or
    is no UTF-8. The place is where reading could not go on; the cause often stands a little
    before it. Put quotes around texts that hold `: `, ` #`, or start with one of `{ [ & * ! | > '
    " % @`.
    """,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2
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

  static let duplicateKey = DiagnosticExplanation(
    "a key stands twice in one mapping",
    """
    YAML readers differ in which of the two they take, so one of them would be ignored in silence.
    Keep one.
    """,
    bad: """
      hone: 1
      name: demo
      seed: 1
      seed: 2
      model: {load: models/smollm2}
      stages:
        - generate: {prompts: ["Hello"]}
      """,
    good: """
      hone: 1
      name: demo
      seed: 2
      model: {load: models/smollm2}
      stages:
        - generate: {prompts: ["Hello"]}
      """)

  static let unsupportedYAML = DiagnosticExplanation(
    "a feature of YAML that pipelines do not use",
    """
    A pipeline is one document of mappings, lists and scalars whose keys are texts. Merge keys
    (`<<`), tags (`!!str`), a second document and keys that are no text are refused: what they do
    is easy to miss when reading. Anchors and aliases (`&name`, `*name`) may repeat a whole value.
    """,
    bad: """
      hone: 1
      name: !!str demo
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

  static let limitExceeded = DiagnosticExplanation(
    "the text is larger than a pipeline may be",
    """
    A pipeline has at most 1 MiB, 10,000 keys and values once aliases are written out, 100 aliases
    and 64 levels. These limits keep a text of a few lines from filling the memory. Rows belong in
    data files under `data`.
    """,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      x-deep: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
      stages:
        - generate: {prompts: ["Hello"]}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      x-deep: [[[]]]
      stages:
        - generate: {prompts: ["Hello"]}
      """)
}
