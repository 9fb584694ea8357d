import BackendConformance
import Foundation
import ReferenceBackend
import Tensors
import Testing

/// The backend that docs/adding-a-backend.md walks through is real, conforms, and is what it shows.
@Suite struct AddingABackendTests {
  private let supported: [OperationName] = [.add, .multiply, .scale, .product]

  @Test func theBackendOfTheGuideConforms() throws {
    for operation in supported {
      for conformance in ConformanceCase.cases(of: operation) {
        // Its loops are not compiled for speed here: large products would take half a minute.
        let cost = try conformance.built().program.program.floatingPointOperations()
        guard cost < 100_000 else { continue }
        let findings = try conformance.findings(on: PlainBackend(), against: ReferenceBackend())
        #expect(findings.isEmpty, "\(conformance)")
      }
    }
  }

  @Test func whatItCannotDoItRefuses() throws {
    for operation in OperationName.allCases where !supported.contains(operation) {
      let conformance = try #require(ConformanceCase.cases(of: operation).first)
      #expect(throws: BackendError.self) {
        try conformance.findings(on: PlainBackend(), against: ReferenceBackend())
      }
    }
  }

  @Test func aBackendThatIsWrongIsFound() throws {
    for wrong in [WrongBackend.Fault.offByOne, .writesBehind, .readsBefore, .forgetful] {
      let conformance = try #require(
        ConformanceCase.cases(of: .accumulate).first { $0.description.contains("(33, 129)") })
      let findings = try conformance.findings(
        on: WrongBackend(fault: wrong), against: ReferenceBackend())
      #expect(!findings.isEmpty, "\(wrong)")
    }
  }

  @Test func theGuideShowsTheSourceAsItIs() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let root = tests.deletingLastPathComponent().deletingLastPathComponent()
    let guide = try String(
      contentsOf: root.appending(path: "docs/adding-a-backend.md"), encoding: .utf8)
    let sources = try ["PlainBackend.swift", "ConformanceTests.swift"].map {
      try String(contentsOf: tests.appending(path: $0), encoding: .utf8)
    }
    let blocks = guide.components(separatedBy: "```swift\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    #expect(blocks.count >= 5)
    for block in blocks {
      #expect(sources.contains { $0.contains(block) }, "not in the source: \(block)")
    }
  }
}

/// A backend with one fault on purpose: what the table is worth.
private struct WrongBackend: ComputeBackend {
  enum Fault: Sendable { case offByOne, writesBehind, readsBefore, forgetful }

  let fault: Fault
  let capabilities = BackendCapabilities(name: "wrong", weightTypes: [.float32], threads: 1)

  func workspaceByteCount(for program: Program) -> Int { 0 }

  func compile(
    _ program: Program, layout: MemoryLayout, memory: ProgramMemory, seed: UInt64
  ) throws(BackendError) -> any Executable {
    let operation = program.operations[0]
    let binding = Binding(program: program, layout: layout, memory: memory, operation: operation)
    let (x, sum) = (try binding.input(0), try binding.output(0))
    let fault = fault
    var runs: Float = 0
    return PlainExecutable(steps: [
      {
        runs += 1
        switch fault {
        case .offByOne: for index in 1..<x.count { sum.store(x[index - 1], at: index) }
        case .writesBehind:
          for index in 0..<x.count { sum.store(x[index], at: index) }
          memory.arena.storeBytes(of: 1, toByteOffset: layout.arenaByteCount, as: Int32.self)
        case .readsBefore: for index in 0..<x.count { sum.store(x[index] * .nan, at: index) }
        case .forgetful:
          // Right in the first run, a hair off in the second.
          for index in 0..<x.count {
            let before = sum[index]
            sum.store(x[index], at: index)
            if runs > 1, index == 7 {
              sum.pointer.storeBytes(
                of: (before + x[index]).nextUp, toByteOffset: 28, as: Float.self)
            }
          }
        }
      }
    ])
  }
}
