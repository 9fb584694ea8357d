import Tensors

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

  /// Calls `body` with each stretch that lies in one piece: bytes, first element, element count.
  private func forEachRun(_ body: (UnsafeRawPointer, Int, Int) -> Void) {
    guard let start = storedBytes.baseAddress, shape.count > 0 else { return }
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
}
