import Diagnostics
import JSONSyntax
import Pipelines
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Documents that are written from the source.
///
/// `HONE_WRITE_DOCS=1 swift test --filter
/// GeneratedDocumentTests` writes them anew.
@Suite(.serialized) struct GeneratedDocumentTests {
  private static let isWriting = ProcessInfo.processInfo.environment["HONE_WRITE_DOCS"] != nil

  private func holds(_ path: String, _ expected: String) throws {
    if Self.isWriting {
      let file = projectDirectory + "/" + path
      let directory = file.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      try expected.write(toFile: file, atomically: true, encoding: .utf8)
    }
    #expect(
      text(projectFile(path)) == expected,
      "\(path) is stale: run HONE_WRITE_DOCS=1 swift test --filter GeneratedDocumentTests")
  }

  @Test(arguments: DiagnosticCode.allCases)
  func thePageOfEachCodeIsWhatTheSourceSays(code: DiagnosticCode) throws {
    try holds("docs/diagnostics/\(code.rawValue).md", DiagnosticCode.page(for: code))
  }

  @Test func noPageIsLeftOverFromACodeThatIsGone() throws {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: projectDirectory + "/docs/diagnostics")
    #expect(names.sorted() == DiagnosticCode.allCases.map { $0.rawValue + ".md" }.sorted())
  }

  @Test func theSchemaIsWhatTheFieldTableSays() throws {
    try holds(
      "docs/schema/pipeline-1.schema.json", PipelineReference.jsonSchema().text(.indented) + "\n")
  }

  @Test func theReferencePageIsWhatTheFieldTableSays() throws {
    try holds("docs/language.md", PipelineReference.page())
  }
}
