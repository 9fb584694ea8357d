import Models
package import Tensors

/// Adds up what the programs of a stage need: the largest arena, scratch and caches, and the cost.
struct StageSizing {
  private let backend: any ComputeBackend
  private let parameters: ParameterLayout
  private let gradients: GradientPlace
  private var arenaBytes = 0
  private var workspaceBytes = 0
  private var cacheBytes = 0
  private(set) var floatingPointOperations = 0
  private(set) var cost = StageCost()

  init(
    _ backend: any ComputeBackend, parameters: ParameterLayout, gradients: GradientPlace = .apart
  ) {
    self.backend = backend
    self.parameters = parameters
    self.gradients = gradients
  }

  /// Lays out `program`, which the stage runs `runs` times over batches that fill it so.
  ///
  /// - Throws: ``ModelError/program(_:)`` when the program is none, which is a defect.
  mutating func add(
    _ program: Program, runs: Int, _ filling: BatchFilling = BatchFilling()
  ) throws(ModelError) {
    do { try program.verify() } catch { throw .program(error) }
    let layout = Tensors.MemoryLayout(program, parameters: parameters, gradients: gradients)
    arenaBytes = max(arenaBytes, layout.arenaByteCount)
    workspaceBytes = max(workspaceBytes, backend.workspaceByteCount(for: program))
    cacheBytes = max(cacheBytes, program.states.reduce(0) { $0 + $1.byteCount })
    let (operations, overflow) =
      program.floatingPointOperations(keysPerQuery: filling.keysPerQuery)
      .multipliedReportingOverflow(by: runs)
    floatingPointOperations = overflow ? .max : floatingPointOperations &+ operations
    addCost(of: program, runs: runs, filling)
  }

  /// Counts the time, not the memory or the arithmetic, of `runs` runs of `program`.
  mutating func addCost(
    of program: Program, runs: Int, _ filling: BatchFilling = BatchFilling()
  ) {
    guard runs > 0 else { return }
    cost.add(StageCost(program, filling), runs: Double(runs))
  }

  /// Counts the time of `steps` updates of all weights by an optimizer with that many states.
  mutating func addUpdates(steps: Int, optimizerStates: Int) {
    cost.addUpdates(of: parameters.count, optimizerStates: optimizerStates, runs: Double(steps))
  }

  /// The memory of the stage.
  func memory(optimizerStates: Int, hasGradients: Bool) -> StageMemory {
    let flat = 4 * parameters.count
    let gradientBytes = hasGradients ? flat : 0
    return StageMemory(
      trainableBytes: flat, gradientBytes: gradientBytes,
      optimizerBytes: optimizerStates * flat,
      activationBytes: gradients == .arena ? max(0, arenaBytes - gradientBytes) : arenaBytes,
      workspaceBytes: workspaceBytes, cacheBytes: cacheBytes)
  }
}

/// The base weights in memory.
enum BaseMemory {
  /// All bytes of the base weights, and those that are mapped from the file as they are.
  static func bytes(of model: PreparedModel) -> (all: Int, mapped: Int) {
    bytes(of: model.description.storedParameters, in: model)
  }

  /// As ``bytes(of:)``, of some weights.
  static func bytes(
    of parameters: [ParameterDescription], in model: PreparedModel
  ) -> (all: Int, mapped: Int) {
    var (all, mapped) = (0, 0)
    for parameter in parameters {
      let type = keptType(of: parameter.shape, weightType: model.weightType)
      let bytes = type.byteCount(parameter.shape.count)
      all += bytes
      let tensor = model.checkpoint?.tensor(of: parameter, in: model.description)
      if tensor?.mappedBytes(as: type) != nil { mapped += bytes }
    }
    return (all, mapped)
  }
}

/// The dtype in which a base weight of `shape` is kept when matrices are kept in `weightType`.
package func keptType(of shape: Shape, weightType: DType) -> DType {
  shape.rank >= 2 ? weightType.kept(for: shape) : .float32
}
