import Artifacts
import Diagnostics
import LinearAlgebra
import Models
import Planning
import Tensors

/// The model as the stages so far left it: base weights, and what is trained beside or instead.
final class ModelState {
  let model: PreparedModel
  let base: WeightStore
  private(set) var adaptation: AdaptationPlan?
  private(set) var parameters = ParameterLayout([])
  /// What the updates began as that took a part of the weights, by name.
  private(set) var beginnings: [String: [Float]] = [:]
  /// The flat buffer of trainable weights; nil before the first training stage.
  private(set) var trainable: AlignedBuffer?
  private let seed: UInt64

  /// Maps, converts or draws the base weights.
  init(_ model: PreparedModel, seed: UInt64) throws(AllocationError) {
    self.model = model
    self.seed = seed
    if let checkpoint = model.checkpoint {
      base = try WeightStore(
        model.description, checkpoint: checkpoint, seed: seed, weightType: model.weightType)
    } else {
      base = try WeightStore(model.description, seed: seed, weightType: model.weightType)
    }
  }

  /// The trainable weights as floats.
  var weights: UnsafeMutablePointer<Float>? { trainable?.floats.baseAddress }

  /// Gets the weights that `plan` trains, as `start` says.
  ///
  /// - Throws: when the system has no room for them.
  func adapt(_ plan: AdaptationPlan, _ start: TrainingStart) throws {
    if case .previousStage = start {
      adaptation = plan
      return
    }
    try mergeIntoBase()
    let layout = plan.layout
    let buffer = try AlignedBuffer(byteCount: 4 * layout.count)
    for (parameter, entry) in zip(plan.trainable, layout.entries) {
      let target = UnsafeMutableBufferPointer(
        rebasing: buffer.floats[entry.offset..<entry.offset + entry.shape.count])
      switch parameter.source {
      case .base(let name):
        guard let stored = model.description.parameter(name), let address = target.baseAddress
        else { continue }
        base.read(stored, into: address)
      case .new: parameter.fill(into: target, seed: seed)
      case .rows(let name, let ids):
        guard let stored = model.description.parameter(name), let address = target.baseAddress
        else { continue }
        base.read(stored, rows: ids, into: address)
      case .norms: continue
      }
    }
    adaptation = plan
    parameters = layout
    trainable = buffer
    if case .fresh = start { try splitWeights(of: plan) }
    try measureNorms(of: plan)
    if case .adapter(let files) = start { Self.read(files, plan, layout, into: buffer.floats) }
    switch plan.adaptation {
    case .full: base.removeWeights(of: model.description)
    case .partial: base.remove(plan.trainable.map(\.name))
    case .lora: break
    }
  }

  /// Takes the updates' beginnings from the weights, where they begin so.
  private func splitWeights(of plan: AdaptationPlan) throws {
    guard case .lora(let specification) = plan.adaptation else { return }
    for module in plan.splitModules {
      guard let weight = model.description.parameter(module.path + ".weight"),
        let a = address(of: module.nameOfA), let b = address(of: module.nameOfB)
      else { continue }
      let values = try AlignedBuffer(byteCount: 4 * weight.shape.count)
      guard let start = values.floats.baseAddress else { continue }
      base.read(weight, into: start)
      do throws(FactorizationError) {
        try module.split(values.floats, specification.start, a: a, b: b)
      } catch {
        throw DiagnosticError(
          Diagnostic(
            .error, .invalidCheckpoint,
            "the weight of `\(module.path)` cannot be decomposed: it holds numbers that are none, or "
              + "LAPACK did not converge",
            help: "look at the checkpoint, or leave out `init_lora_weights`"))
      }
      try base.set(weight, to: start)
      for parameter in plan.trainable
      where [module.nameOfA, module.nameOfB].contains(parameter.name) {
        guard let values = address(of: parameter.name) else { continue }
        beginnings[parameter.name] = Array(
          UnsafeBufferPointer(start: values, count: parameter.shape.count))
      }
    }
  }

  /// Gives every vector of lengths those that the weights have with the updates' beginnings.
  private func measureNorms(of plan: AdaptationPlan) throws(AllocationError) {
    for parameter in plan.trainable {
      guard case .norms = parameter.source, let norms = address(of: parameter.name),
        let weight = model.description.parameter(parameter.module + ".weight"),
        let update = plan.update(of: weight)
      else { continue }
      let values = try AlignedBuffer(byteCount: 4 * weight.shape.count)
      guard let start = values.floats.baseAddress,
        let stored = model.description.parameter(model.description.storedName(of: weight.name))
      else { continue }
      base.read(stored, into: start)
      add(update, to: start)
      update.norms(of: start, into: norms)
    }
  }

  /// Adds what is trained of `update` to `values`, without its lengths.
  private func add(_ update: LowRankUpdate, to values: UnsafeMutablePointer<Float>) {
    guard let b = address(of: update.rowFactor), let a = address(of: update.columnFactor) else {
      return
    }
    update.add(rowFactor: b, columnFactor: a, to: values)
  }

  /// What every program of a stage runs over.
  func memory(
    _ pool: StageMemoryPool, gradients: UnsafeMutablePointer<Float>? = nil,
    states: [String: UnsafeMutableRawPointer] = [:]
  ) -> ProgramMemory {
    ProgramMemory(
      frozen: base.pointers, trainable: weights, gradients: gradients,
      states: states, arena: pool.arena.pointer, workspace: pool.workspace.pointer)
  }

  /// The values of a tensor of the merged model, as float32.
  func read(_ tensor: MergedTensor, into values: UnsafeMutablePointer<Float>) {
    switch tensor.source {
    case .base(let name):
      if let parameter = model.description.parameter(name) { base.read(parameter, into: values) }
    case .trained(let name):
      if let source = address(of: name) { values.update(from: source, count: tensor.shape.count) }
    }
    if let update = tensor.update {
      add(update, to: values)
      if let magnitude = update.magnitude.flatMap(address(of:)) {
        update.rescale(values, to: magnitude)
      }
    }
    if let rows = tensor.rows, let source = address(of: rows.name) {
      let width = tensor.shape[1]
      for (index, row) in rows.ids.enumerated() {
        (values + row * width).update(from: source + index * width, count: width)
      }
    }
    if let bias = tensor.bias, let source = address(of: bias.name) {
      for index in 0..<tensor.shape.count { values[index] += Float(bias.scaling) * source[index] }
    }
  }

  /// The trained weight called `name`.
  func address(of name: String) -> UnsafeMutablePointer<Float>? {
    guard let weights, let offset = parameters.offset(of: name) else { return nil }
    return weights + offset
  }

  /// Makes what was trained so far part of the base.
  private func mergeIntoBase() throws {
    guard let adaptation else { return }
    if adaptation.untiesWeights(of: model.description) {
      throw DiagnosticError(
        Diagnostic(
          .error, .conflictingKeys,
          "a stage that adapts tied weights apart cannot be followed by another method",
          help: "export the merged model, and load it in a second pipeline"))
    }
    for tensor in adaptation.mergedTensors(of: model.description) where tensor.isChanged {
      guard let parameter = model.description.parameter(tensor.name) else { continue }
      let values = try AlignedBuffer(byteCount: 4 * tensor.shape.count)
      guard let address = values.floats.baseAddress else { continue }
      read(tensor, into: address)
      try base.set(parameter, to: address)
    }
    self.adaptation = nil
    beginnings = [:]
    trainable = nil
    parameters = ParameterLayout([])
  }

  private static func read(
    _ files: AdapterFiles, _ plan: AdaptationPlan, _ layout: ParameterLayout,
    into weights: UnsafeMutableBufferPointer<Float>
  ) {
    for tensor in files.tensors {
      guard let parameter = plan.parameter(forAdapterKey: tensor.name),
        let offset = layout.offset(of: parameter.name), tensor.shape == parameter.fileShape
      else { continue }
      let count = parameter.shape.count
      let target = UnsafeMutableBufferPointer(rebasing: weights[offset..<offset + count])
      guard parameter.isTransposedInFile else {
        tensor.readFloat32(into: target)
        continue
      }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { stored in
        tensor.readFloat32(into: stored)
        let (rows, columns) = (parameter.shape[0], parameter.shape[1])
        for row in 0..<rows {
          for column in 0..<columns {
            target[row * columns + column] = stored[column * rows + row]
          }
        }
      }
    }
  }
}
