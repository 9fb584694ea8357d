import Foundation
import Testing

/// The YAML blocks of a page show a pipeline of the repository, whole or in part, as it is.
@Test(arguments: [
  ("README.md", "quickstart.yaml"), ("docs/tutorial.md", "smollm2-support.yaml"),
])
func thePagesShowThePipelinesAsTheyAre(page: String, pipeline: String) throws {
  let text = try String(contentsOf: Command.root.appendingPathComponent(page), encoding: .utf8)
  let block = try #require(text.firstMatch(of: /```yaml\n((?s:.*?))```/)?.output.1)
  let file = Command.root.appendingPathComponent("pipelines/\(pipeline)")
  var rest = try String(contentsOf: file, encoding: .utf8)
    .split(separator: "\n", omittingEmptySubsequences: false)[...]
  for line in block.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
    let place = rest.firstIndex(of: line)
    #expect(place != nil, "`\(line)` does not stand in \(pipeline), or not in this order")
    if let place { rest = rest[(place + 1)...] }
  }
}
