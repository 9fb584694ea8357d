import BackendConformance
import CPUBackend
import ReferenceBackend
import Tensors
import Testing

/// Holds every backend to the table; a new backend is one line in ``backends``.
@Suite struct ConformanceTests {
  static let backends: [any ComputeBackend] = [
    CPUBackend(threads: 1), CPUBackend(threads: 2),
  ]

  @Test(arguments: OperationName.allCases)
  func everyOperationConforms(_ operation: OperationName) throws {
    for conformance in ConformanceCase.cases(of: operation) {
      let findings = try conformance.findings(on: Self.backends, against: ReferenceBackend())
      #expect(findings.isEmpty, "\(conformance)")
    }
  }

  @Test(arguments: GradientCase.all)
  func gradientsAgreeWithFiniteDifferences(_ gradient: GradientCase) throws {
    let findings = try gradient.findings(on: Self.backends, against: ReferenceBackend())
    #expect(findings.isEmpty)
  }

  @Test(arguments: OperationName.allCases)
  func everyOperationHasCases(_ operation: OperationName) {
    #expect(ConformanceCase.cases(of: operation).count >= 3)
    #expect(
      GradientCase.cases(of: operation).isEmpty == (operation.gradientSupport == .refused))
  }

  @Test func casesHaveNamesOfTheirOwn() {
    let names = ConformanceCase.all.map(\.description)
    #expect(Set(names).count == names.count)
  }
}
