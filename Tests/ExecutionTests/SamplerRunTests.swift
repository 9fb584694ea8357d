import Diagnostics
import Execution
import Foundation
import Pipelines
import Planning
import Testing

/// Samplers and start epochs in plans and runs.
struct SamplerRunTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func text(
    batch: String = "{size: 2}", length: String = "epochs: 3", adapter: String = "",
    export: String = "whole"
  ) -> String {
    place.text(
      """
        - train:
            data: rows.train
            method: {lora: {r: 4, alpha: 8, dropout: 0.2, target_modules: all-linear\(adapter)}}
            \(length)
            batch: \(batch)
            optimizer: {sgd: {learning_rate: 0.1}}
            schedule: constant
            checkpoint: {every: 1 epoch}
        \(place.export("adapter", export).dropFirst(2))
      """)
  }

  /// SGD has no state and the learning rate stays, so that only the rows and dropout are left to
  /// agree; the adapter's numbers are kept to the last bit.
  @Test(arguments: ["{size: 2}", "{size: 2, accumulate: 2, sampler: length_grouped}"])
  func trainingGoesOnInALaterEpochAsIfItHadNeverStopped(batch: String) throws {
    let whole = try place.run(text(batch: batch)).steps
    try place.run(text(batch: batch, length: "epochs: 1", export: "part"), mode: .overwrite)
    let later = text(
      batch: batch, length: "epochs: 3\n      start_epoch: 1",
      adapter: ", init: \(place.path("part"))", export: "rest")
    let rest = try place.run(later, mode: .overwrite).steps
    #expect(rest.map(\.loss) == whole.suffix(rest.count).map(\.loss))
    #expect(rest.map(\.epoch) == whole.suffix(rest.count).map(\.epoch))
    #expect(rest.map(\.step) == Array(1...rest.count))
    #expect(rest.count * 3 == whole.count * 2)
    let name = "adapter_model.safetensors"
    #expect(try place.bytes("rest/\(name)") == place.bytes("whole/\(name)"))
    // Interrupted and gone on, it is the same again.
    try place.remove("rest")
    try place.run(later, mode: .overwrite, stop: 2)
    try place.run(later, mode: .resume)
    #expect(try place.bytes("rest/\(name)") == place.bytes("whole/\(name)"))
  }

  @Test func aPlanSaysWhichRowsAnEpochHas() throws {
    let plain = try place.plan(text()).plan
    #expect(plain.json["stages"]?.array?.first?["batch"]?["sampler"] == "random")
    #expect(!plain.text().contains("sampler"))
    let run = try place.plan(
      text(
        batch: "{size: 2, sampler: {distributed: {rank: 1, world_size: 2}}}",
        length: "epochs: 4\n      start_epoch: 2"))
    #expect(run.plan.text().contains("sampler distributed, rank 1 of 2, from epoch 2 on"))
    guard case .train(let facts) = run.plan.stages[0].work,
      case .train(let whole) = plain.stages[0].work
    else {
      Issue.record("no training")
      return
    }
    #expect(facts.batch.startEpoch == 2)
    #expect(facts.epochs == 2)
    #expect(facts.stepsPerEpoch == (whole.stepsPerEpoch + 1) / 2)
    #expect(facts.totalSteps == 2 * facts.stepsPerEpoch)
  }

  @Test(arguments: [
    ("shuffle: false", "sampler: sequential"), ("shuffle: true", "sampler: random"),
  ])
  func theTwoWaysToSayAnOrderGiveOneRun(old: String, new: String) throws {
    let first = try place.run(text(batch: "{size: 2, \(old)}")).steps
    let second = try place.run(text(batch: "{size: 2, \(new)}", export: "b"), mode: .overwrite)
    #expect(first.map(\.loss) == second.steps.map(\.loss))
  }
}
