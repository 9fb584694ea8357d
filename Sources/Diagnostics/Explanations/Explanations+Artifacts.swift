/// Findings in checkpoints, adapters and other artifacts.
extension DiagnosticExplanation {
  static let missingFile = DiagnosticExplanation(
    "a file is not there",
    """
    The path leads to nothing. Paths to read are relative to the pipeline's file, not to the
    directory that Hone was started in.
    """, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smolm2}
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

  static let invalidJSON = DiagnosticExplanation(
    "a file is not JSON",
    """
    A `config.json`, `tokenizer.json`, adapter configuration or data file is cut off or damaged;
    the place is where it stops being JSON. Copy it anew.
    """)

  static let invalidCheckpoint = DiagnosticExplanation(
    "a file of weights cannot be used",
    """
    The header of a safetensors, GGUF or torch file does not describe the bytes that follow: the
    file is cut off, damaged or something else. A download that was broken off is the usual cause;
    copy the file anew and compare its size. A torch file must hold one model: a state dict, a
    dict with one in it, or a module.
    """)

  static let refusedPickle = DiagnosticExplanation(
    "a torch file asks for a call that makes no tensor",
    """
    Files of `torch.save` are pickles: small programs that may call any function of the machine
    that loads them. Hone calls none of them. It builds tensors, dicts and the records of modules
    from a closed list of constructors, and refuses a file that asks for anything else by the full
    name of what it asks for. `posix.system` and its like are attacks; other names are objects that
    were saved beside the weights. Save the state dict alone, or convert it to safetensors.
    """)

  static let missingShard = DiagnosticExplanation(
    "a part of the weights is not there",
    """
    `model.safetensors.index.json` names several files, and one of them does not lie beside it.
    Copy the missing file.
    """)

  static let missingTensor = DiagnosticExplanation(
    "a weight that the model needs is not in its files",
    """
    The architecture in `config.json` has a weight that no file holds. The files belong to another
    model, or a shard was left out of the index.
    """)

  static let tensorShapeMismatch = DiagnosticExplanation(
    "a weight has another shape than the model says",
    """
    `config.json` and the files of weights, or an adapter and its base model, do not belong
    together. Compare `hidden_size`, the numbers of heads and, for an adapter, `r`.
    """)

  static let unsupportedTensorType = DiagnosticExplanation(
    "weights are stored in a type that is not read",
    """
    Hone reads float32, float16 and bfloat16 from safetensors, and of GGUF also Q4_0, Q4_1 and
    Q8_0. Convert the checkpoint to one of these.
    """)

  static let invalidAdapter = DiagnosticExplanation(
    "a directory is no adapter that can be gone on from",
    """
    `init` names a directory in PEFT's layout: `adapter_config.json` with `peft_type: LORA` and
    `adapter_model.safetensors`. What it says must be something that Hone computes, and agree with
    the section where it is used: what is not understood is refused, never dropped.
    """)

  static let unwritableOutput = DiagnosticExplanation(
    "the output cannot be written",
    """
    The directory is read-only, belongs to someone else, or the disk is full. Nothing half-written
    is left behind. Make room, or name another directory with `output`.
    """)
}
