import Diagnostics
import Pipelines
import Testing

@Suite struct ReadingTests {
  @Test(arguments: ["support-lora.yaml", "every-key.yaml"])
  func aValidPipelineIsReadWithoutAFinding(name: String) throws {
    let source = SourceText(file: name, bytes: fixture(name))
    let (pipeline, diagnostics) = PipelineReader.read(source)
    #expect(TextRenderer.text(DiagnosticReport(diagnostics, sources: [source])) == "")
    #expect(pipeline != nil)
  }
}
