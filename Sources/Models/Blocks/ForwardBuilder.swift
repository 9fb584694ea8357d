import Tensors

/// A forward program in the making: what blocks append their operations to.
struct ForwardBuilder {
  var builder = ProgramBuilder()
  /// The dtype of frozen matrices; vectors stay float32.
  let weightType: DType

  init(weightType: DType) { self.weightType = weightType }

  /// An int32 input.
  mutating func indices(_ name: String, _ shape: Shape) -> ValueID {
    builder.value(.input(name), ValueType(shape, .int32))
  }

  /// A frozen weight: a matrix in the weights' dtype, a vector in float32.
  mutating func weight(_ name: String, _ shape: Shape) -> ValueID {
    builder.value(.frozen(name), ValueType(shape, shape.rank > 1 ? weightType : .float32))
  }

  /// Appends an operation and returns its first result.
  mutating func append(_ kind: OperationKind, _ inputs: [ValueID], label: String)
    throws(ProgramError) -> ValueID
  {
    try builder.append(kind, inputs, label: label)[0]
  }
}
