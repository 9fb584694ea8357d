import Artifacts
package import JSONSyntax

/// What a run left in its directory, as far as the next one asks: read only, never written here.
package struct RunRecord: Hashable, Sendable {
  /// The names of the files in a run's directory.
  package enum File {
    package static let plan = "plan.json"
    package static let metrics = "metrics.jsonl"
    package static let events = "events.jsonl"
    package static let states = "checkpoints"
  }

  package let directory: String
  /// Whether anything is in the directory.
  package let isOccupied: Bool
  /// The plan of the run as it was written; nil where the directory holds no run.
  package let plan: JSONValue?
  /// The states that it can go on from, oldest first.
  package let states: [RunState]
  /// Whether its last stage came to its end.
  package let isFinished: Bool

  /// Reads what is in `directory`; what cannot be read counts as not there.
  package init(directory: String) {
    self.directory = directory
    isOccupied = !FilePaths.entries(of: directory).isEmpty
    let file = FilePaths.joining(directory, File.plan)
    let plan = FilePaths.kind(of: file) == .file ? try? JSONFile.value(at: file) : nil
    self.plan = plan?["identity"]?.string == nil ? nil : plan
    states = RunState.all(in: FilePaths.joining(directory, File.states))
    isFinished = Self.isFinished(FilePaths.joining(directory, File.events))
  }

  /// The identity of the plan that the directory holds.
  package var planIdentity: String? { plan?["identity"]?.string }

  /// The most of a story that is looked at, from its end.
  private static let tailByteCount = 64 << 10

  private static func isFinished(_ path: String) -> Bool {
    guard FilePaths.kind(of: path) == .file, let file = try? MappedFile(path) else { return false }
    defer { withExtendedLifetime(file) {} }
    let tail = String(decoding: file.bytes.suffix(tailByteCount), as: UTF8.self)
    guard let last = tail.split(separator: "\n").last else { return false }
    return (try? JSONValue(parsing: String(last)))?["event"]?.string == "run_finished"
  }
}

/// Where a run stood when a state was saved.
package struct RunState: Hashable, Sendable {
  /// The file that says so, in the state's directory.
  package static let factsFile = "state.json"

  /// The directory of the state.
  package let path: String
  /// The stage's number, from 0.
  package let stage: Int
  /// Optimizer steps done in the stage.
  package let step: Int
  /// Whether the stage was over.
  package let isFinal: Bool
  /// The lengths of the run's files then: what came later is cut off when the run goes on.
  package let metricsBytes: Int
  package let eventsBytes: Int

  /// The whole states in `directory`, oldest first.
  package static func all(in directory: String) -> [RunState] {
    FilePaths.entries(of: directory).compactMap { name in
      name.hasPrefix(".") ? nil : RunState(path: FilePaths.joining(directory, name))
    }.sorted { ($0.stage, $0.isFinal ? 1 : 0, $0.step) < ($1.stage, $1.isFinal ? 1 : 0, $1.step) }
  }

  /// The state in the directory `path`; nil where it is not whole.
  private init?(path: String) {
    guard let json = try? JSONFile.value(at: FilePaths.joining(path, Self.factsFile)),
      let stage = json["stage"]?.integer, let step = json["step"]?.integer,
      let isFinal = json["final"]?.bool, let metrics = json["metrics_bytes"]?.integer,
      let events = json["events_bytes"]?.integer
    else { return nil }
    self.path = path
    self.stage = stage
    self.step = step
    self.isFinal = isFinal
    metricsBytes = metrics
    eventsBytes = events
  }
}
