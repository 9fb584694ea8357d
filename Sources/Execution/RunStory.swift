import JSONSyntax
import Planning

/// Tells what happens: to whoever listens, and to the run's own files.
struct RunStory {
  let context: RunContext
  let directory: RunDirectory

  /// Emits `event` and appends it to `events.jsonl`; measurements also to `metrics.jsonl`.
  ///
  /// - Throws: when a file cannot be written.
  func tell(_ event: RunEvent) throws {
    switch event {
    case .step(let metrics): try directory.metrics.append(metrics.json)
    case .evaluation(let metrics):
      try directory.metrics.append(metrics.json)
      try directory.events.append(event.json)
    default: try directory.events.append(event.json)
    }
    context.emit(event)
  }
}
