import Tensors

/// A forward program in the making: what blocks append their operations to.
struct ForwardBuilder {
  var builder = ProgramBuilder()
  /// The dtype of frozen matrices; vectors stay float32.
  let weightType: DType
  /// Whether the dropout that the model's description asks for is there.
  let hasDropout: Bool

  init(weightType: DType, hasDropout: Bool = false) {
    self.weightType = weightType
    self.hasDropout = hasDropout
  }

  /// An int32 input.
  mutating func indices(_ name: String, _ shape: Shape) -> ValueID {
    builder.value(.input(name), ValueType(shape, .int32))
  }

  /// A frozen weight: a matrix in the weights' dtype, a vector in float32.
  mutating func weight(_ name: String, _ shape: Shape) -> ValueID {
    builder.value(.frozen(name), ValueType(shape, shape.rank > 1 ? weightType : .float32))
  }

  /// Dropout at `rate` with the random stream of `place`; nil where nothing is dropped.
  func dropout(_ rate: Double?, at place: String) -> Dropout? {
    guard hasDropout, let rate, rate > 0 else { return nil }
    return Dropout(rate: Float(rate), stream: "model-dropout/" + place)
  }

  /// `x` less what is dropped at `place`, of the module `label`.
  mutating func dropping(
    _ rate: Double?, of x: ValueID, at place: String, label: String
  ) throws(ProgramError) -> ValueID {
    guard let dropout = dropout(rate, at: place) else { return x }
    return try append(.dropout(dropout), [x], label: label)
  }

  /// Appends an operation and returns its first result.
  mutating func append(_ kind: OperationKind, _ inputs: [ValueID], label: String)
    throws(ProgramError) -> ValueID
  {
    try builder.append(kind, inputs, label: label)[0]
  }
}
