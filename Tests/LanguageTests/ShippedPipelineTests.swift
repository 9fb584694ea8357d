import Diagnostics
import Pipelines
import Testing

/// The pipelines that come with the project.
@Suite struct ShippedPipelineTests {
  private static let pipelines = FixturePipeline.files.filter { $0.name.hasPrefix("pipelines/") }

  @Test func thereAreSome() { #expect(Self.pipelines.count >= 3) }

  @Test(arguments: pipelines)
  func aPipelineStartsWithTheSchemaAndSaysWhatItDoes(pipeline: FixturePipeline) throws {
    let lines = text(pipeline.bytes).split(separator: "\n", omittingEmptySubsequences: false)
    let prefix = "# yaml-language-server: $schema="
    let first = try #require(lines.first)
    #expect(first.hasPrefix(prefix), "\(pipeline.name)")
    // The path is relative to the pipeline's own file.
    let folders = pipeline.name.split(separator: "/").dropLast()
    let up = String(repeating: "../", count: folders.count)
    #expect(String(first.dropFirst(prefix.count)) == up + "docs/schema/pipeline-1.schema.json")
    let head = lines.dropFirst().prefix { $0.hasPrefix("#") }
    #expect(head.first == "#", "an empty comment parts the two")
    let words = head.joined(separator: " ").split(separator: " ")
    #expect(words.count > 10, "\(pipeline.name) does not say what it does")
  }
}
