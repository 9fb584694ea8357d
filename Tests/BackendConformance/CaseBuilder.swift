import Randomness
package import Tensors

/// What the memory of a value holds before a run.
package enum Contents: Hashable, Sendable {
  /// Numbers, rounded to the value's dtype where they are stored.
  case floats([Float])
  case integers([Int32])
}

/// Builds the program of a case and what its values hold.
package struct CaseBuilder {
  package private(set) var program = ProgramBuilder()
  /// What inputs, weights and states hold, by name.
  package private(set) var contents: [String: Contents] = [:]
  /// Values that the layout must put in one place.
  package private(set) var shared: [(operand: ValueID, result: ValueID)] = []
  private let seedName: String

  /// An empty program; random contents are a function of `seedName`.
  package init(seedName: String) { self.seedName = seedName }

  /// Numbers of N(0, deviation²).
  package func normal(_ count: Int, deviation: Float = 1, name: String) -> [Float] {
    // A walk over one table: drawing anew for each of the cases took most of the tests' time.
    let words = RandomStream(seed: 1, name: "\(seedName)/\(name)").words(index: 0)
    let size = Self.normals.count
    let stride = 1 + Int(words[1]) % (size - 1)
    var place = Int(words[0]) % size
    var values: [Float] = []
    values.reserveCapacity(count)
    while values.count < count {
      values.append(Self.normals[place] * deviation)
      place += stride
      if place >= size { place -= size }
    }
    return values
  }

  /// Draws of N(0, 1); their number is prime, so that every stride visits all of them.
  private static let normals: [Float] = {
    var values = [Float](repeating: 0, count: 8_191)
    values.withUnsafeMutableBufferPointer {
      RandomStream(seed: 1, name: "normals").fillNormal($0, deviation: 1)
    }
    return values
  }()

  /// `count` integers, each in `0..<limit`.
  package func indices(_ count: Int, below limit: Int, name: String) -> [Int32] {
    let stream = RandomStream(seed: 2, name: "\(seedName)/\(name)")
    return (0..<count).map { Int32(stream.uniform(element: $0) * Float(limit)) }
  }

  /// An activation that the caller gives.
  package mutating func input(_ shape: Shape, deviation: Float = 1) -> ValueID {
    place(.init(shape), deviation) { .input($0) }
  }

  /// An activation that the caller gives, number by number.
  package mutating func input(_ shape: Shape, _ values: [Float]) -> ValueID {
    let name = nextName
    contents[name] = .floats(values)
    return program.value(.input(name), ValueType(shape))
  }

  /// Token ids, positions, ranges.
  package mutating func input(_ shape: Shape, _ values: [Int32]) -> ValueID {
    let name = nextName
    contents[name] = .integers(values)
    return program.value(.input(name), ValueType(shape, .int32))
  }

  /// A frozen weight.
  package mutating func weight(_ shape: Shape, _ dtype: DType = .float32, deviation: Float = 1)
    -> ValueID
  {
    place(ValueType(shape, dtype), deviation) { .frozen($0) }
  }

  /// A trainable weight.
  package mutating func trainable(_ shape: Shape, deviation: Float = 1) -> ValueID {
    place(ValueType(shape), deviation) { .trainable($0) }
  }

  /// A trainable weight, number by number.
  package mutating func trainable(_ shape: Shape, _ values: [Float]) -> ValueID {
    let name = nextName
    contents[name] = .floats(values)
    return program.value(.trainable(name), ValueType(shape))
  }

  /// A state.
  package mutating func state(_ shape: Shape) -> ValueID {
    place(ValueType(shape), 1) { .state($0) }
  }

  /// An intermediate that nobody reads but the operation it is for, so that a result may take its
  /// place.
  package mutating func dying(_ shape: Shape) throws(ProgramError) -> ValueID {
    let source = input(shape)
    return try program.append(.scale(Scale(1)), [source])[0]
  }

  /// Appends an operation; all its results are compared.
  @discardableResult
  package mutating func results(_ kind: OperationKind, _ inputs: [ValueID]) throws(ProgramError)
    -> [ValueID]
  {
    let outputs = try program.append(kind, inputs)
    for output in outputs { name(output) }
    return outputs
  }

  /// Appends an operation whose results are not compared.
  package mutating func prepare(_ kind: OperationKind, _ inputs: [ValueID]) throws(ProgramError)
    -> [ValueID]
  {
    try program.append(kind, inputs)
  }

  /// Appends an operation whose result is added to a gradient that is not zero before.
  package mutating func accumulated(
    _ kind: OperationKind, _ inputs: [ValueID], _ shape: Shape
  ) throws(ProgramError) {
    let name = "sum \(program.program.operations.count)"
    _ = program.value(.trainable(name), ValueType(shape))
    contents[name] = .floats([Float](repeating: 0, count: shape.count))
    let gradient = program.value(.gradient(name), ValueType(shape))
    try program.append(kind, inputs, into: gradient)
  }

  /// Appends an operation that replaces `state`.
  package mutating func replaced(
    _ kind: OperationKind, _ inputs: [ValueID], _ state: ValueID
  ) throws(ProgramError) {
    try program.append(kind, inputs, into: state)
  }

  /// Says that `result` must lie where `operand` lay.
  package mutating func expectShared(_ operand: ValueID, _ result: ValueID) {
    shared.append((operand, result))
  }

  /// Ends the program in the token loss of `x (N, D)`, called `loss`.
  ///
  /// The head is frozen with a vocabulary of 5; the first of several targets is −1.
  package mutating func loss(
    of x: ValueID, head: ValueID? = nil, softCap: Float? = nil, bias: ValueID? = nil
  ) throws(ProgramError) {
    let shape = program.program[x].shape
    let head = head ?? weight(Shape(5, shape[1]), deviation: 0.7)
    var targets = indices(shape[0], below: program.program[head].shape[0], name: "targets")
    if targets.count > 1 { targets[0] = -1 }
    var inputs = [x, head, input(Shape(shape[0]), targets), input(Shape(1), [Float(0.5)])]
    if let bias { inputs.append(bias) }
    program.output("loss", try program.append(.tokenLoss(TokenLoss(softCap: softCap)), inputs)[0])
  }

  /// Ends the program in a value loss of `predictions (N, K)`, called `loss`; a third of the cells has
  /// no weight.
  package mutating func valueLoss(
    _ kind: OperationKind, of predictions: ValueID
  ) throws(ProgramError) {
    let shape = program.program[predictions].shape
    let weights = (0..<shape.count).map { Float($0 % 3) / 2 }
    let values = (0..<shape.count).map { Float($0 % 5) / 4 }
    let inputs = [
      predictions, input(shape, values), input(shape, weights), input(Shape(1), [Float(0.5)]),
    ]
    program.output("loss", try program.append(kind, inputs)[0])
  }

  private var nextName: String { "value \(program.program.values.count)" }

  private mutating func name(_ output: ValueID) {
    program.output("result \(program.program.outputs.count)", output)
  }

  private mutating func place(
    _ type: ValueType, _ deviation: Float, role: (String) -> ValueRole
  ) -> ValueID {
    let name = nextName
    contents[name] = .floats(normal(type.shape.count, deviation: deviation, name: name))
    return program.value(role(name), type)
  }
}
