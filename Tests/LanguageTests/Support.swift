import Diagnostics
import Pipelines

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The project's directory, from where this file lies.
let projectDirectory = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

/// The bytes of a file of the project; empty, which no test takes for right, where there is none.
func projectFile(_ path: String) -> [UInt8] {
  FileManager.default.contents(atPath: projectDirectory + "/" + path).map(Array.init) ?? []
}

/// The bytes of a fixture.
func fixture(_ name: String) -> [UInt8] { projectFile("Tests/LanguageTests/Fixtures/" + name) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// What reading a text as `test.yaml` finds.
func findings(_ text: String) -> [Diagnostic] {
  let source = SourceText(file: "test.yaml", bytes: Array(text.utf8))
  return PipelineReader.read(source).diagnostics.allowing(in: [source], isPlanned: false)
}

/// What reading a text finds, as people see it.
func rendered(_ text: String) -> String {
  let source = SourceText(file: "test.yaml", bytes: Array(text.utf8))
  return TextRenderer.text(DiagnosticReport(findings(text), sources: [source]))
}

/// The Swift files of the project's sources, with their paths in it.
func sourceFiles() -> [(path: String, text: String)] {
  let root = projectDirectory + "/Sources"
  let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
  return names.sorted().filter { $0.hasSuffix(".swift") }.map {
    ("Sources/" + $0, text(projectFile("Sources/" + $0)))
  }
}
