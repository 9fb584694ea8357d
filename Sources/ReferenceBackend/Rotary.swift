#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Tensors

extension RotaryTable {
  /// A row of cosines, then of sines, for each position.
  func result(of positions: Operand) -> [Double] {
    var result: [Double] = []
    for position in 0..<positions.shape[0] {
      let angles = inverseFrequencies.map { Double(positions.integer(position)) * Double($0) }
      result += angles.map { cos($0) * Double(attentionScaling) }
      result += angles.map { sin($0) * Double(attentionScaling) }
    }
    return result
  }
}

extension Rotary {
  /// Each pair `(a, b)` becomes `(a·cos − b·sin, b·cos + a·sin)`, with `−sin` when inverse.
  func result(of x: Operand, table: Operand) -> [Double] {
    let pairs = table.shape[1] / 2
    let width = headDimension ?? 2 * pairs
    let heads = x.shape[1] / width
    var result = x.elements
    for row in 0..<x.shape[0] {
      let angles = table.row(row)
      for head in 0..<heads {
        let start = row * x.shape[1] + head * width
        for pair in 0..<pairs {
          let (cosine, sine) = (
            angles[pair], inverse ? -angles[pairs + pair] : angles[pairs + pair]
          )
          let (a, b) = (result[start + pair], result[start + pairs + pair])
          result[start + pair] = a * cosine - b * sine
          result[start + pairs + pair] = b * cosine + a * sine
        }
      }
    }
    return result
  }
}
