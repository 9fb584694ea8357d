import Tensors

/// A decoder of llama's kind with low-rank updates, built by hand: the real program of the tests.
struct SampleModel {
  let layers: Int
  let rows: Int
  let width: Int
  let vocabulary: Int
  /// Layers below this one have no trainable weight.
  let firstAdapted: Int
  let dropoutRate: Float

  init(
    layers: Int = 2, rows: Int = 8, width: Int = 16, vocabulary: Int = 32, firstAdapted: Int = 0,
    dropoutRate: Float = 0.1
  ) {
    self.layers = layers
    self.rows = rows
    self.width = width
    self.vocabulary = vocabulary
    self.firstAdapted = firstAdapted
    self.dropoutRate = dropoutRate
  }

  /// The forward program with the result `loss`.
  func forward() throws(ProgramError) -> Program {
    var b = ProgramBuilder()
    let ids = b.value(.input("ids"), ValueType(Shape(rows), .int32))
    let ranges = b.value(.input("ranges"), ValueType(Shape(rows, 2), .int32))
    let table = b.value(.frozen("embed"), ValueType(Shape(vocabulary, width)))
    let positions = b.value(.input("positions"), ValueType(Shape(rows), .int32))
    let angles = try b.append(
      .rotaryTable(RotaryTable(inverseFrequencies: [Float](repeating: 0.5, count: width / 4))),
      [positions])[0]
    var x = try b.append(.embedding(Embedding()), [table, ids])[0]
    for layer in 0..<layers {
      let name = "layers.\(layer)"
      let norm = OperationKind.rmsNorm(RMSNorm(epsilon: 1e-5))
      let first = b.value(.frozen("\(name).norm1"), ValueType(Shape(width)))
      let h = try b.append(norm, [x, first], label: name)[0]
      let q = try linear(&b, h, "\(name).q", width, width, adapted: layer >= firstAdapted)
      let k = try linear(&b, h, "\(name).k", width / 2, width)
      let v = try linear(&b, h, "\(name).v", width / 2, width, adapted: layer >= firstAdapted)
      let rotary = OperationKind.rotary(Rotary())
      let attention = Attention(
        batch: 1, heads: 2, keyValueHeads: 1, headDimension: width / 2, scale: 0.25)
      let inputs = [
        try b.append(rotary, [q, angles])[0], try b.append(rotary, [k, angles])[0], v, ranges,
      ]
      let out = try b.append(.attention(attention), inputs, label: name)[0]
      x = try linear(&b, out, "\(name).o", width, width, addend: x)
      let second = b.value(.frozen("\(name).norm2"), ValueType(Shape(width)))
      let m = try b.append(norm, [x, second], label: name)[0]
      let gate = try linear(&b, m, "\(name).gate", 3 * width, width)
      let up = try linear(&b, m, "\(name).up", 3 * width, width)
      let middle = try b.append(.gatedActivation(GatedActivation(.silu)), [gate, up])[0]
      x = try linear(&b, middle, "\(name).down", width, 3 * width, addend: x)
    }
    let targets = b.value(.input("targets"), ValueType(Shape(rows), .int32))
    let scale = b.value(.input("scale"), ValueType(Shape(1)))
    b.output("loss", try b.append(.tokenLoss(TokenLoss()), [x, table, targets, scale])[0])
    return b.program
  }

  /// The forward and backward program.
  func training() throws(ProgramError) -> Program {
    try Differentiation.backward(of: forward(), from: "loss")
  }

  private func linear(
    _ b: inout ProgramBuilder, _ x: ValueID, _ name: String, _ outputs: Int, _ inputs: Int,
    addend: ValueID? = nil, adapted: Bool = false
  ) throws(ProgramError) -> ValueID {
    let plain = OperationKind.product(Product(transposeB: true))
    let w = b.value(.frozen(name), ValueType(Shape(outputs, inputs)))
    let y = try b.append(plain, [x, w] + (addend.map { [$0] } ?? []), label: name)[0]
    guard adapted else { return y }
    let dropout = OperationKind.dropout(Dropout(rate: dropoutRate, stream: "dropout/\(name)"))
    let source = dropoutRate > 0 ? try b.append(dropout, [x], label: name)[0] : x
    let a = b.value(.trainable("\(name).a"), ValueType(Shape(4, inputs)))
    let up = b.value(.trainable("\(name).b"), ValueType(Shape(outputs, 4)))
    let low = try b.append(plain, [source, a], label: name)[0]
    return try b.append(
      .product(Product(transposeB: true, scale: 2)), [low, up, y], label: name)[0]
  }
}

extension Program {
  /// The parameter layout of its own trainable weights.
  var parameterLayout: ParameterLayout {
    ParameterLayout(
      values.compactMap { value in
        if case .trainable(let name) = value.role { (name, value.shape) } else { nil }
      })
  }
}
