import Diagnostics
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A pipeline that the project holds, with a name to tell it by.
struct FixturePipeline: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]
  /// What reading it must find; nil for a file, which may be there to be refused.
  let expectation: Expectation?

  enum Expectation {
    case nothing
    case finding(DiagnosticCode)
  }

  var testDescription: String { name }

  /// The folders whose pipelines, at any depth, are fixtures.
  private static let folders = ["pipelines", "docs", "Tests"]

  /// Every pipeline in a file, and the examples of every code's page; in a fixed order.
  static let all: [FixturePipeline] = files + examples

  /// Every YAML file of the project's own that is a pipeline.
  static let files: [FixturePipeline] = folders.flatMap { folder -> [FixturePipeline] in
    let paths = try? FileManager.default.subpathsOfDirectory(
      atPath: projectDirectory + "/" + folder)
    return (paths ?? []).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map {
      let path = "\(folder)/\($0)"
      return FixturePipeline(name: path, bytes: projectFile(path), expectation: nil)
    }
  }.filter { pipeline in
    pipeline.bytes.split(separator: UInt8(ascii: "\n")).contains { $0.starts(with: "hone:".utf8) }
  }

  /// The wrong and the right pipeline of every code that has them.
  static let examples: [FixturePipeline] = DiagnosticCode.allCases.flatMap { code in
    guard let example = code.explanation.example else { return [FixturePipeline]() }
    return [
      FixturePipeline(
        name: "\(code.rawValue)-bad.yaml", bytes: Array(example.bad.utf8),
        expectation: example.isFoundByReading ? .finding(code) : .nothing),
      FixturePipeline(
        name: "\(code.rawValue)-good.yaml", bytes: Array(example.good.utf8), expectation: .nothing),
    ]
  }
}
