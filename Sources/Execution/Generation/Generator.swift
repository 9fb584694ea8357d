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
  private let caches: KeyValueCaches
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
    caches = KeyValueCaches(lines: generation.beams, capacity: generation.capacity)
  }

  /// The tokens that follow `prompt`, up to an end token or the limit; the end token is left out.
  ///
  /// - Throws: ``BackendError`` when the backend fails.
  func tokens(after prompt: [Int32], ends: Set<Int32>, stream: RandomStream) throws -> [Int32] {
    if generation.beams > 1 { return try beamTokens(after: prompt, ends: ends) }
    let sampler = TokenSampler(
      temperature: generation.temperature, topK: generation.topK, topP: generation.topP,
      stream: stream)
    var output: [Int32] = []
    var logits = try run([prompt], from: 0, padded: BatchPlanner.paddedLength(prompt.count))
    while output.count < generation.maxNewTokens {
      let position = prompt.count + output.count
      let next = sampler.token(logits, position: position)
      if ends.contains(next) { break }
      output.append(next)
      if output.count < generation.maxNewTokens {
        logits = try run([[next]], from: position, padded: 1)
      }
    }
    return output
  }

  /// The likeliest of several continuations that are kept beside each other.
  private func beamTokens(after prompt: [Int32], ends: Set<Int32>) throws -> [Int32] {
    var search = BeamSearch(
      beams: generation.beams, lengthPenalty: generation.lengthPenalty,
      maxNewTokens: generation.maxNewTokens, ends: ends)
    let lines = Array(repeating: prompt, count: generation.beams)
    var logits = try run(lines, from: 0, padded: BatchPlanner.paddedLength(prompt.count))
    var position = prompt.count
    while let step = search.advance(logits) {
      try caches.reorder(step.parents, positions: position)
      logits = try run(step.tokens.map { [$0] }, from: position, padded: 1)
      position += 1
    }
    return search.best
  }

  /// Feeds the tokens of every line, all of one length, at positions from `start`.
  ///
  /// Returns the logits after the last token of each.
  private func run(
    _ lines: [[Int32]], from start: Int, padded length: Int
  ) throws -> UnsafeBufferPointer<Float> {
    let runner = try runner(length)
    guard let ids = runner.indices("tokens"), let positions = runner.indices("positions"),
      let slots = runner.indices("slots"), let ranges = runner.indices("ranges"),
      let rows = runner.indices("rows")
    else { throw BackendError.missingMemory(name: "inputs") }
    let window = programs.description.slidingWindow ?? .max
    for (line, tokens) in lines.enumerated() {
      for index in 0..<length {
        let (place, position) = (line * length + index, start + index)
        ids[place] = index < tokens.count ? tokens[index] : 0
        positions[place] = Int32(position)
        slots[place] = Int32(line * generation.capacity + position)
        ranges[2 * place] = Int32(max(0, position + 1 - min(window, position + 1)))
        ranges[2 * place + 1] = Int32(position + 1)
      }
      rows[line] = Int32(line * length + tokens.count - 1)
    }
    try runner.executable.run(randomStep: 0)
    guard let logits = runner.result("logits") else {
      throw BackendError.missingMemory(name: "logits")
    }
    return logits
  }

  private func runner(_ length: Int) throws -> ProgramRunner {
    if let known = runners[length] { return known }
    let program = try programs.decoding(
      lines: generation.beams, queryLength: length, capacity: generation.capacity)
    let states = try caches.pointers(for: program)
    let runner = try ProgramRunner(
      program, parameters: state.parameters, backend: backend,
      memory: state.memory(pool, states: states), pool: pool, seed: seed)
    runners[length] = runner
    return runner
  }
}
