import Artifacts
import Diagnostics
import JSONSyntax
import Planning
import Tensors

/// The states that a run can go on from: one directory each, whole or not there at all.
struct StateStore {
  let directory: String

  private static let trainable = "trainable.safetensors"
  private static let optimizer = "optimizer.safetensors"

  init(_ directory: String) { self.directory = directory }

  /// Saves a state under a name that sorts by stage and step.
  ///
  /// `moments` are the optimizer's flat buffers by name, none for a final state.
  /// - Throws: ``ArtifactError`` when it cannot be written; then nothing is there.
  func save(
    stage: Int, name: String, step: Int, isFinal: Bool, metricsBytes: Int, eventsBytes: Int,
    parameters: ParameterLayout, weights: UnsafeMutablePointer<Float>,
    moments: [(name: String, values: UnsafeMutablePointer<Float>)]
  ) throws(ArtifactError) -> String {
    let suffix = isFinal ? "end" : Self.padded(step, 8)
    let path = FilePaths.joining(directory, "\(Self.padded(stage, 2))-\(name)-\(suffix)")
    try AtomicDirectory.write(path) { (place) throws(ArtifactError) in
      let facts: JSONValue = [
        "format": 1, "stage": .integer(Int64(stage)), "step": .integer(Int64(step)),
        "final": .bool(isFinal), "metrics_bytes": .integer(Int64(metricsBytes)),
        "events_bytes": .integer(Int64(eventsBytes)),
      ]
      try AtomicFile.write(
        FilePaths.joining(place, RunState.factsFile), facts.text(.indented) + "\n")
      try SafetensorsWriter.write(
        Self.outputs(parameters, weights), to: FilePaths.joining(place, Self.trainable))
      if !moments.isEmpty {
        try SafetensorsWriter.write(
          moments.flatMap { Self.outputs(parameters, $0.values, prefix: $0.name + ".") },
          to: FilePaths.joining(place, Self.optimizer))
      }
    }
    return path
  }

  /// All states, oldest first.
  func states() -> [RunState] { RunState.all(in: directory) }

  /// Reads the trainable weights, and the optimizer's buffers where `moments` asks for them.
  ///
  /// - Throws: a diagnostic when the state is not one of this plan.
  func load(
    _ state: RunState, parameters: ParameterLayout, weights: UnsafeMutableBufferPointer<Float>,
    moments: [(name: String, values: UnsafeMutableBufferPointer<Float>)] = []
  ) throws {
    try Self.read(
      FilePaths.joining(state.path, Self.trainable), prefix: "", parameters, into: weights)
    for (name, values) in moments {
      try Self.read(
        FilePaths.joining(state.path, Self.optimizer), prefix: name + ".", parameters, into: values)
    }
  }

  /// Removes all but the newest `keep` unfinished states of a stage.
  func rotate(stage: Int, keep: Int) throws(ArtifactError) {
    for state in states().filter({ $0.stage == stage && !$0.isFinal }).dropLast(max(1, keep)) {
      try remove(state)
    }
  }

  /// Removes what an interrupted process left of states that it was writing or removing.
  func removeLeftovers() throws(ArtifactError) {
    AtomicDirectory.removeLeftovers(in: directory)
    for name in FilePaths.entries(of: directory) where !name.hasPrefix(".") {
      let path = FilePaths.joining(directory, name)
      if FilePaths.kind(of: FilePaths.joining(path, RunState.factsFile)) == nil {
        try FilePaths.remove(path)
      }
    }
  }

  /// Removes every state, the newest last, so that at each moment what is there is whole.
  func removeAll() throws(ArtifactError) {
    for state in states() { try remove(state) }
    try FilePaths.remove(directory)
  }

  /// Removes a state, its facts first: without them it is none, whatever else is left of it.
  private func remove(_ state: RunState) throws(ArtifactError) {
    try FilePaths.remove(FilePaths.joining(state.path, RunState.factsFile))
    try FilePaths.remove(state.path)
  }

  private static func outputs(
    _ parameters: ParameterLayout, _ values: UnsafeMutablePointer<Float>, prefix: String = ""
  ) -> [TensorOutput] {
    parameters.entries.map { entry in
      TensorOutput(
        prefix + entry.name, .float32, entry.shape,
        bytes: UnsafeRawBufferPointer(
          start: values + entry.offset, count: 4 * entry.shape.count))
    }
  }

  private static func read(
    _ path: String, prefix: String, _ parameters: ParameterLayout,
    into values: UnsafeMutableBufferPointer<Float>
  ) throws {
    let file = try SafetensorsFile.open(path)
    let tensors = Dictionary(
      file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for entry in parameters.entries {
      guard let tensor = tensors[prefix + entry.name], tensor.shape == entry.shape,
        tensor.type == .float32
      else {
        throw DiagnosticError(
          Diagnostic(
            .error, .cannotResume, "`\(path)` does not hold `\(prefix + entry.name)` as planned",
            help: "remove that state to go on from an earlier one"))
      }
      tensor.readFloat32(
        into: UnsafeMutableBufferPointer(
          rebasing: values[entry.offset..<entry.offset + entry.shape.count]))
    }
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
