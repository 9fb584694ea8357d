import Diagnostics
import Pipelines
import Testing

/// What can be said of samplers and start epochs, and what cannot.
@Suite struct SamplerCheckTests {
  private func text(
    _ batch: String, _ length: String = "epochs: 2", model: String = "{load: m}"
  ) -> String {
    """
    hone: 1
    name: demo
    model: \(model)
    data: {rows: {load: r.jsonl}}
    stages:
      - train:
          data: rows
          method: {lora: {r: 4, alpha: 8}}
          \(length)
          batch: \(batch)
          optimizer: {adamw: {learning_rate: 1e-4}}

    """
  }

  private func expect(
    _ text: String, _ code: DiagnosticCode, _ message: String, help: String,
    location: SourceLocation = #_sourceLocation
  ) {
    let found = findings(text)
    #expect(found.map(\.code) == [code], "\(rendered(text))", sourceLocation: location)
    #expect(found.map(\.message) == [message], sourceLocation: location)
    #expect(found.map(\.help) == [help], sourceLocation: location)
    #expect(found.allSatisfy { $0.span != nil && $0.path != nil }, sourceLocation: location)
  }

  @Test(arguments: [
    "{sampler: random}", "{sampler: sequential}", "{sampler: length_grouped}", "{shuffle: false}",
    "{sampler: {distributed: {rank: 3, world_size: 4}}, drop_last: true, packing: true}",
    "{sampler: {distributed: {rank: 0, world_size: 1, shuffle: false}}}",
    "{sampler: sequential, packing: true}",
  ])
  func samplersThatFitAreAccepted(batch: String) {
    #expect(findings(text(batch)).isEmpty, "\(rendered(text(batch)))")
  }

  @Test func oneKeySaysTheOrder() {
    expect(
      text("{shuffle: false, sampler: random}"), .conflictingKeys,
      "`sampler` and `shuffle` exclude each other in `batch`", help: "keep one of the two")
  }

  @Test func aShareSaysWhose() {
    expect(
      text("{sampler: distributed}"), .unknownChoice,
      "`sampler: distributed` does not say which worker's rows",
      help: "write `sampler: {distributed: {rank: 0, world_size: 2}}`")
    #expect(findings(text("{sampler: {}}")).map(\.code) == [.missingKey])
    #expect(
      findings(text("{sampler: {distributed: {}}}")).map(\.code) == [.missingKey, .missingKey])
    #expect(findings(text("{sampler: [random]}")).map(\.code) == [.wrongType])
  }

  @Test func anUnknownSamplerIsNamed() {
    let found = findings(text("{sampler: lenght_grouped}"))
    #expect(found.map(\.code) == [.unknownChoice])
    #expect(found.first?.help?.hasPrefix("did you mean `length_grouped`?") == true)
    #expect(found.first?.fix != nil)
  }

  @Test func aRankIsOneOfTheWorkers() {
    expect(
      text("{sampler: {distributed: {rank: 4, world_size: 4}}}"), .valueOutOfRange,
      "`rank` must be below `world_size`; found `4`",
      help: "ranks count from 0: the last of 4 has 3")
  }

  @Test func lengthsAreGroupedWhereTheyDiffer() {
    expect(
      text("{sampler: length_grouped, packing: true}"), .conflictingKeys,
      "`sampler: length_grouped` puts rows of like length together, and packed sequences are equal",
      help: "keep one of the two")
  }

  @Test func weightsNeedOneLabelARow() {
    expect(
      text("{sampler: weighted}"), .conflictingKeys,
      "`sampler: weighted` goes by the one label of a row; rows for `task: causal_lm` have none",
      help: "remove it, or classify rows by one label")
  }

  @Test func trainingStartsBeforeItEnds() {
    expect(
      text("{size: 2}", "epochs: 3\n      start_epoch: 3"), .conflictingKeys,
      "nothing is left of `epochs` after `start_epoch: 3`",
      help: "`epochs` counts those before the start too: `epochs: 4` trains one")
    #expect(findings(text("{size: 2}", "epochs: 3\n      start_epoch: 2")).isEmpty)
    #expect(findings(text("{size: 2}", "max_steps: 3\n      start_epoch: 7")).isEmpty)
  }

  @Test func aCadenceIsHeldAgainstTheEpochsThatAreLeft() {
    let length = "epochs: 5\n      start_epoch: 3\n      checkpoint: {every: 3 epochs}"
    let found = findings(text("{size: 2}", length))
    #expect(found.map(\.code) == [.cadenceExceedsRun])
    #expect(found.first?.message.hasSuffix("is not over within 2 epochs") == true)
  }
}
