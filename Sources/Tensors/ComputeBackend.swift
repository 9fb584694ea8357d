/// Turns programs into something that runs.
package protocol ComputeBackend: Sendable {
  /// What it can do: declared facts, the same on every machine of a kind.
  var capabilities: BackendCapabilities { get }

  /// The scratch that running `program` needs outside the arena, in bytes.
  func workspaceByteCount(for program: Program) -> Int

  /// Prepares `program` to run over `memory`, whose addresses stay as they are.
  ///
  /// - Throws: ``BackendError`` when the program asks for what the backend cannot do.
  func compile(_ program: Program, layout: MemoryLayout, memory: ProgramMemory, seed: UInt64)
    throws(BackendError) -> any Executable
}

/// A program that is ready to run again and again.
package protocol Executable: AnyObject {
  /// Runs every operation once; random numbers are those of `randomStep`.
  ///
  /// - Throws: ``BackendError`` when the device fails.
  func run(randomStep: UInt64) throws(BackendError)
}

/// What a backend declares.
package struct BackendCapabilities: Hashable, Sendable {
  package let name: String
  /// The dtypes that frozen weights can be kept in.
  package let weightTypes: [DType]
  /// How many threads it will use.
  package let threads: Int

  package init(name: String, weightTypes: [DType], threads: Int) {
    self.name = name
    self.weightTypes = weightTypes
    self.threads = threads
  }
}

/// Why a backend cannot compile or run a program.
package enum BackendError: Error, Hashable, Sendable {
  case unsupported(operation: String, reason: String)
  case missingMemory(name: String)
  case invalidProgram(ProgramError)
  /// A token id, row index or key position in an operand points outside of what it indexes.
  case indexOutOfRange(operation: String, index: Int, count: Int)
  case deviceFailure(String)
}

/// The buffers a program runs over; the caller owns them and outlives every executable.
///
/// Not sendable: one thread at a time drives a program.
package struct ProgramMemory {
  /// Frozen weights by name, in the dtype of the program's value.
  package var frozen: [String: UnsafeRawPointer]
  /// The flat buffer of trainable weights.
  package var trainable: UnsafeMutablePointer<Float>?
  /// The flat buffer of gradients.
  package var gradients: UnsafeMutablePointer<Float>?
  /// Caches by name.
  package var states: [String: UnsafeMutableRawPointer]
  /// At least the layout's arena, aligned to ``MemoryLayout/alignment``.
  package var arena: UnsafeMutableRawPointer
  /// At least the backend's workspace, aligned likewise.
  package var workspace: UnsafeMutableRawPointer

  package init(
    frozen: [String: UnsafeRawPointer] = [:], trainable: UnsafeMutablePointer<Float>? = nil,
    gradients: UnsafeMutablePointer<Float>? = nil, states: [String: UnsafeMutableRawPointer] = [:],
    arena: UnsafeMutableRawPointer, workspace: UnsafeMutableRawPointer
  ) {
    self.frozen = frozen
    self.trainable = trainable
    self.gradients = gradients
    self.states = states
    self.arena = arena
    self.workspace = workspace
  }

  /// The address of a placement.
  ///
  /// - Throws: ``BackendError/missingMemory(name:)`` when the buffer was not given.
  package func address(_ placement: Placement) throws(BackendError) -> UnsafeMutableRawPointer? {
    switch placement {
    case .frozen(let name):
      guard let pointer = frozen[name] else { throw .missingMemory(name: name) }
      return UnsafeMutableRawPointer(mutating: pointer)
    case .trainable(let offset):
      guard let trainable else { throw .missingMemory(name: "trainable") }
      return UnsafeMutableRawPointer(trainable + offset)
    case .gradient(let offset):
      guard let gradients else { throw .missingMemory(name: "gradients") }
      return UnsafeMutableRawPointer(gradients + offset)
    case .state(let name):
      guard let pointer = states[name] else { throw .missingMemory(name: name) }
      return pointer
    case .arena(let offset): return arena + offset
    case .unused: return nil
    }
  }
}
