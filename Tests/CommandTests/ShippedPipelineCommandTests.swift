import Foundation
import JSONSyntax
import Testing

/// Every pipeline that comes with the project, checked and planned by the command.
@Suite struct ShippedPipelineCommandTests {
  private static let folder = Command.root.appendingPathComponent("pipelines")

  private static let pipelines: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  @Test func thereAreSome() { #expect(Self.pipelines.count >= 3) }

  @Test(arguments: pipelines)
  func aPipelineIsRightAndItsPlanIsTheSameTwice(name: String) throws {
    let command = try Command()
    let file = Self.folder.appendingPathComponent(name).path
    let alone = try command.run("validate", "--no-files", file)
    #expect(alone.status == 0 && alone.output.isEmpty, "\(alone.output)\(alone.errors)")
    guard try Self.hasItsModel(file) else { return }
    let whole = try command.run("validate", file)
    #expect(whole.status == 0, "\(whole.output)\(whole.errors)")
    let first = try command.run("plan", "--json", file)
    try #require(first.status == 0, "\(first.errors)")
    let plan = try JSONValue(parsing: first.output)
    for plan in plan.array ?? [plan] { #expect(plan["identity"]?.string?.count == 64) }
    #expect(try command.run("plan", "--json", file).output == first.output)
  }

  /// Whether the model that a pipeline loads is there; some are too large to be kept in the project.
  private static func hasItsModel(_ file: String) throws -> Bool {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("  load:") }) else {
      return true
    }
    let path = line.dropFirst("  load:".count).split(separator: "#")[0]
      .trimmingCharacters(in: .whitespaces)
    return FileManager.default.fileExists(
      atPath: folder.appendingPathComponent(path).path)
  }
}
