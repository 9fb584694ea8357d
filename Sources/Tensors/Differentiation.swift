/// The reverse pass over a program: appends the operations that carry gradients, for what is
/// trainable and only for that.
package struct Differentiation: Sendable {
  package private(set) var builder: ProgramBuilder
  private var gradients: [ValueID: ValueID] = [:]
  private var recomputed: [ValueID: ValueID] = [:]
  private let dependsOnTrainable: [Bool]
  private let producers: [ValueID: Int]
  /// Operations whose results are not kept for the backward pass but computed anew, by position.
  private let anew: Set<Int>

  private init(_ program: Program, anew: Set<Int>) {
    self.anew = anew
    builder = ProgramBuilder(program)
    var depends = program.values.map { value in
      if case .trainable = value.role { true } else { false }
    }
    var producers: [ValueID: Int] = [:]
    for (index, operation) in program.operations.enumerated() {
      let reaches = operation.inputs.contains { depends[$0.index] }
      for output in operation.outputs {
        producers[output] = index
        if reaches { depends[output.index] = true }
      }
    }
    dependsOnTrainable = depends
    self.producers = producers
  }

  /// Returns `program` with the backward operations of the result called `loss` appended.
  ///
  /// Gradients are added into values of role ``ValueRole/gradient(_:)``, one a trainable weight. Results of
  /// the operations `anew`, by position, are computed again where the backward pass reads them, and not
  /// kept until then; the numbers are the same.
  ///
  /// - Throws: ``ProgramError`` when `loss` is not the result of a ``TokenLoss`` or a ``ValueLoss``, or
  ///   an operation on the way has no gradient.
  package static func backward(
    of program: Program, from loss: String, anew: Set<Int> = []
  ) throws(ProgramError) -> Program {
    guard let root = program.output(loss) else {
      throw .invalidAttribute(operation: "differentiate", reason: "no result `\(loss)`")
    }
    guard let producer = program.producer(of: root), program.operations[producer].kind.isRoot else {
      throw .invalidAttribute(operation: "differentiate", reason: "`\(loss)` is no loss")
    }
    var context = Differentiation(program, anew: anew)
    for index in program.operations.indices.reversed() {
      let operation = program.operations[index]
      let isRoot = operation.outputs.contains(root)
      guard operation.inputs.contains(where: { context.needsGradient($0) }),
        isRoot || operation.outputs.contains(where: { context.gradients[$0] != nil })
      else { continue }
      try operation.kind.rule.differentiate(operation, at: index, &context)
    }
    return context.builder.program.removingDeadOperations()
  }

  /// Whether a trainable weight stands above `value`.
  package func needsGradient(_ value: ValueID) -> Bool {
    value.index < dependsOnTrainable.count && dependsOnTrainable[value.index]
  }

  /// The gradient that has been gathered for `value`; nil where it is zero.
  package func gradient(of value: ValueID) -> ValueID? { gradients[value] }

  /// The type of a value.
  package func type(of value: ValueID) -> ValueType { builder.program[value].type }

  /// Appends an operation whose one result is a contribution to the gradient of `value`.
  ///
  /// A trainable's goes straight into its gradient; a second contribution becomes the addend of an
  /// operation that takes one.
  package mutating func contribute(
    _ kind: OperationKind, _ inputs: [ValueID], to value: ValueID, label: String
  ) throws(ProgramError) {
    guard needsGradient(value) else { return }
    let rule = kind.rule
    if case .trainable = builder.program[value].role, rule.accumulates {
      try builder.append(kind, inputs, into: gradientSink(of: value), label: label)
      return
    }
    if let earlier = gradients[value], rule.addendIndex == inputs.count {
      gradients[value] = try builder.append(kind, inputs + [earlier], label: label)[0]
      return
    }
    let result = try builder.append(kind, inputs, label: label)[0]
    try contribute(result, to: value, label: label)
  }

  /// Adds `result`, which has been computed, to the gradient of `value`.
  package mutating func contribute(_ result: ValueID, to value: ValueID, label: String)
    throws(ProgramError)
  {
    guard needsGradient(value) else { return }
    if case .trainable = builder.program[value].role {
      try builder.append(
        .accumulate(Accumulate()), [result], into: gradientSink(of: value), label: label)
    } else if let earlier = gradients[value] {
      gradients[value] = try builder.append(.add(Add()), [earlier, result], label: label)[0]
    } else {
      gradients[value] = result
    }
  }

  /// Appends an operation of the backward pass and returns its results.
  package mutating func append(_ kind: OperationKind, _ inputs: [ValueID], label: String)
    throws(ProgramError) -> [ValueID]
  {
    try builder.append(kind, inputs, label: label)
  }

  /// `value` as the backward pass should read it: computed anew where that is cheap or asked for.
  package mutating func kept(_ value: ValueID) throws(ProgramError) -> ValueID {
    guard let index = producers[value] else { return value }
    let operation = builder.program.operations[index]
    guard operation.kind.rule.isRecomputed || anew.contains(index) else { return value }
    if let known = recomputed[value] { return known }
    var inputs: [ValueID] = []
    for input in operation.inputs { inputs.append(try kept(input)) }
    let results = try builder.append(operation.kind, inputs, label: operation.label)
    for (original, copy) in zip(operation.outputs, results) { recomputed[original] = copy }
    return recomputed[value] ?? value
  }

  /// Adds a result to the operation at `index` that is the gradient of `value`, computed forward.
  mutating func addForwardGradient(of value: ValueID, toOperationAt index: Int, kind: OperationKind)
  {
    let type = ValueType(builder.program[value].shape)
    if case .trainable = builder.program[value].role {
      let sink = gradientSink(of: value)
      _ = builder.addOutput(
        toOperationAt: index, kind: kind, type: type, role: builder.program[sink].role)
    } else {
      gradients[value] = builder.addOutput(
        toOperationAt: index, kind: kind, type: type, role: .intermediate)
    }
  }

  private mutating func gradientSink(of value: ValueID) -> ValueID {
    guard case .trainable(let name) = builder.program[value].role else { return value }
    return builder.value(.gradient(name), ValueType(builder.program[value].shape))
  }
}

extension OperationKind {
  /// Whether the reverse pass can begin at the operation's first result.
  fileprivate var isRoot: Bool {
    switch self {
    case .tokenLoss, .valueLoss: true
    case .embedding, .embeddingGradient, .product, .add, .multiply, .scale, .accumulate, .addBias,
      .columnSum, .rmsNorm, .rmsNormGradient, .rmsNormWeightGradient, .rotaryTable, .rotary,
      .attention, .attentionGradient, .activation, .activationGradient, .gatedActivation,
      .gatedActivationGradient, .dropout, .gatherRows, .scatterRows, .writeRows, .selectColumns,
      .placeColumns, .tokenRank, .updatedNorms, .scaleColumns, .scaleColumnsGradient, .patchRows,
      .patchRowsGradient, .replaceRows, .replaceRowsGradient:
      false
    }
  }
}
