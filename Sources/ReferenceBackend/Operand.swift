import Tensors

/// A value in memory.
struct Operand {
  let pointer: UnsafeMutableRawPointer
  let type: ValueType
  /// Whether results are added to what is there.
  let accumulates: Bool

  var shape: Shape { type.shape }

  /// The element at `index` in row-major order.
  subscript(index: Int) -> Double {
    switch type.dtype {
    case .float32: Double(pointer.load(fromByteOffset: 4 * index, as: Float.self))
    case .int32: Double(pointer.load(fromByteOffset: 4 * index, as: Int32.self))
    case .bfloat16:
      Double(
        Float(bitPattern: UInt32(pointer.load(fromByteOffset: 2 * index, as: UInt16.self)) << 16))
    case .float16: Double(pointer.load(fromByteOffset: 2 * index, as: Float16.self))
    case .q80, .q40, .nf4: Double(quantised(index))
    }
  }

  /// The element at `index` where the dtype is a quantised one, rounded to float32 as kept values are.
  private func quantised(_ index: Int) -> Float {
    let (block, place) = index.quotientAndRemainder(dividingBy: type.dtype.blockElements)
    let start = pointer + block * type.dtype.blockBytes
    func byte(_ offset: Int) -> Int { Int(start.load(fromByteOffset: offset, as: UInt8.self)) }
    func half() -> Float { Float(Float16(bitPattern: start.loadUnaligned(as: UInt16.self))) }
    switch type.dtype {
    case .q80: return half() * Float(Int8(truncatingIfNeeded: byte(2 + place)))
    case .q40:
      let pair = byte(2 + place % 16)
      return half() * Float((place < 16 ? pair & 15 : pair >> 4) - 8)
    case .nf4:
      let pair = byte(4 + place / 2)
      let level = BlockCodec.levels[place.isMultiple(of: 2) ? pair >> 4 : pair & 15]
      return start.loadUnaligned(as: Float.self) * level
    case .float32, .bfloat16, .float16, .int32:
      preconditionFailure("the dtype must be a quantised one")
    }
  }

  /// The element at `index` of an int32 operand.
  func integer(_ index: Int) -> Int {
    Int(pointer.load(fromByteOffset: 4 * index, as: Int32.self))
  }

  /// All elements in row-major order.
  var elements: [Double] {
    let count = shape.count
    var result: [Double] = []
    result.reserveCapacity(count)
    var index = 0
    while index < count {
      result.append(self[index])
      index += 1
    }
    return result
  }

  /// The elements of row number `row` of a matrix.
  func row(_ row: Int) -> [Double] {
    let width = shape.columns
    var result: [Double] = []
    result.reserveCapacity(width)
    var column = 0
    while column < width {
      result.append(self[row * width + column])
      column += 1
    }
    return result
  }

  /// Stores `values` rounded to float32, or adds them where the value is a gradient.
  func store(_ values: [Double]) {
    let floats = pointer.assumingMemoryBound(to: Float.self)
    for (index, value) in values.enumerated() {
      floats[index] = Float(accumulates ? Double(floats[index]) + value : value)
    }
  }
}

/// `Σᵢ a[aStart + i] · b[bStart + i]` over `count` elements.
func dot(
  _ a: [Double], from aStart: Int, _ b: [Double], from bStart: Int, count: Int
) -> Double {
  var sum = 0.0
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      guard let a = a.baseAddress, let b = b.baseAddress else { return }
      var index = 0
      while index < count {
        sum += a[aStart + index] * b[bStart + index]
        index += 1
      }
    }
  }
  return sum
}

/// `target[start + i] += factor · source[from + i]` over `count` elements.
func add(
  _ factor: Double, times source: [Double], from sourceStart: Int, to target: inout [Double],
  at start: Int, count: Int
) {
  target.withUnsafeMutableBufferPointer { target in
    source.withUnsafeBufferPointer { source in
      guard let target = target.baseAddress, let source = source.baseAddress else { return }
      var index = 0
      while index < count {
        target[start + index] += factor * source[sourceStart + index]
        index += 1
      }
    }
  }
}
