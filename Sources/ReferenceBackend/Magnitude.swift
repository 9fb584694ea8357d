import Tensors

extension UpdatedNorms {
  /// The length of each output's weights with the update.
  func result(of inputs: [Operand]) -> [Double] {
    let (w, a, b) = (inputs[0], inputs[1], inputs[2])
    let (outputs, rank) = (b.shape[0], b.shape[1])
    let count = layout == .outputsFirst ? w.shape[1] : w.shape[0]
    return (0..<outputs).map { output in
      var sum = 0.0
      for input in 0..<count {
        var value =
          layout == .outputsFirst ? w[output * count + input] : w[input * outputs + output]
        for index in 0..<rank {
          let share = layout == .table ? a[input * rank + index] : a[index * count + input]
          value += Double(scale) * b[output * rank + index] * share
        }
        sum += value * value
      }
      return sum.squareRoot()
    }
  }
}

extension ScaleColumns {
  /// `x · m / d` by columns.
  func result(of inputs: [Operand]) -> [Double] {
    let factors = zip(inputs[1].elements, inputs[2].elements).map { $0 / $1 }
    return inputs[0].elements.enumerated().map { $1 * factors[$0 % factors.count] }
  }
}

extension ScaleColumnsGradient {
  /// `Σₙ x·dy / d` of each column.
  func result(of inputs: [Operand]) -> [Double] {
    let lengths = inputs[1].elements
    var sums = [Double](repeating: 0, count: lengths.count)
    for (index, (x, dy)) in zip(inputs[0].elements, inputs[2].elements).enumerated() {
      sums[index % lengths.count] += x * dy
    }
    return zip(sums, lengths).map { $0 / $1 }
  }
}
