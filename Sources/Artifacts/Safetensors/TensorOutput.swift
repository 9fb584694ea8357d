package import Tensors

/// A tensor that is to be written, as a promise of its bytes: nothing is copied before its turn.
package struct TensorOutput {
  package let name: String
  package let type: StoredType
  package let shape: Shape
  /// Writes the elements' bytes, in the shape's order; as many as type and shape need.
  let write: (OutputFile) throws(ArtifactError) -> Void

  /// Promises a tensor whose bytes `write` appends when asked.
  ///
  /// - Precondition: `type` is not a quantised one.
  package init(
    _ name: String, _ type: StoredType, _ shape: Shape,
    write: @escaping (OutputFile) throws(ArtifactError) -> Void
  ) {
    precondition(type.safetensorsName != nil, "quantised tensors are read, not written")
    self.name = name
    self.type = type
    self.shape = shape
    self.write = write
  }

  /// Promises a tensor whose bytes lie at `bytes`, which must stay until it is written.
  package init(_ name: String, _ type: StoredType, _ shape: Shape, bytes: UnsafeRawBufferPointer) {
    self.init(name, type, shape) { (file) throws(ArtifactError) in try file.write(bytes) }
  }

  /// Promises a float32 tensor of `elements`.
  package init(_ name: String, _ shape: Shape, _ elements: [Float]) {
    self.init(name, .float32, shape) { (file) throws(ArtifactError) in
      try file.write(float32: elements)
    }
  }

  /// Promises float32 elements, which must stay until they are written, rounded to `type`.
  ///
  /// - Precondition: `type` is `float32` or `bfloat16`.
  package init(
    _ name: String, _ shape: Shape, rounding elements: UnsafeBufferPointer<Float>,
    to type: StoredType
  ) {
    switch type {
    case .float32:
      self.init(name, type, shape, bytes: UnsafeRawBufferPointer(elements))
    case .bfloat16:
      self.init(name, type, shape) { (file) throws(ArtifactError) in
        try file.write(roundingToBFloat16: elements)
      }
    case .float16, .float64, .int8, .int16, .int32, .int64, .uint8, .bool, .q40, .q41, .q80:
      preconditionFailure("elements are written as float32 or bfloat16")
    }
  }

  /// Promises what `tensor` holds, as bytes of `type`.
  ///
  /// Bytes are copied from the file where they already are of that type and in order.
  /// - Precondition: `type` is `float32`, `bfloat16` or the tensor's own unquantised type.
  package init(_ tensor: StoredTensor, as type: StoredType, name: String? = nil) {
    self.init(name ?? tensor.name, type, tensor.shape) { (file) throws(ArtifactError) in
      try file.write(tensor, as: type)
    }
  }

  /// The number of bytes that the tensor takes.
  ///
  /// - Precondition: the shape is one that memory could hold.
  package var byteCount: Int {
    guard let count = type.byteCount(shape.dimensions) else {
      preconditionFailure("a tensor's bytes must be countable")
    }
    return count
  }
}

extension OutputFile {
  /// Appends the bytes of `elements`.
  package func write(float32 elements: [Float]) throws(ArtifactError) {
    // A typed throw does not pass through `withUnsafeBytes` of an array.
    let failure: ArtifactError? = elements.withUnsafeBytes { bytes in
      do throws(ArtifactError) {
        try write(bytes)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// Appends `elements`, rounded to bfloat16 piece by piece.
  package func write(
    roundingToBFloat16 elements: UnsafeBufferPointer<Float>
  ) throws(ArtifactError) {
    guard let source = elements.baseAddress else { return }
    let piece = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: min(elements.count, 1 << 16))
    defer { piece.deallocate() }
    guard let scratch = piece.baseAddress else { return }
    var done = 0
    while done < elements.count {
      let next = min(piece.count, elements.count - done)
      ElementConversion.roundToBFloat16(source + done, next, into: scratch)
      try write(UnsafeRawBufferPointer(start: scratch, count: 2 * next))
      done += next
    }
  }

  /// Appends the elements of `tensor` as `type`.
  func write(_ tensor: StoredTensor, as type: StoredType) throws(ArtifactError) {
    if tensor.type == type, tensor.isInOrder {
      try write(tensor.storedBytes)
      return
    }
    if tensor.type == type, tensor.rowPermutation == nil {
      try write(tensor.storedElements)
      return
    }
    switch type {
    case .float32:
      let elements = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.shape.count)
      defer { elements.deallocate() }
      tensor.readFloat32(into: elements)
      try write(UnsafeRawBufferPointer(elements))
    case .bfloat16:
      let elements = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: tensor.shape.count)
      defer { elements.deallocate() }
      tensor.readBFloat16(into: elements)
      try write(UnsafeRawBufferPointer(elements))
    case .float16, .float64, .int8, .int16, .int32, .int64, .uint8, .bool, .q40, .q41, .q80:
      preconditionFailure("a tensor is written as float32, as bfloat16 or as it is")
    }
  }
}
