import Datasets
import JSONSyntax
import Models
import Planning
import Tensors
import Testing

/// `model.dropout`: what the plan says of it, and that training heeds it.
struct DropoutRunTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func text(_ dropout: String) -> String {
    place.text(
      model: Workplace.createdModel + (dropout.isEmpty ? "" : "\n  dropout: \(dropout)"),
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj]", length: "max_steps: 2")
        + "  - evaluate: {data: rows.eval}\n" + place.export("merged", "merged"))
  }

  @Test func thePlanSaysWhatIsDropped() throws {
    let plain = try place.plan(text("")).plan
    #expect(!plain.text().contains("model dropout"))
    #expect(plain.json["stages"]?.array?[0]["model_dropout"] == nil)
    let dropped = try place.plan(text("0.1")).plan
    #expect(dropped.text().contains("model dropout attention 0.1"))
    #expect(dropped.json["stages"]?.array?[0]["model_dropout"] == ["attention": 0.1])
    #expect(dropped.identity != plain.identity)
    #expect(dropped.stages[0].identity != plain.stages[0].identity)
  }

  @Test func onePlaceOfTheStreamIsNamedForAll() throws {
    try place.write("pairs.jsonl", #"{"q": "the cat", "a": "on the mat"}"# + "\n")
    let model = """
      create: {architecture: bart, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 1,
          num_attention_heads: 4, max_position_embeddings: 128}
        task: seq2seq_lm
        tokenizer: tokenizer
        dropout: 0.2
      """
    let stage = """
        - train:
            data: pairs
            method: {full: {}}
            max_steps: 2
            batch: {size: 1}
            optimizer: {adamw: {learning_rate: 1e-2}}

      """
    let plan = try place.plan(
      place.text(
        model: model, data: "pairs: {load: pairs.jsonl, columns: {source: q, target: a}}", stage)
    ).plan
    #expect(plan.text().contains("model dropout 0.2, attention 0.2, activation 0.2"))
    let rates = try #require(plan.json["stages"]?.array?[0]["model_dropout"]?.object)
    #expect(
      rates.members.map(\.key) == [
        "embedding", "attention", "attention_output", "activation", "feed_forward",
      ])
  }

  @Test func trainingDropsAndEvaluationDoesNot() throws {
    let run = try place.plan(text("0.3"))
    let programs = ProgramFactory(
      description: run.model.description, adaptation: nil, weightType: .float32)
    let shape = BatchShape(rowCount: 2, length: 8)
    func drops(_ program: Program) -> Bool {
      program.operations.contains { operation in
        switch operation.kind {
        case .dropout: true
        case .attention(let rule): rule.dropout != nil
        default: false
        }
      }
    }
    #expect(
      drops(
        try TaskProgram.training(run.model.description, batch: 2, length: 8, dropout: true)))
    #expect(!drops(try programs.evaluation(shape, predictions: true)))
    #expect(!drops(try programs.logits(length: 8)))
    #expect(!drops(try programs.decoding(lines: 1, queryLength: 1, capacity: 8)))
  }

  @Test func theRunIsAnotherAndTheConfigurationSaysWhy() throws {
    try place.run(text("0"))
    let plain = try place.bytes("merged/model.safetensors")
    let silent = try JSONValue(
      parsing: String(decoding: place.bytes("merged/config.json"), as: UTF8.self))
    #expect(silent["attention_dropout"] == 0.0)
    try place.remove("run")
    try place.remove("merged")
    try place.run(text("0.5"))
    #expect(try place.bytes("merged/model.safetensors") != plain)
    let written = try JSONValue(
      parsing: String(decoding: place.bytes("merged/config.json"), as: UTF8.self))
    #expect(written["attention_dropout"] == 0.5)
  }
}
