/// The name of a value inside one program.
package struct ValueID: Hashable, Sendable {
  package let index: Int

  package init(_ index: Int) { self.index = index }
}

/// What a value's elements are and how many.
package struct ValueType: Hashable, Sendable {
  package let shape: Shape
  package let dtype: DType

  /// Elements of `dtype`; of float32 where rows are no whole blocks of it, as ``DType/kept(for:)`` has it.
  package init(_ shape: Shape, _ dtype: DType = .float32) {
    self.shape = shape
    self.dtype = dtype.kept(for: shape)
  }

  /// The size in bytes.
  package var byteCount: Int { dtype.byteCount(shape.count) }
}

/// Where a value lives and who writes it.
package enum ValueRole: Hashable, Sendable {
  /// Written by the caller before a run.
  case input(String)
  /// A weight that no step changes.
  case frozen(String)
  /// A weight that the optimizer changes; always float32.
  case trainable(String)
  /// The gradient of the trainable of that name; operations add into it.
  case gradient(String)
  /// Kept from run to run, changed in place: a key or value cache.
  case state(String)
  /// Made and used inside one run.
  case intermediate
}

/// One value of a program.
package struct Value: Hashable, Sendable {
  package let type: ValueType
  package let role: ValueRole

  package var shape: Shape { type.shape }
  package var dtype: DType { type.dtype }
}

/// One operation: what it does, on which values, for which module.
package struct Operation: Hashable, Sendable {
  package internal(set) var kind: OperationKind
  package internal(set) var inputs: [ValueID]
  package internal(set) var outputs: [ValueID]
  /// The path of the module that it belongs to, for messages and profiles.
  package let label: String

  package init(_ kind: OperationKind, _ inputs: [ValueID], _ outputs: [ValueID], label: String) {
    self.kind = kind
    self.inputs = inputs
    self.outputs = outputs
    self.label = label
  }
}

/// A static list of operations over typed values, each written once and before it is read.
///
/// Exceptions to "written once": a gradient is added into by any number of operations, and a
/// state is replaced in place.
package struct Program: Hashable, Sendable {
  package internal(set) var values: [Value] = []
  package internal(set) var operations: [Operation] = []
  /// Results the caller reads after a run, by name.
  package internal(set) var outputs: [NamedValue] = []

  /// A result and its name.
  package struct NamedValue: Hashable, Sendable {
    package let name: String
    package let value: ValueID
  }

  package subscript(id: ValueID) -> Value { values[id.index] }

  /// The value of the result called `name`.
  package func output(_ name: String) -> ValueID? { outputs.first { $0.name == name }?.value }

  /// The value of the input called `name`.
  package func input(_ name: String) -> ValueID? {
    values.firstIndex { $0.role == .input(name) }.map(ValueID.init)
  }

  /// The index of the operation that writes `id`, nil for what the caller gives.
  package func producer(of id: ValueID) -> Int? {
    operations.firstIndex { $0.outputs.contains(id) }
  }

  /// All floating-point operations of one run, a multiply and an add counting as two.
  ///
  /// `keysPerQuery` is the length of the row that a position belongs to, on average, where several rows
  /// stand in a batch row; nil counts a row of the whole length.
  package func floatingPointOperations(keysPerQuery: Double? = nil) -> Int {
    operations.reduce(0) { $0 + floatingPointOperations(of: $1, keysPerQuery: keysPerQuery) }
  }

  /// The floating-point operations of one of this program's operations, counted likewise.
  package func floatingPointOperations(
    of operation: Operation, keysPerQuery: Double? = nil
  ) -> Int {
    operation.kind.rule.floatingPointOperations(
      inputs: operation.inputs.map { self[$0].type },
      outputs: operation.outputs.map { self[$0].type }, keysPerQuery: keysPerQuery)
  }

  /// The names of the trainable weights in the order of their values.
  package var trainableNames: [String] {
    values.compactMap { if case .trainable(let name) = $0.role { name } else { nil } }
  }
}

/// Why a program is none.
package enum ProgramError: Error, Hashable, Sendable {
  case operandCount(operation: String, expected: Int, actual: Int)
  case shapeMismatch(operation: String, Shape, Shape)
  case rankMismatch(operation: String, expected: Int, actual: Int)
  case dtypeMismatch(operation: String, expected: DType, actual: DType)
  case invalidAttribute(operation: String, reason: String)
  case readBeforeWrite(operation: String, value: Int)
  case writtenTwice(operation: String, value: Int)
  case writesForeignValue(operation: String, value: Int)
  case typeMismatch(operation: String, expected: Shape, actual: Shape)
  case notDifferentiable(operation: String)
}
