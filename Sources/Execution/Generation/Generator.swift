import Datasets
import Planning
import Randomness
import Tensors

/// Goes on from prompts, token by token, over caches of keys and values.
final class Generator {
  private let generation: PreparedGeneration
  private let programs: ProgramFactory
  private let state: ModelState
  private let backend: any ComputeBackend
  private let pool: StageMemoryPool
  private let seed: UInt64
  private var caches: [String: AlignedBuffer] = [:]
  private var runners: [Int: ProgramRunner] = [:]

  init(
    _ generation: PreparedGeneration, _ programs: ProgramFactory, state: ModelState,
    backend: any ComputeBackend, pool: StageMemoryPool, seed: UInt64
  ) {
    self.generation = generation
    self.programs = programs
    self.state = state
    self.backend = backend
    self.pool = pool
    self.seed = seed
  }

  /// The tokens that follow `prompt`, up to an end token or the limit; the end token is left out.
  ///
  /// - Throws: ``BackendError`` when the backend fails.
  func tokens(after prompt: [Int32], ends: Set<Int32>, stream: RandomStream) throws -> [Int32] {
    let sampler = TokenSampler(
      temperature: generation.temperature, topK: generation.topK, topP: generation.topP,
      stream: stream)
    var output: [Int32] = []
    var logits = try run(prompt, from: 0, padded: BatchPlanner.paddedLength(prompt.count))
    while output.count < generation.maxNewTokens {
      let position = prompt.count + output.count
      let next = sampler.token(logits, position: position)
      if ends.contains(next) { break }
      output.append(next)
      if output.count < generation.maxNewTokens {
        logits = try run([next], from: position, padded: 1)
      }
    }
    return output
  }

  /// Feeds `tokens` at positions from `start`; returns the logits after the last.
  private func run(
    _ tokens: [Int32], from start: Int, padded length: Int
  ) throws -> UnsafeBufferPointer<Float> {
    let runner = try runner(length)
    guard let ids = runner.indices("tokens"), let positions = runner.indices("positions"),
      let slots = runner.indices("slots"), let ranges = runner.indices("ranges"),
      let rows = runner.indices("rows")
    else { throw BackendError.missingMemory(name: "inputs") }
    let window = programs.description.slidingWindow ?? .max
    for index in 0..<length {
      let position = start + index
      ids[index] = index < tokens.count ? tokens[index] : 0
      positions[index] = Int32(position)
      slots[index] = Int32(position)
      ranges[2 * index] = Int32(max(0, position + 1 - min(window, position + 1)))
      ranges[2 * index + 1] = Int32(position + 1)
    }
    rows[0] = Int32(tokens.count - 1)
    try runner.executable.run(randomStep: 0)
    guard let logits = runner.result("logits") else {
      throw BackendError.missingMemory(name: "logits")
    }
    return logits
  }

  private func runner(_ length: Int) throws -> ProgramRunner {
    if let known = runners[length] { return known }
    let program = try programs.decoding(queryLength: length, capacity: generation.capacity)
    for (name, byteCount) in program.states where caches[name] == nil {
      caches[name] = try AlignedBuffer(byteCount: byteCount)
    }
    let runner = try ProgramRunner(
      program, parameters: state.parameters, backend: backend,
      memory: state.memory(pool, states: caches.mapValues(\.pointer)), pool: pool, seed: seed)
    runners[length] = runner
    return runner
  }
}
