import Diagnostics
import JSONSyntax
import Planning
import Testing

/// What is computed again in the backward pass is the same to the last bit, and takes less memory.
@Suite struct RecomputationRunTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func text(_ model: String, _ method: String, _ recompute: String, _ data: String)
    -> String
  {
    place.text(
      model: model, data: data,
      """
        - train:
            data: rows
            method: \(method)
            max_steps: 4
            recompute: \(recompute)
            batch: {size: 4}
            optimizer: {adamw: {learning_rate: 1e-2}}
      """)
  }

  private static func created(_ architecture: String, _ task: String) -> String {
    """
    create: {architecture: \(architecture), hidden_size: 32, intermediate_size: 48, num_hidden_layers: 3,
        num_attention_heads: 4, max_position_embeddings: 128}
      tokenizer: {train: character}
      task: \(task)
    """
  }

  @Test(arguments: [
    (
      architecture: "llama", task: "causal_lm",
      method: "{lora: {r: 4, alpha: 8, dropout: 0.2, target_modules: all-linear}}"
    ),
    (architecture: "llama", task: "causal_lm", method: "{lora: {r: 4, alpha: 8, use_dora: true}}"),
    (architecture: "llama", task: "causal_lm", method: "{full: {}}"),
    (architecture: "bart", task: "seq2seq_lm", method: "{full: {}}"),
    (architecture: "t5", task: "seq2seq_lm", method: "{full: {}}"),
    (
      architecture: "bert", task: "masked_lm",
      method: "{lora: {r: 4, alpha: 8, target_modules: [query, value]}}"
    ),
  ])
  func theSameNumbersInLessMemory(architecture: String, task: String, method: String) throws {
    let pairs = Workplace.sentences.map {
      JSONValue.object(
        JSONObject([
          ("source", .string($0)), ("target", .string(String($0.reversed()))),
          ("text", .string($0)),
        ])
      ).text()
    }
    try place.write("pairs.jsonl", pairs.joined(separator: "\n") + "\n")
    let columns = task == "seq2seq_lm" ? ", columns: {source: source, target: target}" : ""
    var losses: [[Double]] = []
    var activations: [Int] = []
    for recompute in ["none", "attention", "block"] {
      let text = text(
        Self.created(architecture, task), method, recompute,
        "rows: {load: pairs.jsonl\(columns)}")
      let (prepared, diagnostics) = place.prepare(text)
      let run = try #require(prepared, "\(diagnostics)")
      let stage = run.plan.json["stages"]?.array?.first
      activations.append(try #require(stage?["memory"]?["activation_bytes"]?.integer))
      losses.append(try place.run(text, mode: .overwrite).steps.map(\.loss))
    }
    #expect(losses[0].count == 4 && losses[0] == losses[1] && losses[0] == losses[2])
    #expect(activations[1] < activations[0] && activations[2] < activations[1], "\(activations)")
  }

  @Test func thePlanPricesWhatIsComputedAgain() throws {
    let model = Self.created("llama", "causal_lm")
    let flop = try ["none", "attention", "block"].map { recompute in
      let text = text(
        model, "{full: {}}", recompute,
        Workplace.data.replacing(", split: {train: 0.8, eval: 0.2}", with: ""))
      let run = try #require(place.prepare(text).0)
      return try #require(run.plan.json["stages"]?.array?.first?["flop"]?.integer)
    }
    #expect(flop[0] < flop[1] && flop[1] < flop[2])
  }
}
