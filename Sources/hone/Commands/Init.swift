import ArgumentParser
import Artifacts
import Diagnostics

/// `hone init`.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a commented first pipeline.",
    discussion: """
      Example:
        hone init pipeline.yaml
      """)

  @Argument(help: "The file to write.", completion: .file(extensions: ["yaml"]))
  var file = "pipeline.yaml"

  func run() throws {
    let terminal = Terminal.current()
    guard FilePaths.kind(of: file) == nil else {
      terminal.show([
        Diagnostic(
          .error, .outputOccupied, "`\(file)` is already there",
          help: "name another file: `hone init my-pipeline.yaml`")
      ])
      throw ExitCode.stale
    }
    do throws(ArtifactError) {
      try AtomicFile.write(file, Self.pipeline)
    } catch {
      terminal.show([error.diagnostic])
      throw ExitCode.stageFailed
    }
    terminal.print("wrote \(file); next: hone validate \(file)\n")
  }

  /// A pipeline that is right as it stands, apart from the files that it names.
  static let pipeline = """
    # A pipeline of Hone: `hone validate` checks it, `hone plan` shows the run, `hone run` does it.
    hone: 1
    name: my-first-tuning
    seed: 17

    model:
      load: models/my-model         # a directory in Hugging Face layout, or a .gguf file
      # dtype: bfloat16             # halves the memory of frozen weights

    data:
      examples:
        load: data/examples.jsonl   # {"prompt": "…", "completion": "…"} a line; also csv, tsv, json, text
        columns: {prompt: prompt, completion: completion}
        template: "Question: {{prompt}}\\nAnswer: "
        max_length: 512
        split: {train: 0.9, eval: 0.1}

    stages:
      - train:
          data: examples.train
          method:
            lora: {r: 8, alpha: 32, dropout: 0.1, target_modules: [q_proj, v_proj]}
            # full: {}              # instead of lora: train all weights
          epochs: 3
          batch: {size: 8, accumulate: 1}
          optimizer: {adamw: {learning_rate: 2e-4}}
          schedule: {cosine: {}, warmup: 10%}
          checkpoint: {every: 100 steps, keep: 2}
          evaluate: {data: examples.eval, every: 1 epoch}
      - generate: {prompts: ["Question: What is Hone?\\nAnswer: "], max_new_tokens: 48}
      - export: {adapter: out/adapter}       # loads in Hugging Face PEFT
      # - export: {merged: out/model}        # loads in transformers

    """
}
