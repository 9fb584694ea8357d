import Tensors

/// `y = x·wᵀ (+ b)`: `x (N, I)`, `w (O, I)`, `b (O)`, `y (N, O)`.
struct LinearLayer {
  let path: String
  let inputs: Int
  let outputs: Int
  var hasBias = false
  let deviation: Float
  /// The weight that this layer's is one with.
  var tiedTo: String?
  var isOutputHead = false

  /// The name of the weight that the product reads.
  var storedWeight: String { tiedTo ?? path + ".weight" }

  func declare(in outline: inout ModelOutline) {
    var parameters = [
      ParameterDescription(
        name: path + ".weight", shape: Shape(outputs, inputs),
        initialisation: .normal(deviation: deviation, zeroRow: nil), module: path, tiedTo: tiedTo)
    ]
    if hasBias {
      parameters.append(
        ParameterDescription(
          name: path + ".bias", shape: Shape(outputs), initialisation: .zeros, module: path))
    }
    outline.module(
      Module(
        path: path, kind: .linear(inputs: inputs, outputs: outputs, hasBias: hasBias),
        isOutputHead: isOutputHead), parameters)
  }

  /// Appends the product, `addend (N, O)` added to it where there is one.
  func apply(
    to x: ValueID, addend: ValueID? = nil, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let weight = program.weight(storedWeight, Shape(outputs, inputs))
    let y = try program.append(
      .product(Product(transposeB: true)), [x, weight] + (addend.map { [$0] } ?? []), label: path)
    guard hasBias else { return y }
    let bias = program.weight(path + ".bias", Shape(outputs))
    return try program.append(.addBias(AddBias()), [y, bias], label: path)
  }
}

/// The table of token vectors: ids `(N)` give `(N, D)`.
struct TokenEmbedding {
  let path: String
  let count: Int
  let dimension: Int
  let deviation: Float
  let paddingRow: Int?

  var weight: String { path + ".weight" }

  func declare(in outline: inout ModelOutline) {
    outline.module(
      Module(path: path, kind: .embedding(count: count, dimension: dimension)),
      [
        ParameterDescription(
          name: weight, shape: Shape(count, dimension),
          initialisation: .normal(deviation: deviation, zeroRow: paddingRow), module: path)
      ])
  }

  func apply(to ids: ValueID, in program: inout ForwardBuilder) throws(ProgramError) -> ValueID {
    let table = program.weight(weight, Shape(count, dimension))
    return try program.append(.embedding(Embedding()), [table, ids], label: path)
  }
}

/// Root-mean-square normalisation of `(N, D)` with a weight a column.
struct RMSNormLayer {
  let path: String
  let dimension: Int
  let epsilon: Float

  func declare(in outline: inout ModelOutline) {
    outline.module(
      Module(path: path, kind: .norm(dimension: dimension)),
      [
        ParameterDescription(
          name: path + ".weight", shape: Shape(dimension), initialisation: .ones, module: path)
      ])
  }

  func apply(to x: ValueID, in program: inout ForwardBuilder) throws(ProgramError) -> ValueID {
    let weight = program.weight(path + ".weight", Shape(dimension))
    return try program.append(
      .rmsNorm(Tensors.RMSNorm(epsilon: epsilon)), [x, weight], label: path)
  }
}
