/// When each value of the arena is first written and last read, and which values share a place.
struct Lifetimes {
  /// A place: the values in it, its size and the operations between which it is taken.
  private struct Slot {
    var first: Int
    var last: Int
    let byteCount: Int
    /// Where it must lie, nil where any place will do.
    var fixedOffset: Int?
  }

  private var slotOfValue: [Int?]
  private var slots: [Slot] = []
  private let end: Int

  /// Lifetimes of inputs and intermediates; inputs and results live as long as the program.
  init(_ program: Program) {
    end = program.operations.count
    slotOfValue = Array(repeating: nil, count: program.values.count)
    for (index, operation) in program.operations.enumerated() {
      for id in operation.inputs + operation.outputs {
        guard Self.isInArena(program[id].role) else { continue }
        if let slot = slotOfValue[id.index] {
          slots[slot].last = index
        } else {
          slotOfValue[id.index] = slots.count
          let isInput = program[id].role != .intermediate
          slots.append(
            Slot(
              first: isInput ? -1 : index, last: isInput ? end : index,
              byteCount: program[id].type.byteCount))
        }
      }
    }
    for index in program.values.indices {
      guard let slot = slotOfValue[index], program.values[index].role != .intermediate else {
        continue
      }
      slots[slot].last = end
    }
    for output in program.outputs {
      if let slot = slotOfValue[output.value.index] { slots[slot].last = end }
    }
  }

  /// Gives results the place of an operand that dies, where the operation's rule allows it.
  mutating func mergeInPlace(_ program: Program) {
    for (index, operation) in program.operations.enumerated() {
      var taken: Set<Int> = []
      var merged: Set<Int> = []
      for pair in operation.kind.rule.inPlace
      where pair.input < operation.inputs.count && pair.output < operation.outputs.count {
        let (input, output) = (operation.inputs[pair.input], operation.outputs[pair.output])
        guard let source = slotOfValue[input.index], let target = slotOfValue[output.index],
          source != target, program[input].role == .intermediate,
          program[output].role == .intermediate, !merged.contains(pair.output),
          !taken.contains(source), slots[source].last == index,
          slots[source].byteCount == slots[target].byteCount,
          operation.inputs.count(where: { slotOfValue[$0.index] == source }) == 1
        else { continue }
        slots[source].last = max(slots[source].last, slots[target].last)
        slotOfValue[output.index] = source
        slots[target].last = -2
        taken.insert(source)
        merged.insert(pair.output)
      }
    }
  }

  /// Keeps the places of all gradients at the beginning, each from its first operation to the end; those
  /// of weights that `program` does not reach, from the beginning.
  ///
  /// Returns what is to be cleared before these operations; nothing where the program makes no gradients.
  mutating func reserve(_ parameters: ParameterLayout, in program: Program) -> [Clearing] {
    var first: [String: Int] = [:]
    for (index, operation) in program.operations.enumerated() {
      for output in operation.outputs {
        if case .gradient(let name) = program[output].role, first[name] == nil {
          first[name] = index
        }
      }
    }
    guard !first.isEmpty else { return [] }
    let clearings = parameters.entries.map { entry in
      Clearing(
        operation: first[entry.name] ?? 0, offset: 4 * entry.offset,
        byteCount: aligned(4 * entry.shape.count))
    }
    slots += clearings.map {
      Slot(
        first: $0.operation, last: end, byteCount: $0.byteCount, fixedOffset: $0.offset)
    }
    return clearings.sorted { ($0.operation, $0.offset) < ($1.operation, $1.offset) }
  }

  /// Places all slots; the lowest offset that no slot of an overlapping lifetime takes.
  func place() -> (byValue: [Int?], byteCount: Int) {
    let order = slots.indices.filter {
      slots[$0].last >= slots[$0].first && slots[$0].fixedOffset == nil
    }.sorted {
      (slots[$1].byteCount, slots[$0].first, $0) < (slots[$0].byteCount, slots[$1].first, $1)
    }
    var placed = slots.indices.compactMap { slot in
      slots[slot].fixedOffset.map { (offset: $0, slot: slot) }
    }
    var offsets = slots.map(\.fixedOffset)
    var total = placed.reduce(0) { max($0, $1.offset + slots[$1.slot].byteCount) }
    for slot in order {
      var candidate = 0
      for other in placed where overlaps(slot, other.slot) {
        if other.offset >= candidate + aligned(slots[slot].byteCount) { break }
        candidate = max(candidate, other.offset + aligned(slots[other.slot].byteCount))
      }
      offsets[slot] = candidate
      total = max(total, candidate + aligned(slots[slot].byteCount))
      let position = placed.firstIndex { ($0.offset, $0.slot) > (candidate, slot) } ?? placed.count
      placed.insert((candidate, slot), at: position)
    }
    return (slotOfValue.map { $0.flatMap { offsets[$0] } }, total)
  }

  private func overlaps(_ a: Int, _ b: Int) -> Bool {
    slots[a].first <= slots[b].last && slots[b].first <= slots[a].last
  }

  private func aligned(_ byteCount: Int) -> Int {
    (byteCount + MemoryLayout.alignment - 1) / MemoryLayout.alignment * MemoryLayout.alignment
  }

  private static func isInArena(_ role: ValueRole) -> Bool {
    switch role {
    case .input, .intermediate: true
    case .frozen, .trainable, .gradient, .state: false
    }
  }
}
