import JSONSyntax
import Planning
import Testing

struct PlanTextTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func lines(_ text: String, colored: Bool = false) throws -> [String] {
    let plan = try place.plan(text).plan
    let status = PlanStatus(plan, RunRecord(directory: plan.pipeline.output))
    return plan.text(status: status, isColored: colored).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast().map(String.init)
  }

  @Test(arguments: [1, 3, 8, 60])
  func isAtMostAScreenHoweverManyStagesThereAre(rounds: Int) throws {
    let stages = (0..<rounds).map { index in
      Workplace.lora().replacing("- train:", with: "- train:\n      name: train-\(index)")
        + "  - evaluate: {name: after-\(index), data: rows.eval}\n"
    }
    let lines = try lines(place.text(stages.joined()))
    #expect(lines.count <= 40)
    #expect(lines.contains { $0.contains("trainable params: ") } || rounds > 10)
    #expect(lines.contains { $0.hasPrefix("+ 1 train ") })
    #expect(lines.contains { $0.hasPrefix("+ \(2 * rounds) evaluate ") })
  }

  @Test func drawsTheLayersThatAreLeftOut() throws {
    let model = Workplace.createdModel.replacing(
      "num_hidden_layers: 2", with: "num_hidden_layers: 6")
    let stages = Workplace.lora(
      "r: 4, alpha: 16, target_modules: [q_proj, v_proj], layers_to_transform: [1, 2, 5]")
    let lines = try lines(place.text(model: model, stages))
    #expect(lines.contains { $0.contains("q_proj 3 · v_proj 3 · layers ·██··█ 3 of 6") })
  }

  @Test func halfADrawnLayerHasFewerModulesThanTheFullest() throws {
    let pattern = #".*\.0\.self_attn\.(q|v)_proj|.*\.1\.self_attn\.q_proj"#
    let stages = Workplace.lora("r: 4, alpha: 16, target_modules: '\(pattern)'")
    #expect(try lines(place.text(stages)).contains { $0.contains("layers █▄ 2 of 2") })
  }

  @Test func saysHowTheLearningRateGoes() throws {
    let text = place.text(
      Workplace.lora(rest: "schedule: {linear: {}, warmup: 4}"))
    let line = try #require(try lines(text).first { $0.contains("learning rate") })
    #expect(line.contains("linear, warm-up 4 steps, peak 0.01, last 0.00125"))
    #expect(line.contains("▁"))
    #expect(line.contains("█"))
  }

  @Test func theMemoryBarIsAsWideAsItsPartsTogether() throws {
    let lines = try lines(place.text(Workplace.lora()))
    let index = try #require(lines.firstIndex { $0.hasPrefix("  memory ") })
    let bar = lines[index + 1].drop { $0 == " " }
    #expect(bar.count == 64)
    #expect(bar.allSatisfy { "█▓▒░".contains($0) })
    #expect(lines[index + 2].contains("█ weights "))
  }

  @Test func hasNoCodesOfATerminalUnlessAsked() throws {
    let text = place.text(Workplace.lora() + "  - evaluate: {data: rows.eval}\n")
    let plain = try lines(text)
    #expect(!plain.joined().contains("\u{1B}"))
    let coloured = try lines(text, colored: true).joined(separator: "\n")
    #expect(coloured.contains("\u{1B}[32m+"))
    var stripped = ""
    var isCode = false
    for character in coloured {
      if character == "\u{1B}" { isCode = true }
      if !isCode { stripped.append(character) }
      if character == "m" { isCode = false }
    }
    #expect(stripped == plain.joined(separator: "\n"))
  }

  @Test func detailsStandBySection() throws {
    let details = try place.plan(place.text(Workplace.lora())).plan.details()
    let sections = details.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
    #expect(sections == ["run", "model", "data.rows", "stages[0] train"])
    #expect(details.contains("  train.method.lora.r "))
  }

  @Test(arguments: [
    (0.004, "0.004"), (3.5449e-7, "3.54e-7"), (123_456.0, "123000"), (0, "0"), (1, "1"),
    (0.0009999, "0.001"), (-0.25, "-0.25"), (9.999e-5, "0.0001"),
  ])
  func roundsToThreeDigits(value: Double, text: String) {
    #expect(Quantities.significant(value) == text)
  }
}
