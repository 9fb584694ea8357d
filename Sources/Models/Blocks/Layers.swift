import Tensors

/// `y = x·wᵀ (+ b)`: `x (N, I)`, `w (O, I)`, `b (O)`, `y (N, O)`; where inputs come first, `w (I, O)` and
/// `y = x·w (+ b)`.
struct LinearLayer: OutlineModule {
  let path: String
  let inputs: Int
  let outputs: Int
  var hasBias = false
  let deviation: Float
  /// The weight that this layer's is one with.
  var tiedTo: String?
  /// The weight that this layer's bias is one with.
  var biasTiedTo: String?
  var isOutputHead = false
  var storesInputsFirst = false

  /// The name of the weight that the product reads.
  var storedWeight: String { tiedTo ?? path + ".weight" }
  /// The name of the bias that is added.
  var storedBias: String { biasTiedTo ?? path + ".bias" }

  private var shape: Shape {
    storesInputsFirst ? Shape(inputs, outputs) : Shape(outputs, inputs)
  }

  func declare(in outline: inout ModelOutline) {
    var parameters = [
      ParameterDescription(
        name: path + ".weight", shape: shape,
        initialisation: .normal(deviation: deviation, zeroRow: nil), module: path, tiedTo: tiedTo)
    ]
    if hasBias {
      parameters.append(
        ParameterDescription(
          name: path + ".bias", shape: Shape(outputs), initialisation: .zeros, module: path,
          tiedTo: biasTiedTo))
    }
    outline.module(
      Module(
        path: path, kind: .linear(inputs: inputs, outputs: outputs, hasBias: hasBias),
        isOutputHead: isOutputHead, storesInputsFirst: storesInputsFirst), parameters)
  }

  /// Appends the product, `addend (N, O)` added to it where there is one.
  func apply(
    to x: ValueID, addend: ValueID? = nil, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let weight = program.weight(storedWeight, shape)
    let y = try program.append(
      .product(Product(transposeB: !storesInputsFirst)),
      [x, weight] + (addend.map { [$0] } ?? []), label: path)
    guard hasBias else { return y }
    let bias = program.weight(storedBias, Shape(outputs))
    return try program.append(.addBias(AddBias()), [y, bias], label: path)
  }

  /// Appends the product, what `rate` leaves of it added to `addend (N, O)` where there is one.
  func apply(
    to x: ValueID, addend: ValueID?, dropping rate: Double?, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    guard let dropout = program.dropout(rate, at: path) else {
      return try apply(to: x, addend: addend, in: &program)
    }
    let y = try apply(to: x, in: &program)
    let kept = try program.append(.dropout(dropout), [y], label: path)
    guard let addend else { return kept }
    return try program.append(.add(Add()), [addend, kept], label: path)
  }
}

/// A table of vectors, for tokens or positions: ids `(N)` give `(N, D)`, row `offset + id` each.
struct EmbeddingLayer: OutlineModule {
  let path: String
  let count: Int
  let dimension: Int
  let deviation: Float
  var paddingRow: Int?
  /// The weight that this table is one with.
  var tiedTo: String?
  /// Rows before the first id's.
  var offset = 0

  /// The name of the weight that is read.
  var storedWeight: String { tiedTo ?? path + ".weight" }

  func declare(in outline: inout ModelOutline) {
    outline.module(
      Module(path: path, kind: .embedding(count: count, dimension: dimension)),
      [
        ParameterDescription(
          name: path + ".weight", shape: Shape(count, dimension),
          initialisation: .normal(deviation: deviation, zeroRow: paddingRow), module: path,
          tiedTo: tiedTo)
      ])
  }

  func apply(to ids: ValueID, in program: inout ForwardBuilder) throws(ProgramError) -> ValueID {
    let table = program.weight(storedWeight, Shape(count, dimension))
    return try program.append(
      .embedding(Embedding(offset: offset, paddingRow: paddingRow)), [table, ids], label: path)
  }
}

/// Normalisation of `(N, D)`, or of the heads of `(N, H·D)`, with a weight a column.
struct NormLayer: OutlineModule {
  let path: String
  let dimension: Int
  let epsilon: Float
  let kind: StackDescription.Norm

  func declare(in outline: inout ModelOutline) {
    var parameters = [
      ParameterDescription(
        name: path + ".weight", shape: Shape(dimension),
        initialisation: weightOffset == 0 ? .ones : .zeros, module: path)
    ]
    if centers {
      parameters.append(
        ParameterDescription(
          name: path + ".bias", shape: Shape(dimension), initialisation: .zeros, module: path))
    }
    outline.module(Module(path: path, kind: .norm(dimension: dimension)), parameters)
  }

  func apply(to x: ValueID, in program: inout ForwardBuilder) throws(ProgramError) -> ValueID {
    let weight = program.weight(path + ".weight", Shape(dimension))
    let y = try program.append(
      .rmsNorm(RMSNorm(epsilon: epsilon, centers: centers, weightOffset: weightOffset)),
      [x, weight], label: path)
    guard centers else { return y }
    let bias = program.weight(path + ".bias", Shape(dimension))
    return try program.append(.addBias(AddBias()), [y, bias], label: path)
  }

  private var centers: Bool {
    switch kind {
    case .rms: false
    case .layer: true
    }
  }

  private var weightOffset: Float {
    switch kind {
    case .rms(let offset): offset
    case .layer: 0
    }
  }
}

extension LinearLayer {
  /// The linear `part` of layer number `index`.
  init(
    _ description: StackDescription, _ part: LayerPart, layer index: Int, inputs: Int, outputs: Int,
    _ hasBias: Bool
  ) {
    self.init(
      path: description.names.path(of: part, in: index), inputs: inputs, outputs: outputs,
      hasBias: hasBias, deviation: description.deviation(of: part),
      storesInputsFirst: description.storesInputsFirst)
  }
}

extension NormLayer {
  /// The norm `part` of layer number `index`, over `dimension` numbers or the hidden size.
  init(
    _ description: StackDescription, _ part: LayerPart, layer index: Int, dimension: Int? = nil
  ) {
    self.init(
      description, path: description.names.path(of: part, in: index), dimension: dimension)
  }

  /// A norm as the stack's are.
  init(_ description: StackDescription, path: String, dimension: Int? = nil) {
    self.init(
      path: path, dimension: dimension ?? description.hiddenSize,
      epsilon: Float(description.normEpsilon), kind: description.norm)
  }
}

extension EmbeddingLayer {
  /// The table that an encoder and a decoder share, under the name that the decoder's is tied to.
  init?(shared description: StackDescription) {
    guard let weight = description.tokensTiedTo else { return nil }
    self.init(
      path: weight.split(separator: ".").dropLast().joined(separator: "."),
      count: description.vocabularySize, dimension: description.hiddenSize,
      deviation: Float(description.tokenDeviation ?? description.initializerRange),
      paddingRow: description.paddingTokenID)
  }
}
