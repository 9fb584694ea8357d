import Artifacts
import Models
import Planning
import Tensors

/// The base weights of a model in memory: mapped from the file where its bytes serve as they are,
/// converted once otherwise.
///
/// Matrices are kept in the pipeline's dtype, everything else in float32.
final class WeightStore {
  /// Every stored weight's address, alive as long as the store.
  private(set) var pointers: [String: UnsafeRawPointer] = [:]
  let weightType: DType
  private var buffers: [String: AlignedBuffer] = [:]
  private var files: [MappedFile] = []

  /// Maps or converts the weights of `checkpoint`; those of a head that it lacks are drawn.
  ///
  /// - Precondition: planning has checked that every other weight is there with its shape.
  init(
    _ description: ModelDescription, checkpoint: Checkpoint, seed: UInt64, weightType: DType
  ) throws(AllocationError) {
    self.weightType = weightType
    for parameter in description.storedParameters {
      guard let tensor = checkpoint.tensor(of: parameter, in: description) else {
        if parameter.role == .buffer {
          try clear(parameter)
        } else {
          try draw(parameter, seed: seed)
        }
        continue
      }
      let type = keptType(of: parameter.shape, weightType: weightType)
      if let bytes = tensor.mappedBytes(as: type)?.baseAddress {
        pointers[parameter.name] = bytes
        files.append(tensor.file)
        continue
      }
      let buffer = try allocate(parameter, type)
      switch type {
      case .float32: tensor.readFloat32(into: buffer.floats)
      case .bfloat16: tensor.readBFloat16(into: buffer.words)
      case .q80, .q40, .nf4: tensor.read(type, into: buffer.bytes)
      case .float16, .int32: preconditionFailure("no weight is kept as \(type)")
      }
      // What was converted is not read again: its pages must not stay beside the copy.
      tensor.file.releasePages()
    }
  }

  /// Draws the weights of a created model.
  init(_ description: ModelDescription, seed: UInt64, weightType: DType) throws(AllocationError) {
    self.weightType = weightType
    for parameter in description.storedParameters { try draw(parameter, seed: seed) }
  }

  /// Draws a weight as it begins.
  private func draw(
    _ parameter: ParameterDescription, seed: UInt64
  ) throws(AllocationError) {
    let drawn = try AlignedBuffer(byteCount: parameter.shape.count * 4)
    parameter.fill(into: drawn.floats, seed: seed)
    if keptType(of: parameter.shape, weightType: weightType) == .float32 {
      keep(drawn, as: parameter.name)
    } else {
      try set(parameter, to: drawn.pointer.assumingMemoryBound(to: Float.self))
    }
  }

  /// Forgets every weight that can be trained, for a stage that trains all of them in buffers of its own.
  func removeWeights(of description: ModelDescription) {
    for parameter in description.trainableParameters {
      pointers[parameter.name] = nil
      buffers[parameter.name] = nil
    }
    for file in files { file.releasePages() }
    if pointers.isEmpty { files.removeAll() }
  }

  /// Makes a buffer that the checkpoint lacks zero, as transformers does.
  private func clear(_ parameter: ParameterDescription) throws(AllocationError) {
    let type = keptType(of: parameter.shape, weightType: weightType)
    let buffer = try allocate(parameter, type)
    buffer.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: buffer.byteCount)
  }

  /// Forgets the weights called `names`, which a stage trains in buffers of its own.
  func remove(_ names: [String]) {
    for name in names {
      pointers[name] = nil
      buffers[name] = nil
    }
  }

  /// Replaces a weight by float32 `values`, rounded to the dtype it is kept in.
  func set(
    _ parameter: ParameterDescription, to values: UnsafePointer<Float>
  ) throws(AllocationError) {
    let type = keptType(of: parameter.shape, weightType: weightType)
    let buffer = try allocate(parameter, type)
    let count = parameter.shape.count
    switch type {
    case .float32: buffer.floats.baseAddress?.update(from: values, count: count)
    case .bfloat16:
      if let target = buffer.words.baseAddress {
        ElementConversion.roundToBFloat16(values, count, into: target)
      }
    case .q80, .q40, .nf4: BlockCodec.encode(type, values, count, into: buffer.pointer)
    case .float16, .int32: preconditionFailure("no weight is kept as \(type)")
    }
  }

  /// Copies a weight as float32 into `values`.
  func read(_ parameter: ParameterDescription, into values: UnsafeMutablePointer<Float>) {
    guard let pointer = pointers[parameter.name] else { return }
    let type = keptType(of: parameter.shape, weightType: weightType)
    Self.widen(type, pointer, parameter.shape.count, into: values)
  }

  /// Copies some rows of a matrix as float32 into `values`, one after the other.
  func read(
    _ parameter: ParameterDescription, rows: [Int], into values: UnsafeMutablePointer<Float>
  ) {
    guard let pointer = pointers[parameter.name] else { return }
    let type = keptType(of: parameter.shape, weightType: weightType)
    let width = parameter.shape.columns
    for (index, row) in rows.enumerated() {
      Self.widen(
        type, pointer + row * type.byteCount(width), width, into: values + index * width)
    }
  }

  /// Copies `count` elements that are kept as `type` as float32 into `values`.
  private static func widen(
    _ type: DType, _ source: UnsafeRawPointer, _ count: Int,
    into values: UnsafeMutablePointer<Float>
  ) {
    switch type {
    case .float32:
      UnsafeMutableRawPointer(values).copyMemory(from: source, byteCount: count * 4)
    case .bfloat16:
      ElementConversion.widenBFloat16(
        source.assumingMemoryBound(to: UInt16.self), count, into: values)
    case .q80, .q40, .nf4: BlockCodec.decode(type, source, count, into: values)
    case .float16, .int32: preconditionFailure("no weight is kept as \(type)")
    }
  }

  private func allocate(
    _ parameter: ParameterDescription, _ type: DType
  ) throws(AllocationError) -> AlignedBuffer {
    let buffer = try AlignedBuffer(byteCount: type.byteCount(parameter.shape.count))
    keep(buffer, as: parameter.name)
    return buffer
  }

  private func keep(_ buffer: AlignedBuffer, as name: String) {
    buffers[name] = buffer
    pointers[name] = UnsafeRawPointer(buffer.pointer)
  }
}

extension AlignedBuffer {
  /// The memory as bytes.
  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
  }

  /// The memory as 16-bit words.
  var words: UnsafeMutableBufferPointer<UInt16> {
    UnsafeMutableBufferPointer(
      start: pointer.assumingMemoryBound(to: UInt16.self), count: byteCount / 2)
  }
}
