/// Where each value of a program lies.
package enum Placement: Hashable, Sendable {
  /// Its own buffer, given by the caller: a frozen weight.
  case frozen(name: String)
  /// At this element of the flat buffer of trainable weights.
  case trainable(offset: Int)
  /// At this element of the flat buffer of gradients.
  case gradient(offset: Int)
  /// Its own buffer, kept from run to run.
  case state(name: String)
  /// At this byte of the arena.
  case arena(offset: Int)
  /// No operation touches it.
  case unused
}

/// The order of the trainable weights in the flat buffers of weights, gradients and optimizer state.
package struct ParameterLayout: Hashable, Sendable {
  /// One trainable weight.
  package struct Entry: Hashable, Sendable {
    package let name: String
    package let shape: Shape
    /// Its first element in the flat buffers.
    package let offset: Int
  }

  package let entries: [Entry]
  /// The number of elements of a flat buffer, the gaps that keep entries aligned included.
  package let count: Int
  private let offsets: [String: Int]

  /// Lays the weights one after the other, each at a multiple of 16 elements.
  package init(_ parameters: [(name: String, shape: Shape)]) {
    var entries: [Entry] = []
    var next = 0
    for (name, shape) in parameters {
      entries.append(Entry(name: name, shape: shape, offset: next))
      next += (shape.count + 15) / 16 * 16
    }
    self.entries = entries
    count = next
    offsets = Dictionary(
      entries.map { ($0.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  /// The number of weights, gaps not counted.
  package var elementCount: Int { entries.reduce(0) { $0 + $1.shape.count } }

  /// The first element of the weight `name`.
  package func offset(of name: String) -> Int? { offsets[name] }
}

/// Where the flat buffer of gradients lies.
package enum GradientPlace: Hashable, Sendable {
  /// In memory of the caller's, who clears it: gradients add up over several runs.
  case apart
  /// At the beginning of the arena, for the gradients of one run: each takes its place when its first
  /// operation comes, cleared by the program, and until then intermediates may.
  case arena
}

/// Bytes of the arena that become zero before an operation runs.
package struct Clearing: Hashable, Sendable {
  /// The position of the operation.
  package let operation: Int
  package let offset: Int
  package let byteCount: Int
}

/// The places of all values of one program; intermediates share one arena by their lifetimes.
package struct MemoryLayout: Hashable, Sendable {
  /// One placement a value of the program.
  package let placements: [Placement]
  /// The size of the arena.
  package let arenaByteCount: Int
  /// What is to be cleared, in the order of the operations.
  package let clearings: [Clearing]

  /// Every arena offset is a multiple of this.
  package static let alignment = 64

  package subscript(id: ValueID) -> Placement { placements[id.index] }

  /// Lays out `program`: results take the place of operands that die where the rule allows, then
  /// the largest intermediates are placed first, each at the lowest offset free for its lifetime.
  ///
  /// Gradients in the arena stand in the order of `parameters`, whatever the program.
  package init(
    _ program: Program, parameters: ParameterLayout, gradients: GradientPlace = .apart
  ) {
    var lifetimes = Lifetimes(program)
    lifetimes.mergeInPlace(program)
    clearings = gradients == .arena ? lifetimes.reserve(parameters, in: program) : []
    let offsets = lifetimes.place()
    arenaByteCount = offsets.byteCount
    placements = program.values.indices.map { index in
      switch program.values[index].role {
      case .frozen(let name): .frozen(name: name)
      case .trainable(let name):
        parameters.offset(of: name).map { .trainable(offset: $0) } ?? .unused
      case .gradient(let name):
        parameters.offset(of: name).map { .gradient(offset: $0) } ?? .unused
      case .state(let name): .state(name: name)
      case .input, .intermediate:
        offsets.byValue[index].map { .arena(offset: $0) } ?? .unused
      }
    }
  }
}
