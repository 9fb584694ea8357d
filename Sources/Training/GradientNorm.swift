/// The length of all gradients as one vector, and what clipping makes of it.
package enum GradientNorm {
  /// Elements of a block; sums over blocks are added in their order.
  package static let blockSize = 4096

  /// The sum of squares of `count` gradients: in double, by blocks, always in the same order.
  ///
  /// Threads may each take whole blocks: the sums of ``blockSum(_:count:)`` added in order are this.
  package static func sumOfSquares(_ gradients: UnsafePointer<Float>, count: Int) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: count, by: blockSize) {
      total += blockSum(gradients + start, count: min(blockSize, count - start))
    }
    return total
  }

  /// The sum of squares of one block, in eight lanes.
  package static func blockSum(_ gradients: UnsafePointer<Float>, count: Int) -> Double {
    var lanes = SIMD8<Double>(repeating: 0)
    var index = 0
    while index + 8 <= count {
      let values = SIMD8<Double>(
        UnsafeRawPointer(gradients + index).loadUnaligned(as: SIMD8<Float>.self))
      lanes += values * values
      index += 8
    }
    var total = lanes.sum()
    while index < count {
      total += Double(gradients[index]) * Double(gradients[index])
      index += 1
    }
    return total
  }

  /// What gradients of length `norm` are multiplied by so that they are at most `limit` long, as
  /// `torch.nn.utils.clip_grad_norm_`: `min(1, limit / (norm + 1e-6))`.
  package static func clipCoefficient(norm: Double, limit: Double?) -> Float {
    guard let limit else { return 1 }
    let coefficient = limit / (norm + 1e-6)
    return coefficient > 1 ? 1 : Float(coefficient)
  }
}
