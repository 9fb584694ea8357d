import BackendConformance
import CPUBackend
import ReferenceBackend
import Tensors
import Testing

/// Holds every backend to the table.
///
/// A new backend is one line in ``backends``.
@Suite struct ConformanceTests {
  static let backends: [any ComputeBackend] = [
    ReferenceBackend(), CPUBackend(threads: 2),
  ]

  @Test(arguments: OperationName.allCases)
  func everyOperationConforms(_ operation: OperationName) throws {
    for backend in Self.backends {
      for conformance in ConformanceCase.cases(of: operation) {
        let findings = try conformance.findings(on: backend, against: ReferenceBackend())
        #expect(findings.isEmpty, "\(backend.capabilities.name): \(conformance)")
      }
    }
  }

  @Test(arguments: GradientCase.all)
  func gradientsAgreeWithFiniteDifferences(_ gradient: GradientCase) throws {
    for backend in Self.backends {
      let findings = try gradient.findings(on: backend, against: ReferenceBackend())
      #expect(findings.isEmpty, "\(backend.capabilities.name)")
    }
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
