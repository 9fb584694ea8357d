#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

package import Tensors

/// How far a backend may be from the reference, and why that far.
package struct Tolerance: Hashable, Sendable {
  /// The largest allowed difference, as a part of the largest number of the result (or of 0.1).
  package let relative: Float
  package let reason: String

  package init(relative: Float, reason: String) {
    self.relative = relative
    self.reason = reason
  }

  /// Moves numbers without computing.
  package static let exact = Tolerance(relative: 0, reason: "copies")
  /// A handful of float32 roundings, each at most 2⁻²⁴ of a number.
  package static let rounding = Tolerance(relative: 1e-6, reason: "a few float32 roundings")
  /// Approximations of exp, erf and tanh.
  package static let transcendental = Tolerance(
    relative: 1e-5, reason: "float32 approximations of transcendental functions")
  /// Sums of up to some hundred float32 products in any order: at worst `K·2⁻²⁴·Σ|aᵢ·bᵢ|`, on
  /// random numbers about `√K·2⁻²⁴` of the largest result.
  package static let sum = Tolerance(relative: 2e-5, reason: "float32 sums in another order")
}

/// One line of the table that every backend is held to: a small program around one operation.
package struct ConformanceCase: Sendable, CustomStringConvertible {
  package let operation: OperationName
  package let detail: String
  package let tolerance: Tolerance
  /// The step that random numbers belong to.
  package let randomStep: UInt64
  private let build: @Sendable (inout CaseBuilder) throws(ProgramError) -> Void

  package init(
    _ operation: OperationName, _ detail: String, _ tolerance: Tolerance, randomStep: UInt64 = 3,
    build: @escaping @Sendable (inout CaseBuilder) throws(ProgramError) -> Void
  ) {
    self.operation = operation
    self.detail = detail
    self.tolerance = tolerance
    self.randomStep = randomStep
    self.build = build
  }

  package var description: String { "\(operation.rawValue) \(detail)" }

  /// All cases, in the order of the operations.
  package static let all: [ConformanceCase] = OperationName.allCases.flatMap(cases)

  /// The cases of one operation; a new operation does not compile before it has some.
  package static func cases(of operation: OperationName) -> [ConformanceCase] {
    switch operation {
    case .embedding: embeddingCases + quantisedEmbeddingCases
    case .embeddingGradient: embeddingGradientCases
    case .product: productCases + quantisedProductCases
    case .add: binaryCases(.add, .add(Add()))
    case .multiply: binaryCases(.multiply, .multiply(Multiply()))
    case .scale: scaleCases
    case .accumulate: accumulateCases
    case .addBias: addBiasCases
    case .columnSum: columnSumCases
    case .rmsNorm: rmsNormCases
    case .rmsNormGradient: rmsNormGradientCases
    case .rmsNormWeightGradient: rmsNormWeightGradientCases
    case .rotaryTable: rotaryTableCases
    case .rotary: rotaryCases
    case .attention, .attentionGradient:
      attentionCases(operation) + quantisedAttentionCases(operation)
    case .activation: activationCases
    case .activationGradient: activationGradientCases
    case .gatedActivation: gatedActivationCases
    case .gatedActivationGradient: gatedActivationGradientCases
    case .dropout: dropoutCases
    case .tokenLoss: tokenLossCases + quantisedTokenLossCases
    case .tokenRank: tokenRankCases + quantisedTokenRankCases
    case .valueLoss: valueLossCases
    case .gatherRows: gatherRowsCases
    case .scatterRows: scatterRowsCases
    case .writeRows: writeRowsCases
    case .selectColumns: selectColumnsCases
    case .placeColumns: placeColumnsCases
    case .updatedNorms: updatedNormsCases + quantisedNormsCases
    case .scaleColumns: scaleColumnsCases
    case .scaleColumnsGradient: scaleColumnsGradientCases
    case .patchRows: patchRowsCases
    case .patchRowsGradient: patchRowsGradientCases
    case .replaceRows: replaceRowsCases + quantisedReplaceRowsCases
    case .replaceRowsGradient: replaceRowsGradientCases
    }
  }

  /// The case's program and contents.
  ///
  /// - Throws: ``ProgramError`` when the case itself is wrong.
  package func built() throws(ProgramError) -> CaseBuilder {
    var builder = CaseBuilder(seedName: description)
    try build(&builder)
    try builder.program.program.verify()
    return builder
  }

  /// Runs the case on `backend` and on `reference` and says where they differ; empty when the
  /// backend conforms.
  ///
  /// - Throws: what building, compiling or running throws.
  package func findings(on backend: any ComputeBackend, against reference: any ComputeBackend)
    throws -> [String]
  {
    try findings(on: [backend], against: reference)
  }

  /// The findings on several backends, with one run of the reference.
  ///
  /// A backend that does not declare a dtype of the case's weights is not asked.
  ///
  /// - Throws: what building, compiling or running throws.
  package func findings(on backends: [any ComputeBackend], against reference: any ComputeBackend)
    throws -> [String]
  {
    let built = try built()
    let program = built.program.program
    guard program.operations.contains(where: { OperationName($0.kind) == operation }) else {
      return ["the case does not use \(operation.rawValue)"]
    }
    let judge = try BoundProgram(program, contents: built.contents, on: reference)
    try judge.run(randomStep: randomStep, gradientsBefore: 0.25)
    let expected = judge.leavings
    if let damage = judge.damages.first { return ["in the reference, \(damage)"] }
    let dtypes = Set(program.values.map(\.dtype).filter(\.isQuantised))
    let asked = backends.filter { dtypes.isSubset(of: $0.capabilities.weightTypes) }
    return try asked.flatMap { backend in
      try findings(on: backend, built, expected).map { "\(backend.capabilities.name): \($0)" }
    }
  }

  private func findings(
    on backend: any ComputeBackend, _ built: CaseBuilder,
    _ expected: [(name: String, values: [Float])]
  ) throws -> [String] {
    let program = built.program.program
    let bound = try BoundProgram(program, contents: built.contents, on: backend)
    var findings: [String] = []
    for pair in built.shared where bound.layout[pair.operand] != bound.layout[pair.result] {
      findings.append("the result does not lie where the operand lay")
    }
    try bound.run(randomStep: randomStep, gradientsBefore: 0.25)
    let first = bound.leavings
    for (actual, expected) in zip(first, expected) {
      findings += differences(actual.values, expected.values, tolerance).map {
        "\(actual.name) \($0)"
      }
    }
    findings += bound.damages
    try bound.run(randomStep: randomStep, gradientsBefore: 0.25)
    for (again, first) in zip(bound.leavings, first)
    where !hasSameBytes(again.values, first.values) {
      findings.append("\(again.name) differs between two runs")
    }
    return findings
  }
}

private func hasSameBytes(_ lhs: [Float], _ rhs: [Float]) -> Bool {
  lhs.count == rhs.count
    && lhs.withUnsafeBytes { lhs in
      rhs.withUnsafeBytes { rhs in
        guard let a = lhs.baseAddress, let b = rhs.baseAddress else { return true }
        return memcmp(a, b, lhs.count) == 0
      }
    }
}

/// Says where `actual` is farther from `expected` than `tolerance` allows: the worst place.
package func differences(_ actual: [Float], _ expected: [Float], _ tolerance: Tolerance) -> [String]
{
  guard actual.count == expected.count else {
    return ["has \(actual.count) elements instead of \(expected.count)"]
  }
  if let index = expected.firstIndex(where: { !$0.isFinite }) {
    return ["is not finite in the reference at \(index)"]
  }
  if let index = actual.firstIndex(where: { !$0.isFinite }) {
    return ["at \(index) is \(actual[index]) instead of \(expected[index])"]
  }
  let largest = expected.reduce(Float(0.1)) { max($0, abs($1)) }
  let allowed = tolerance.relative * largest
  var worst: (index: Int, difference: Float)?
  for (index, (a, e)) in zip(actual, expected).enumerated() where abs(a - e) > allowed {
    if abs(a - e) > worst?.difference ?? 0 { worst = (index, abs(a - e)) }
  }
  guard let worst else { return [] }
  return [
    "at \(worst.index) is \(actual[worst.index]) instead of \(expected[worst.index]) ± \(allowed)"
  ]
}
