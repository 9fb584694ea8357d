import Randomness
import Tensors

/// `a + b` by elements.
func sum(_ a: Operand, _ b: Operand) -> [Double] {
  zip(a.elements, b.elements).map { $0 + $1 }
}

/// `a · b` by elements.
func elementProduct(_ a: Operand, _ b: Operand) -> [Double] {
  zip(a.elements, b.elements).map { $0 * $1 }
}

/// `x + b` on every row.
func biased(_ x: Operand, _ bias: Operand) -> [Double] {
  let width = x.shape[1]
  return x.elements.enumerated().map { index, value in value + bias[index % width] }
}

/// The sum of each column.
func columnSums(_ x: Operand) -> [Double] {
  var sums = [Double](repeating: 0, count: x.shape[1])
  for row in 0..<x.shape[0] {
    for (column, value) in x.row(row).enumerated() { sums[column] += value }
  }
  return sums
}

extension Scale {
  /// `factor · x`.
  func result(of x: Operand) -> [Double] { x.elements.map { Double(factor) * $0 } }
}

extension Dropout {
  /// `x / (1 − rate)` where the stream keeps the element, zero elsewhere.
  func result(of x: Operand, _ chance: Chance) -> [Double] {
    let random = RandomStream(seed: chance.seed, name: stream)
    let factor = 1 / (1 - Double(rate))
    return x.elements.enumerated().map { element, value in
      random.keeps(step: chance.randomStep, element: element, rate: rate) ? value * factor : 0
    }
  }
}
