import Diagnostics
import Execution
import Foundation
import JSONSyntax
import Planning
import Testing

/// A run that was stopped anywhere and goes on gives what it would have given.
struct ResumptionTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// Everything that could be forgotten: dropout, accumulation, a shuffled order, packing, amsgrad,
  /// a schedule in steps, an evaluation.
  private func text(
    method: String = "{lora: {r: 4, alpha: 8, dropout: 0.2, target_modules: all-linear}}",
    packing: Bool = true, optimizer: String = "{adam: {learning_rate: 5e-3, amsgrad: true}}",
    checkpoint: String = "checkpoint: {every: 2 steps, keep: 2}", second: Bool = false,
    export: String = "adapter"
  ) -> String {
    func stage(_ name: String, _ method: String, _ steps: Int) -> String {
      """
        - train:
            name: \(name)
            data: rows.train
            method: \(method)
            max_steps: \(steps)
            batch: {size: 1, accumulate: 2, packing: \(packing)}
            optimizer: \(optimizer)
            schedule: {step: {every: 3 steps, gamma: 0.5}}
            evaluate: {data: rows.eval, every: 3 steps}
            \(checkpoint)

      """
    }
    return place.text(
      data: "rows: {load: rows.jsonl, max_length: 48, split: {train: 0.8, eval: 0.2}}",
      "  - evaluate: {name: before, data: rows.eval}\n" + stage("first", method, 7)
        + (second ? stage("second", method, 5) : "")
        + "  - evaluate: {name: after, data: rows.eval}\n" + place.export(export, "export"))
  }

  private struct Result: Equatable {
    let metrics: [JSONValue]
    let weights: Data
  }

  private func result(_ file: String = "adapter_model.safetensors") throws -> Result {
    Result(
      metrics: try place.lines("run/metrics.jsonl").map(\.untimed),
      weights: try place.bytes("export/" + file))
  }

  @Test(arguments: [1, 4, 6], [true, false])
  func goesOnAfterAnInterruption(stop: Int, packing: Bool) throws {
    let text = text(packing: packing)
    try place.run(text)
    let whole = try result()
    try place.remove("export")
    let events = try place.run(text, mode: .overwrite, stop: stop)
    #expect(events.kinds.suffix(2) == ["checkpoint", "interrupted"])
    #expect(events.steps.count == stop)
    let rest = try place.run(text, mode: .resume)
    #expect(rest.steps.map(\.step) == Array(stop + 1...7))
    #expect(try result() == whole)
  }

  @Test(arguments: ["{adamw: {learning_rate: 5e-3}}", "{sgd: {learning_rate: 0.1, momentum: 0.9}}"])
  func goesOnWithAllWeightsTrained(optimizer: String) throws {
    let text = text(method: "{full: {}}", optimizer: optimizer, checkpoint: "", export: "merged")
    try place.run(text)
    let whole = try result("model.safetensors")
    try place.run(text, mode: .overwrite, stop: 3)
    try place.run(text, mode: .resume)
    #expect(try result("model.safetensors") == whole)
  }

  @Test func goesOnAgainAndAgain() throws {
    let text = text(second: true)
    try place.run(text)
    let whole = try result()
    try place.run(text, mode: .overwrite, stop: 1)
    var outcomes = 0
    while true {
      // One step at a time; a stage's last step is followed by the next stage's first.
      let recorder = Recorder(stop: 1)
      let outcome = try Executor(
        place.plan(text), backend: place.backend, mode: .resume, context: recorder.context
      ).execute()
      outcomes += 1
      if outcome == .finished { break }
      try #require(outcomes < 20)
    }
    #expect(outcomes > 8)
    #expect(try result() == whole)
  }

  @Test func goesOnFromWhereverItWasKilled() throws {
    let text = text(second: true)
    let place = place
    let copies = Copies(place)
    try place.run(text) { _ in copies.take() }
    try #require(copies.failure == nil)
    #expect(copies.count > 20)
    let whole = try result()
    for number in 0..<copies.count {
      try place.remove("run")
      try place.remove("export")
      try place.copy("copy-\(number)", to: "run")
      // What a killed process leaves: half a line, an unfinished state, an unfinished file.
      try place.tear()
      try place.run(text, mode: .resume)
      #expect(try result() == whole, "killed after event \(number)")
      #expect(try place.states("first").count <= 3)
    }
  }

  @Test func keepsTheNewestStates() throws {
    let text = text(checkpoint: "checkpoint: {every: 1 step, keep: 2}")
    try place.run(text)
    #expect(
      try place.states("first") == ["01-first-00000005", "01-first-00000006", "01-first-end"])
  }

  @Test func aFinishedRunHasNothingLeftToTrain() throws {
    let text = text()
    try place.run(text)
    let whole = try result()
    let events = try place.run(text, mode: .resume)
    #expect(events.steps.isEmpty)
    #expect(try result() == whole)
  }

  @Test func refusesToGoOnWithAnotherPlan() throws {
    let first = text()
    try place.run(first, stop: 2)
    let before = try place.bytes("run/metrics.jsonl")
    let other = first.replacing("max_steps: 7", with: "max_steps: 8")
    let problem = try #require(throws: DiagnosticError.self) {
      try place.run(other, mode: .resume)
    }.diagnostics.first
    #expect(problem?.code == .cannotResume)
    #expect(problem?.span?.start.line == 4)
    #expect(try place.bytes("run/metrics.jsonl") == before)
  }

  @Test func neverTakesAnOccupiedDirectoryUnasked() throws {
    let text = text()
    try place.run(text, stop: 2)
    let again = try #require(throws: DiagnosticError.self) { try place.run(text) }
    #expect(again.diagnostics.map(\.code) == [.outputOccupied])
    #expect(again.diagnostics.first?.help?.contains("--resume") == true)
    try place.remove("run")
    try place.write("run/letter.txt", "dear")
    for mode in [RunMode.new, .overwrite, .resume] {
      let foreign = try #require(throws: DiagnosticError.self) { try place.run(text, mode: mode) }
      #expect(foreign.diagnostics.map(\.code) == [.outputOccupied])
      #expect(foreign.diagnostics.first?.path == "output")
    }
    #expect(FileManager.default.subpaths(atPath: place.path("run")) == ["letter.txt"])
  }

  @Test func beginsWhereNothingIsToGoOnFrom() throws {
    let events = try place.run(text(), mode: .resume)
    #expect(events.steps.count == 7)
  }
}

/// Copies of a run's directory, one an event.
private final class Copies: @unchecked Sendable {
  private let place: Workplace
  private(set) var count = 0
  private(set) var failure: (any Error)?

  init(_ place: Workplace) { self.place = place }

  func take() {
    do { try place.copy("run", to: "copy-\(count)") } catch { failure = error }
    count += 1
  }
}

extension Workplace {
  /// The names of the states of a stage.
  fileprivate func states(_ stage: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path("run/checkpoints"))
      .filter { $0.contains("-\(stage)-") }.sorted()
  }

  /// Leaves in the run's directory what a process that is gone had begun to write.
  fileprivate func tear() throws {
    for name in ["run/metrics.jsonl", "run/events.jsonl"] {
      let file = try #require(FileHandle(forWritingAtPath: path(name)))
      try file.seekToEnd()
      try file.write(contentsOf: Data(#"{"stage": "first", "st"#.utf8))
      try file.close()
    }
    // No process has this number: it is above what the kernel gives.
    let gone = "partial-2147483000-0"
    try write("run/checkpoints/.01-first-00000099.\(gone)/state.json", "{\"format\": 1, ")
    try write("run/.plan.json.\(gone)", "{")
    // A state whose removal had begun: its facts go first.
    try write("run/checkpoints/01-first-00000000/trainable.safetensors", "")
  }
}
