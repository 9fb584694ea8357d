import Foundation
import JSONSyntax
import Testing

/// The examples of the tasks, run to the end by the command with one epoch in the place of all.
@Suite struct TaskPipelineTests {
  @Test(arguments: [
    ("gene-origin", 0, ["loss", "accuracy", "f1"]),
    ("hydropathy", 0, ["loss", "r2", "ccc"]),
    ("codon-kinds", 0, ["loss", "accuracy", "f1"]),
    ("masked-rna", 0, ["loss", "accuracy"]),
    ("expression-to-protein", 1, ["loss", "mae", "ccc"]),
    ("rna-to-protein-lora", 1, ["loss", "accuracy", "ccc", "exact_match", "chrf"]),
    ("rna-to-protein-full", 1, ["loss", "accuracy", "ccc", "exact_match", "chrf"]),
  ])
  func anExampleRunsToTheEnd(name: String, stage: Int, metrics: [String]) throws {
    let command = try Command()
    let file = Command.root.appendingPathComponent("pipelines/\(name).yaml").path
    var arguments = ["run", "--quiet", file, "--set", "stages[\(stage)].train.epochs=1"]
    if stage == 1 { arguments += ["--set", "stages[1].train.evaluate.every=1 epoch"] }
    let result = try command.run(arguments)
    try #require(result.status == 0, "\(result.output)\(result.errors)")
    let last = try #require(
      try command.lines("runs/\(name)/metrics.jsonl").last { $0["evaluation"] != nil })
    for metric in metrics {
      let value = try #require(last["evaluation"]?[metric]?.number, "\(metric)")
      #expect(value.isFinite, "\(metric)")
    }
  }

  /// The numbers of a row from the numbers of a row, and the saved model on matrices whose columns stand
  /// the other way round: columns go by their names.
  @Test(arguments: [("bert", "regression"), ("bart", "seq2seq_regression")])
  func aModelOfMatricesKnowsItsColumns(architecture: String, task: String) throws {
    let command = try Command()
    for name in ["rna", "protein"] {
      let file = Command.root.appendingPathComponent(
        "pipelines/data/expression-to-protein/\(name).csv")
      let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).prefix(12)
      }
      func text(_ order: (ArraySlice<Substring>) -> [Substring]) -> String {
        rows.map { order($0).joined(separator: ",") }.joined(separator: "\n") + "\n"
      }
      try command.write(text { Array($0) }, to: "\(name).csv")
      try command.write(text { $0.prefix(1) + $0.dropFirst().reversed() }, to: "\(name)-turned.csv")
    }
    func pipeline(_ model: String, _ suffix: String, _ stages: String) -> String {
      """
      hone: 1
      name: matrices\(suffix)
      model: {\(model), task: \(task)}
      data: {tumours: {load: {source: rna\(suffix).csv, target: protein\(suffix).csv}}}
      stages:
      \(stages)
        - evaluate: {name: measured, data: tumours, metrics: [loss, mae, ccc]}
      """
    }
    try command.write(
      pipeline(
        "create: {architecture: \(architecture), hidden_size: 16, intermediate_size: 32, "
          + "num_hidden_layers: 1, num_attention_heads: 2}", "",
        """
          - train:
              data: tumours
              method: {full: {}}
              epochs: 2
              batch: {size: 4}
              optimizer: {adam: {learning_rate: 1e-3}}
          - export: {merged: saved}
        """), to: "first.yaml")
    try command.write(pipeline("load: saved", "-turned", ""), to: "second.yaml")
    var losses: [Double] = []
    for (file, run) in [("first", "matrices"), ("second", "matrices-turned")] {
      let result = try command.run("run", "--quiet", "\(file).yaml")
      try #require(result.status == 0, "\(result.errors)")
      let last = try command.lines("runs/\(run)/metrics.jsonl").last { $0["evaluation"] != nil }
      losses.append(try #require(last?["evaluation"]?["loss"]?.number))
    }
    #expect(abs(losses[0] - losses[1]) <= 1e-6 * losses[0], "sums run in another order: \(losses)")
    try command.write(
      pipeline("load: saved", "", "").replacing(
        "{source: rna.csv, target: protein.csv}", with: "{source: protein.csv, target: rna.csv}"),
      to: "swapped.yaml")
    let swapped = try command.run("plan", "swapped.yaml")
    #expect(swapped.status == 1 && swapped.errors.contains("[unlike-rows]"), "\(swapped.errors)")
  }

  @Test func theComparisonsPageShowsItsNumbers() throws {
    let docs = Command.root.appendingPathComponent("docs")
    let page = try String(
      contentsOf: docs.appendingPathComponent("full-vs-lora.md"), encoding: .utf8)
    let numbers = try JSONValue(
      parsing: String(
        contentsOf: docs.appendingPathComponent("full-vs-lora.json"), encoding: .utf8))
    let runs = try #require(numbers["runs"]?.array)
    #expect(runs.count == 18)
    for rows in [16, 64, 786] {
      for (method, word) in [("full", "full"), ("lora", "LoRA")] {
        let losses = runs.filter {
          $0["rows"]?.integer == rows && $0["method"]?.string == method
        }.compactMap { $0["after"]?["loss"]?.number }
        try #require(losses.count == 3)
        let mean = losses.reduce(0, +) / 3
        let line = try #require(
          page.split(separator: "\n").first {
            $0.hasPrefix("| \(rows) | \(word) |")
          })
        #expect(line.contains(" \(String(format: "%.3f", mean)) ± "), "\(line)")
      }
    }
    let command = try Command()
    for method in ["full", "lora"] {
      let file = Command.root.appendingPathComponent("pipelines/rna-to-protein-\(method).yaml")
      let plan = try JSONValue(parsing: command.run("plan", "--json", file.path).output)
      let stage = try #require(plan["stages"]?.array?.first { $0["kind"]?.string == "train" })
      let written = numbers["plans"]?[method]
      #expect(stage["trainable_parameters"]?.integer == written?["trainable"]?.integer)
      #expect(stage["all_parameters"]?.integer == written?["all"]?.integer)
    }
  }
}
