import Randomness
import Tensors

extension Initialisation {
  /// Writes the beginning of the weight `name` into `values`, from the stream `init/<name>`.
  ///
  /// `columns` is the last extent of the weight, for the row that stays zero.
  package func fill(
    _ name: String, into values: UnsafeMutableBufferPointer<Float>, columns: Int, seed: UInt64
  ) {
    let stream = RandomStream(seed: seed, name: "init/" + name)
    switch self {
    case .normal(let deviation, let zeroRow):
      stream.fillNormal(values, deviation: deviation)
      guard let zeroRow, zeroRow >= 0, (zeroRow + 1) * columns <= values.count else { return }
      values[zeroRow * columns..<(zeroRow + 1) * columns].update(repeating: 0)
    case .uniform(let bound): stream.fillUniform(values, bound: bound)
    case .ones: values.update(repeating: 1)
    case .zeros: values.update(repeating: 0)
    }
  }
}

extension ParameterDescription {
  /// Writes the weight of a created model into `values`, which hold `shape.count` elements.
  package func fill(into values: UnsafeMutableBufferPointer<Float>, seed: UInt64) {
    initialisation.fill(name, into: values, columns: shape.columns, seed: seed)
  }
}
