package import LinearAlgebra

extension AdaptedModule {
  /// Takes a part of the module's weight to begin its update with; the weight keeps the rest.
  ///
  /// PiSSA: with the largest singular triplets `u·s·vᵀ` of the weight, `A = √(s / scaling)·vᵀ` and
  /// `B = u·√(s / scaling)`. OLoRA: the first columns of Q are B, the first rows of R are A. In both,
  /// `weight − scaling·B·A` stays. Shapes: `weight` as it is stored, `a (r, I)`, `b (O, r)`.
  ///
  /// - Throws: ``FactorizationError`` when the weight has no such factors.
  package func split(
    _ weight: UnsafeMutableBufferPointer<Float>, _ start: LoRASpecification.Start,
    a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>
  ) throws(FactorizationError) {
    guard start.changesBase, case .linear(let inputs, let outputs, _) = kind else { return }
    var matrix = Array(weight)
    if storesInputsFirst {
      for output in 0..<outputs {
        for input in 0..<inputs {
          matrix[output * inputs + input] = weight[input * outputs + output]
        }
      }
    }
    let factors: MatrixFactors
    switch start {
    case .kaimingUniform, .gaussian: return
    case .pissa:
      factors = try Factorization.singular(matrix, rows: outputs, columns: inputs, rank: rank)
    case .olora:
      factors = try Factorization.orthogonal(matrix, rows: outputs, columns: inputs, rank: rank)
    }
    let isSingular = start == .pissa
    for index in 0..<rank {
      let share = isSingular ? (factors.middle[index] / Float(scaling)).squareRoot() : 1
      for input in 0..<inputs {
        a[index * inputs + input] = share * factors.right[index * inputs + input]
      }
      for output in 0..<outputs {
        b[output * rank + index] = share * factors.left[output * rank + index]
      }
    }
    LowRankUpdate(
      rowFactor: nameOfB, rowFactorIsWide: false, columnFactor: nameOfA, columnFactorIsWide: true,
      rows: outputs, columns: inputs, rank: rank, scaling: -scaling, magnitude: nil,
      outputsAreRows: true
    ).add(rowFactor: b, columnFactor: a, to: &matrix)
    for output in 0..<outputs {
      for input in 0..<inputs {
        let place = storesInputsFirst ? input * outputs + output : output * inputs + input
        weight[place] = matrix[output * inputs + input]
      }
    }
  }
}
