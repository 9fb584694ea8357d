package import Tensors

/// A small differentiable program that ends in a token loss, checked against finite differences.
package struct GradientCase: Sendable, CustomStringConvertible {
  package let operation: OperationName
  package let detail: String
  /// The largest allowed difference to finite differences, as a part of the largest gradient.
  package let tolerance: Tolerance
  private let build: @Sendable (inout CaseBuilder) throws(ProgramError) -> Void

  package init(
    _ operation: OperationName, _ detail: String,
    tolerance: Tolerance = GradientCase.finiteDifferences,
    build: @escaping @Sendable (inout CaseBuilder) throws(ProgramError) -> Void
  ) {
    self.operation = operation
    self.detail = detail
    self.tolerance = tolerance
    self.build = build
  }

  /// The loss is float32: with steps of 1/16 its rounding gives about `2⁻²⁴·|loss|·16`, the
  /// fourth-order formula's own error is about `step⁴/30` of the fifth derivative.
  package static let finiteDifferences = Tolerance(
    relative: 2e-3, reason: "float32 losses and a step of 1/16")

  package var description: String { "\(operation.rawValue) \(detail)" }

  /// At most this many elements of a weight are moved.
  private static let sampled = 24
  private static let step: Float = 1 / 16

  /// Says where the gradients that `backend` computes differ from those of `reference` and from
  /// finite differences of the loss that `reference` computes; empty when they agree.
  ///
  /// - Throws: what building, differentiating, compiling or running throws.
  package func findings(on backend: any ComputeBackend, against reference: any ComputeBackend)
    throws -> [String]
  {
    var builder = CaseBuilder(seedName: description)
    try build(&builder)
    let forward = builder.program.program
    guard forward.operations.contains(where: { OperationName($0.kind) == operation }) else {
      return ["the case does not use \(operation.rawValue)"]
    }
    let backward = try Differentiation.backward(of: forward, from: "loss")
    try backward.verify()
    let before: Float = 0.25
    let bound = try BoundProgram(backward, contents: builder.contents, on: backend)
    try bound.run(gradientsBefore: before)
    let judge = try BoundProgram(backward, contents: builder.contents, on: reference)
    try judge.run(gradientsBefore: before)
    var findings = bound.damages
    let loss = try BoundProgram(forward, contents: builder.contents, on: reference)
    try loss.run()
    for name in forward.trainableNames {
      let actual = bound.gradient(of: name)
      findings += differences(actual, judge.gradient(of: name), .sum).map {
        "the gradient of `\(name)` \($0)"
      }
      let places = Self.places(actual.count)
      let numerical = try places.map { try Self.slope(of: loss, name, $0) }
      if numerical.allSatisfy({ $0 == 0 }) { findings.append("the loss ignores `\(name)`") }
      findings += differences(places.map { actual[$0] - before }, numerical, tolerance).map {
        "the gradient of `\(name)` at every \(places.count)th place \($0) by finite differences"
      }
    }
    return findings
  }

  private static func places(_ count: Int) -> [Int] {
    guard count > sampled else { return Array(0..<count) }
    return (0..<sampled).map { $0 * count / sampled }
  }

  private static func slope(of loss: BoundProgram, _ name: String, _ index: Int) throws -> Float {
    func value(_ delta: Float) throws -> Double {
      let restore = loss.withTrainable(name, index, plus: delta)
      defer { restore?() }
      try loss.rerun()
      return Double(loss.output("loss").first ?? .nan)
    }
    let near = try value(step) - value(-step)
    let far = try value(2 * step) - value(-2 * step)
    return Float((8 * near - far) / (12 * Double(step)))
  }
}
