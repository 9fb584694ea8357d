import Diagnostics
import Execution
import Foundation
import Testing

/// What a training step is held against while it runs.
struct GradientTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// A model whose weights are all zero: no gradient passes through it.
  private func exportDeadModel() throws {
    try place.run(
      place.text(Workplace.lora(length: "max_steps: 1") + place.export("merged", "model")))
    try place.remove("run")
    var weights = try place.bytes("model/model.safetensors")
    let header = weights.prefix(8).enumerated().reduce(0) {
      $0 + Int($1.element) << (8 * $1.offset)
    }
    weights.replaceSubrange((8 + header)..., with: Data(count: weights.count - 8 - header))
    try weights.write(to: URL(fileURLWithPath: place.path("model/model.safetensors")))
  }

  @Test func weightsThatNoGradientReachesEndTheRunAtItsFirstStep() throws {
    try exportDeadModel()
    let text = place.text(model: "load: model", Workplace.lora() + place.export("adapter", "out"))
    let failure = try #require(throws: DiagnosticError.self) { try place.run(text) }
    #expect(failure.diagnostics.map(\.code) == [.noGradient])
    #expect(failure.diagnostics.first?.message.contains("step 1 of `train`") == true)
    #expect(!FileManager.default.fileExists(atPath: place.path("out")))
  }

  @Test func aNewAdapterHasAGradientFromItsFirstStep() throws {
    let events = try place.run(place.text(Workplace.lora(length: "max_steps: 1")))
    #expect(events.steps.first.map { $0.gradientNorm > 0 } == true)
  }

  /// Two rows at once and one after the other are the same optimizer step.
  @Test func accumulationChangesNeitherLossNorGradient() throws {
    let whole = try place.run(place.text(Workplace.lora(length: "max_steps: 2")))
    try place.remove("run")
    let pieces = try place.run(
      place.text(
        Workplace.lora(length: "max_steps: 2").replacing(
          "size: 2", with: "size: 1, accumulate: 2")))
    for (one, other) in zip(whole.steps, pieces.steps) {
      // float32 sums of a few hundred terms in another order.
      #expect(abs(one.loss - other.loss) < 1e-5 * one.loss)
      #expect(abs(one.gradientNorm - other.gradientNorm) < 1e-4 * one.gradientNorm)
      #expect(one.supervisedTokens == other.supervisedTokens)
    }
    #expect(pieces.steps.count == 2)
  }
}
