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
