package import Tensors

extension StoredTensor {
  /// Reads all elements as float32, rows in the tensor's order.
  ///
  /// - Parameter elements: as many as the shape has.
  /// - Precondition: `elements.count` is `shape.count`.
  package func readFloat32(into elements: UnsafeMutableBufferPointer<Float>) {
    precondition(elements.count == shape.count, "as many elements as the shape has")
    guard let target = elements.baseAddress else { return }
    forEachRun { source, offset, count in
      ElementConversion.decode(type, source, count, into: target + offset)
    }
  }

  /// Reads all elements as bfloat16, rounded to nearest even, rows in the tensor's order.
  ///
  /// A float64 is rounded to float32 first.
  ///
  /// - Parameter elements: as many as the shape has.
  /// - Precondition: `elements.count` is `shape.count`.
  package func readBFloat16(into elements: UnsafeMutableBufferPointer<UInt16>) {
    precondition(elements.count == shape.count, "as many elements as the shape has")
    guard let target = elements.baseAddress else { return }
    if type == .bfloat16 {
      forEachRun { source, offset, count in
        UnsafeMutableRawPointer(target + offset).copyMemory(from: source, byteCount: 2 * count)
      }
      return
    }
    let pieceElements = 4096
    withUnsafeTemporaryAllocation(of: Float.self, capacity: pieceElements) { piece in
      guard let scratch = piece.baseAddress else { return }
      forEachRun { source, offset, count in
        var done = 0
        while done < count {
          let next = min(pieceElements, count - done)
          let bytes = done / type.blockElements * type.blockBytes
          ElementConversion.decode(type, source + bytes, next, into: scratch)
          ElementConversion.roundToBFloat16(scratch, next, into: target + offset + done)
          done += next
        }
      }
    }
  }

  /// Reads all elements in a quantised type, rows in the tensor's order.
  ///
  /// Blocks of that type are copied; everything else is quantised piece by piece.
  ///
  /// - Parameters:
  ///   - dtype: the type to be read as.
  ///   - blocks: as many bytes as the shape's elements take.
  /// - Precondition: `dtype` is quantised, the shape's rows are whole blocks of it, and
  ///   `blocks.count` is what they take.
  package func read(_ dtype: DType, into blocks: UnsafeMutableRawBufferPointer) {
    precondition(
      dtype.isQuantised && dtype.kept(for: shape) == dtype
        && blocks.count == dtype.byteCount(shape.count), "as many blocks as the shape has")
    guard let target = blocks.baseAddress else { return }
    if type == StoredType(dtype) {
      forEachRun { source, offset, count in
        (target + dtype.byteCount(offset)).copyMemory(
          from: source, byteCount: dtype.byteCount(count))
      }
      return
    }
    let pieceElements = 4096
    withUnsafeTemporaryAllocation(of: Float.self, capacity: pieceElements) { piece in
      guard let scratch = piece.baseAddress else { return }
      forEachRun { source, offset, count in
        for done in stride(from: 0, to: count, by: pieceElements) {
          let next = min(pieceElements, count - done)
          let bytes = done / type.blockElements * type.blockBytes
          ElementConversion.decode(type, source + bytes, next, into: scratch)
          BlockCodec.encode(dtype, scratch, next, into: target + dtype.byteCount(offset + done))
        }
      }
    }
  }

  /// Calls `body` with each stretch that lies in one piece: bytes, first element, element count.
  private func forEachRun(_ body: (UnsafeRawPointer, Int, Int) -> Void) {
    guard let start = storedBytes.baseAddress, shape.count > 0 else { return }
    if let strides {
      forEachStridedRun(start, strides, body)
      return
    }
    guard let rowPermutation else {
      body(start, 0, shape.count)
      return
    }
    let rows = shape.rows
    let rowElements = shape.count / rows
    let rowBytes = byteRange.count / rows
    for row in 0..<rows {
      let stored = rowPermutation.storedRow(row, of: rows)
      body(start + stored * rowBytes, row * rowElements, rowElements)
    }
  }

  /// All elements as they are stored, in the order of the shape.
  ///
  /// - Precondition: the tensor has no permuted rows.
  var storedElements: [UInt8] {
    precondition(rowPermutation == nil, "permuted rows are read as numbers")
    return [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, count in
      if let target = bytes.baseAddress {
        forEachRun { source, offset, elements in
          UnsafeMutableRawPointer(target + offset * type.blockBytes).copyMemory(
            from: source, byteCount: elements * type.blockBytes)
        }
      }
      count = byteCount
    }
  }

  /// The same for a view: the innermost dimension is a run, gathered where its elements lie apart.
  private func forEachStridedRun(
    _ start: UnsafeRawPointer, _ strides: [Int], _ body: (UnsafeRawPointer, Int, Int) -> Void
  ) {
    let size = type.blockBytes
    let pieceElements = 4096
    var dimensions = shape.dimensions
    var strides = strides
    let (length, step) = (dimensions.popLast() ?? 1, strides.popLast() ?? 1)
    var indices = [Int](repeating: 0, count: dimensions.count)
    var source = 0
    withUnsafeTemporaryAllocation(byteCount: pieceElements * size, alignment: 8) { piece in
      guard let scratch = piece.baseAddress else { return }
      for row in 0..<shape.count / length {
        let first = start + source * size
        if step == 1 {
          body(first, row * length, length)
        } else {
          for done in stride(from: 0, to: length, by: pieceElements) {
            let next = min(pieceElements, length - done)
            Self.gather(first + done * step * size, next, step * size, size, into: scratch)
            body(UnsafeRawPointer(scratch), row * length + done, next)
          }
        }
        for dimension in dimensions.indices.reversed() {
          indices[dimension] += 1
          source += strides[dimension]
          if indices[dimension] < dimensions[dimension] { break }
          source -= strides[dimension] * dimensions[dimension]
          indices[dimension] = 0
        }
      }
    }
  }

  /// Copies `count` elements of `size` bytes that lie `step` bytes apart.
  private static func gather(
    _ source: UnsafeRawPointer, _ count: Int, _ step: Int, _ size: Int,
    into target: UnsafeMutableRawPointer
  ) {
    func copy<Element: BitwiseCopyable>(_: Element.Type) {
      for index in 0..<count {
        target.storeBytes(
          of: source.loadUnaligned(fromByteOffset: index &* step, as: Element.self),
          toByteOffset: index &* Swift.MemoryLayout<Element>.size, as: Element.self)
      }
    }
    switch size {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    default: copy(UInt64.self)
    }
  }
}
