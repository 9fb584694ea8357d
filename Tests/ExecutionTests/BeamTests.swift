import Foundation
import JSONSyntax
import Testing

/// Texts that beams write are those of transformers, on the quickstart's model.
struct BeamTests {
  private static let project = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func beamsWriteWhatTransformersWrites() throws {
    let file = Self.project.appendingPathComponent("Tests/Fixtures/beams.json")
    let json = try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
    let cases = try #require(json["cases"]?.array)
    #expect(cases.count == 15)
    let place = try Workplace()
    let model = Self.project.appendingPathComponent("pipelines/tiny").path
    let stages = cases.map { each in
      "  - generate: {prompts: [\(each["prompt"]?.text() ?? "")], max_new_tokens: 20, "
        + "num_beams: \(each["beams"]?.text() ?? ""), "
        + "length_penalty: \(each["length_penalty"]?.text() ?? "")}"
    }
    let text = place.text(model: "load: \(model)", stages.joined(separator: "\n"))
    let written = try place.run(text).generations
    #expect(written.map(\.text) == cases.compactMap { $0["text"]?.string })
  }
}
