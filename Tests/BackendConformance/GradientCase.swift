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

  /// Says where the gradients of `backends` and of `reference` differ from finite differences of the
  /// loss that `reference` computes, and those of `backends` from `reference`; empty when all agree.
  ///
  /// - Throws: what building, differentiating, compiling or running throws.
  package func findings(
    on backends: [any ComputeBackend], against reference: any ComputeBackend
  ) throws -> [String] {
    var builder = CaseBuilder(seedName: description)
    try build(&builder)
    let forward = builder.program.program
    guard forward.operations.contains(where: { OperationName($0.kind) == operation }) else {
      return ["the case does not use \(operation.rawValue)"]
    }
    let backward = try Differentiation.backward(of: forward, from: "loss")
    try backward.verify()
    let loss = try BoundProgram(forward, contents: builder.contents, on: reference)
    try loss.run()
    var numerical: [(name: String, places: [Int], slopes: [Float])] = []
    for name in forward.trainableNames {
      let places = Self.places(loss.elementCount(ofTrainable: name))
      numerical.append((name, places, try places.map { try Self.slope(of: loss, name, $0) }))
    }
    var findings = numerical.filter { $0.slopes.allSatisfy { $0 == 0 } }.map {
      "the loss ignores `\($0.name)`"
    }
    let judge = try BoundProgram(backward, contents: builder.contents, on: reference)
    try judge.run(gradientsBefore: Self.gradientsBefore)
    findings += Self.differences(of: judge, to: numerical, tolerance).map { "reference: \($0)" }
    for backend in backends {
      let bound = try BoundProgram(backward, contents: builder.contents, on: backend)
      try bound.run(gradientsBefore: Self.gradientsBefore)
      var found = bound.damages + Self.differences(of: bound, to: numerical, tolerance)
      for (actual, expected) in zip(bound.leavings, judge.leavings) {
        found += BackendConformance.differences(actual.values, expected.values, .sum).map {
          "\(actual.name) \($0)"
        }
      }
      findings += found.map { "\(backend.capabilities.name): \($0)" }
    }
    for backend in backends + [reference] {
      findings += try Self.differencesOfPlaces(backward, builder.contents, on: backend).map {
        "\(backend.capabilities.name): \($0)"
      }
    }
    return findings
  }

  /// Gradients in the arena are, to the bit, those apart from it.
  private static func differencesOfPlaces(
    _ backward: Program, _ contents: [String: Contents], on backend: any ComputeBackend
  ) throws -> [String] {
    let apart = try BoundProgram(backward, contents: contents, on: backend)
    let shared = try BoundProgram(backward, contents: contents, on: backend, gradients: .arena)
    try apart.run()
    var found: [String] = []
    // The second run finds the gradients of the first.
    for _ in 0..<2 {
      try shared.run()
      found += shared.damages.map { "with gradients in the arena, \($0)" }
      found += zip(apart.leavings, shared.leavings).filter { $0.values != $1.values }.map {
        "\($0.0.name) is another in the arena"
      }
    }
    return found
  }

  /// What gradients hold before the run, which must add to it.
  private static let gradientsBefore: Float = 0.25

  private static func differences(
    of bound: BoundProgram, to numerical: [(name: String, places: [Int], slopes: [Float])],
    _ tolerance: Tolerance
  ) -> [String] {
    numerical.flatMap { name, places, slopes in
      let gradient = bound.gradient(of: name)
      guard let last = places.last, last < gradient.count else {
        return ["`\(name)` has no gradient"]
      }
      let actual = places.map { gradient[$0] - gradientsBefore }
      return BackendConformance.differences(actual, slopes, tolerance).map {
        "the gradient of `\(name)`, \(places.count) places of it, \($0) by finite differences"
      }
    }
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
