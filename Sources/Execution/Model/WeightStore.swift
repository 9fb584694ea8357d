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

  /// Maps or converts the weights of `checkpoint`.
  ///
  /// - Precondition: planning has checked that every weight is there with its shape.
  init(
    _ description: ModelDescription, checkpoint: Checkpoint, weightType: DType
  ) throws(AllocationError) {
    self.weightType = weightType
    for parameter in description.storedParameters {
      guard let tensor = checkpoint.tensors[parameter.name] else { continue }
      let type = keptType(of: parameter.shape, weightType: weightType)
      if let bytes = Self.inPlaceBytes(of: tensor, as: type) {
        pointers[parameter.name] = bytes
        files.append(tensor.file)
        continue
      }
      let buffer = try allocate(parameter, type)
      switch type {
      case .float32: tensor.readFloat32(into: buffer.floats)
      case .bfloat16: tensor.readBFloat16(into: buffer.words)
      case .float16, .int32: preconditionFailure("weights are kept as float32 or bfloat16")
      }
      // What was converted is not read again: its pages must not stay beside the copy.
      tensor.file.releasePages()
    }
  }

  /// Draws the weights of a created model.
  init(_ description: ModelDescription, seed: UInt64, weightType: DType) throws(AllocationError) {
    self.weightType = weightType
    for parameter in description.storedParameters {
      let type = keptType(of: parameter.shape, weightType: weightType)
      let drawn = try AlignedBuffer(byteCount: parameter.shape.count * 4)
      parameter.fill(into: drawn.floats, seed: seed)
      if type == .float32 {
        keep(drawn, as: parameter.name)
      } else {
        try set(parameter, to: drawn.pointer.assumingMemoryBound(to: Float.self))
      }
    }
  }

  /// Forgets every weight, for a stage that trains all of them in buffers of its own.
  func removeAll() {
    pointers.removeAll()
    buffers.removeAll()
    for file in files { file.releasePages() }
    files.removeAll()
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
    case .float16, .int32: preconditionFailure("weights are kept as float32 or bfloat16")
    }
  }

  /// Copies a weight as float32 into `values`.
  func read(_ parameter: ParameterDescription, into values: UnsafeMutablePointer<Float>) {
    guard let pointer = pointers[parameter.name] else { return }
    let count = parameter.shape.count
    switch keptType(of: parameter.shape, weightType: weightType) {
    case .float32:
      UnsafeMutableRawPointer(values).copyMemory(from: pointer, byteCount: count * 4)
    case .bfloat16:
      ElementConversion.widenBFloat16(
        pointer.assumingMemoryBound(to: UInt16.self), count, into: values)
    case .float16, .int32: preconditionFailure("weights are kept as float32 or bfloat16")
    }
  }

  /// Copies some rows of a matrix as float32 into `values`, one after the other.
  func read(
    _ parameter: ParameterDescription, rows: [Int], into values: UnsafeMutablePointer<Float>
  ) {
    guard let pointer = pointers[parameter.name] else { return }
    let width = parameter.shape.columns
    for (index, row) in rows.enumerated() {
      let target = values + index * width
      switch keptType(of: parameter.shape, weightType: weightType) {
      case .float32:
        UnsafeMutableRawPointer(target).copyMemory(
          from: pointer + 4 * row * width, byteCount: 4 * width)
      case .bfloat16:
        ElementConversion.widenBFloat16(
          pointer.assumingMemoryBound(to: UInt16.self) + row * width, width, into: target)
      case .float16, .int32: preconditionFailure("weights are kept as float32 or bfloat16")
      }
    }
  }

  /// The bytes of `tensor` where they can be used as `type` without a copy.
  static func inPlaceBytes(of tensor: StoredTensor, as type: DType) -> UnsafeRawPointer? {
    switch (tensor.type, type) {
    case (.float32, .float32), (.bfloat16, .bfloat16): tensor.mappedBytes?.baseAddress
    default: nil
    }
  }

  private func allocate(
    _ parameter: ParameterDescription, _ type: DType
  ) throws(AllocationError) -> AlignedBuffer {
    let buffer = try AlignedBuffer(byteCount: parameter.shape.count * type.byteCount)
    keep(buffer, as: parameter.name)
    return buffer
  }

  private func keep(_ buffer: AlignedBuffer, as name: String) {
    buffers[name] = buffer
    pointers[name] = UnsafeRawPointer(buffer.pointer)
  }
}

extension AlignedBuffer {
  /// The memory as 16-bit words.
  var words: UnsafeMutableBufferPointer<UInt16> {
    UnsafeMutableBufferPointer(
      start: pointer.assumingMemoryBound(to: UInt16.self), count: byteCount / 2)
  }
}
