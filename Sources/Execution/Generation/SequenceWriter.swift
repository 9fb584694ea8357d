import Datasets
import Planning
import Tensors

/// Writes a target text for each source text, several at once, greedily or with beams.
///
/// Lines of a batch are the beams of one text after those of another; keys and values of what was
/// written are kept in caches, those of the sources are computed once.
final class SequenceWriter {
  private let settings: PreparedWriting
  private let encoder: ProgramRunner
  private let decoder: ProgramRunner
  private let caches: KeyValueCaches

  /// Compiles the programs and allocates the caches.
  ///
  /// - Throws: ``ModelError``, ``BackendError`` or ``AllocationError``.
  init(
    _ settings: PreparedWriting, _ programs: ProgramFactory,
    state: ModelState, backend: any ComputeBackend, pool: StageMemoryPool, seed: UInt64
  ) throws {
    self.settings = settings
    let encoding = try programs.encoding(settings)
    let writing = try programs.writing(settings)
    let caches = KeyValueCaches(lines: settings.lines, capacity: settings.capacity)
    self.caches = caches
    _ = try caches.pointers(for: encoding)
    let states = try caches.pointers(for: writing)
    func runner(_ program: Program) throws -> ProgramRunner {
      try ProgramRunner(
        program, parameters: state.parameters, backend: backend,
        memory: state.memory(pool, states: states), pool: pool, seed: seed)
    }
    encoder = try runner(encoding)
    decoder = try runner(writing)
  }

  private var lines: Int { settings.lines }
  private var bounds: TextBounds { settings.bounds }

  /// The texts for `sources`, of which there are at most the settings' rows, each at most as long as
  /// the settings' sources, without their end tokens.
  ///
  /// - Throws: ``BackendError`` when the backend fails.
  func write(_ sources: [ArraySlice<Int32>]) throws -> [[Int32]] {
    try encode(sources)
    var searches = sources.map { _ in TextSearch(settings, ends: bounds.ends) }
    var tokens = [Int32](repeating: bounds.start, count: lines)
    for position in 0..<settings.maxNewTokens {
      let logits = try decode(tokens, at: position, sources)
      let vocabulary = logits.count / lines
      var parents = Array(0..<lines)
      var isDone = true
      for row in sources.indices where !searches[row].isOver {
        let first = row * settings.beams
        let own = UnsafeBufferPointer(
          rebasing: logits[first * vocabulary..<(first + settings.beams) * vocabulary])
        let forced = bounds.forced(position, of: settings.maxNewTokens)
        guard let step = searches[row].advance(own, forced: forced) else { continue }
        isDone = false
        for (beam, parent) in step.parents.enumerated() {
          parents[first + beam] = first + parent
          tokens[first + beam] = step.tokens[beam]
        }
      }
      if isDone { break }
      try caches.reorder(parents, positions: position + 1)
    }
    return searches.map(\.best)
  }

  /// Runs the encoder over `sources`, each in the lines of all its beams.
  private func encode(_ sources: [ArraySlice<Int32>]) throws {
    let length = settings.sourceLength
    guard let ids = encoder.indices("source.tokens"),
      let positions = encoder.indices("source.positions"),
      let ranges = encoder.indices("source.ranges"), let slots = encoder.indices("source.slots")
    else { throw BackendError.missingMemory(name: "inputs") }
    for line in 0..<lines {
      let row = line / settings.beams
      let source = row < sources.count ? sources[row] : []
      for (offset, place) in (line * length..<(line + 1) * length).enumerated() {
        let isText = offset < source.count
        ids[place] = isText ? source[source.startIndex + offset] : bounds.padding
        positions[place] = Int32(offset)
        slots[place] = Int32(place)
        ranges[2 * place] = isText ? 0 : Int32(offset)
        ranges[2 * place + 1] = isText ? Int32(source.count) : Int32(offset + 1)
      }
    }
    try encoder.executable.run(randomStep: 0)
  }

  /// The logits behind `tokens`, one a line, which stand at `position`.
  private func decode(
    _ tokens: [Int32], at position: Int, _ sources: [ArraySlice<Int32>]
  ) throws -> UnsafeBufferPointer<Float> {
    guard let ids = decoder.indices("tokens"), let positions = decoder.indices("positions"),
      let slots = decoder.indices("slots"), let ranges = decoder.indices("ranges"),
      let crossRanges = decoder.indices("cross.ranges"), let rows = decoder.indices("rows")
    else { throw BackendError.missingMemory(name: "inputs") }
    for line in 0..<lines {
      let row = line / settings.beams
      ids[line] = tokens[line]
      positions[line] = Int32(position)
      slots[line] = Int32(line * capacity + position)
      ranges[2 * line] = 0
      ranges[2 * line + 1] = Int32(position + 1)
      crossRanges[2 * line] = 0
      crossRanges[2 * line + 1] = Int32(row < sources.count ? max(1, sources[row].count) : 1)
      rows[line] = Int32(line)
    }
    try decoder.executable.run(randomStep: 0)
    guard let logits = decoder.result("logits") else {
      throw BackendError.missingMemory(name: "logits")
    }
    return logits
  }

  private var capacity: Int { settings.capacity }
}
