import Foundation
import JSONSyntax
import Testing

/// docs/ci.md and the files in docs/ci: what they show is what happens.
///
/// `HONE_WRITE_DOCS=1 swift test --filter CIDocumentTests` writes the page anew.
@Suite struct CIDocumentTests {
  private static let page = Command.root.appendingPathComponent("docs/ci.md")

  /// A fenced block of a page: its language, what is said beside it, its lines.
  private struct Block {
    let language: String
    let attribute: (name: String, value: String)?
    var lines: [String]
  }

  /// The page's lines outside and its blocks inside, in their order.
  private enum Part {
    case line(String)
    case block(Block)
  }

  private static func parts(_ text: String) -> [Part] {
    var parts: [Part] = []
    var open: Block?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line == "```", let block = open {
        parts.append(.block(block))
        open = nil
      } else if open != nil {
        open?.lines.append(line)
      } else if line.hasPrefix("```") {
        let words = line.dropFirst(3).split(separator: " ", maxSplits: 1)
        let pair = words.dropFirst().first?.split(separator: "=", maxSplits: 1).map(String.init)
        open = Block(
          language: String(words.first ?? ""),
          attribute: pair.flatMap { $0.count == 2 ? ($0[0], $0[1]) : nil }, lines: [])
      } else {
        parts.append(.line(line))
      }
    }
    return parts
  }

  private static func text(_ parts: [Part]) -> String {
    parts.flatMap { part -> [String] in
      switch part {
      case .line(let line): return [line]
      case .block(let block):
        let attribute = block.attribute.map { " \($0.name)=\($0.value)" } ?? ""
        return ["```" + block.language + attribute] + block.lines + ["```"]
      }
    }.joined(separator: "\n")
  }

  /// Runs the commands of a block after `$ `; the lines with what they print now.
  private func shown(_ block: Block, _ command: Command) throws -> [String] {
    var lines: [String] = []
    var status: Int32 = 0
    for line in block.lines where line.hasPrefix("$ ") {
      lines.append(line)
      if line == "$ echo $?" {
        lines.append(String(status))
        continue
      }
      let words = line.split(separator: " ").map(String.init)
      #expect(words[1] == "hone")
      let result = try command.run(Array(words.dropFirst(2)))
      status = result.status
      // A diff is shown alone: the page says where the findings are.
      let isDiff = words.contains("--diff")
      let output = isDiff ? result.output : result.output + result.errors
      lines += output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .map(String.init)
    }
    return lines
  }

  @Test func thePageShowsWhatThePrintedCommandsPrint() throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    let command = try Command()
    var commands = 0
    let parts = try Self.parts(page).map { part -> Part in
      guard case .block(var block) = part else { return part }
      switch (block.language, block.attribute?.name) {
      case (_, "file"):
        let name = block.attribute?.value ?? ""
        try command.makeFolder(of: name)
        try command.write(block.lines.joined(separator: "\n") + "\n", to: name)
      case (_, "include"):
        let file = Command.root.appendingPathComponent(block.attribute?.value ?? "")
        block.lines = try String(contentsOf: file, encoding: .utf8)
          .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      case ("console", _):
        block.lines = try shown(block, command)
        commands += block.lines.count { $0.hasPrefix("$ hone") }
      default: break
      }
      return .block(block)
    }
    let text = Self.text(parts)
    if ProcessInfo.processInfo.environment["HONE_WRITE_DOCS"] != nil {
      try text.write(to: Self.page, atomically: true, encoding: .utf8)
    }
    #expect(commands >= 4)
    #expect(
      try String(contentsOf: Self.page, encoding: .utf8) == text,
      "docs/ci.md is stale: run HONE_WRITE_DOCS=1 swift test --filter CIDocumentTests")
  }

  @Test func theGatesOnThePlanHold() throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    let lines = Self.parts(page).flatMap { part -> [String] in
      guard case .block(let block) = part, block.language == "sh" else { return [] }
      return block.lines
    }
    let gates = lines.map { $0.split(separator: " ").dropFirst().map(String.init) }
    #expect(gates.map { $0.first } == ["plan", "plan"])
    let command = try Command()
    try command.makeFolder(of: "pipelines/support.yaml")
    try command.write(
      command.pipeline(name: "support", steps: 2), to: "pipelines/support.yaml")
    #expect(try command.run(gates[0]).status == 0)
    let tight = try command.run(gates[0].map { $0 == "2GiB" ? "1MiB" : $0 })
    #expect(tight.status == 1)
    #expect(tight.errors.contains("error: "))
    #expect(try command.run(gates[1]).status == 2)
    #expect(try command.run("run", "--quiet", "pipelines/support.yaml").status == 0)
    #expect(try command.run(gates[1]).status == 0)
  }

  // MARK: The files in docs/ci

  /// The `hone` commands of one of the examples, in their order.
  private func commands(of name: String) throws -> [[String]] {
    let file = Command.root.appendingPathComponent("docs/ci/" + name)
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .compactMap { line in
        line.firstMatch(of: #/^\s*(?:-|run:|entry:)\s+hone (.*)$/#)
          .map { $0.1.split(separator: " ").map(String.init) }
      }
  }

  /// A checkout with one right pipeline, and a wrong one where `isWrong` says so.
  private func checkout(isWrong: Bool) throws -> Command {
    let command = try Command()
    let right = """
      hone: 1
      name: right
      model: {load: m}
      stages: [{generate: {prompts: [a]}}]

      """
    try command.makeFolder(of: "pipelines/right.yaml")
    try command.write(right, to: "pipelines/right.yaml")
    try command.write("services: {}\n", to: "pipelines/compose.yaml")
    if isWrong {
      try command.write(
        right.replacing("name:", with: "nmae:").replacing("stages", with: "seed: x\nstages"),
        to: "pipelines/wrong.yaml")
    }
    return command
  }

  @Test func everyExampleIsRun() throws {
    let folder = Command.root.appendingPathComponent("docs/ci")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      names == [
        "github-workflow.yml", "gitlab-ci.yml", "pre-commit-config.yaml", "pre-commit-hooks.yaml",
      ])
    #expect(try names.map { try commands(of: $0).count } == [2, 1, 1, 2])
  }

  @Test func theGitHubWorkflowAnnotatesAndWritesSARIF() throws {
    let commands = try commands(of: "github-workflow.yml")
    let wrong = try checkout(isWrong: true)
    let annotations = try wrong.run(commands[0])
    #expect(annotations.status == 1)
    #expect(
      annotations.output.hasPrefix(
        "::error file=pipelines/wrong.yaml,line=2,endLine=2,col=1,endColumn=5,title=unknown-key::"))
    #expect(try wrong.run(commands[1]).status == 1)
    let sarif = try JSONValue(parsing: String(decoding: wrong.bytes("hone.sarif"), as: UTF8.self))
    let run = try #require(sarif["runs"]?.array?.first)
    #expect(run["results"]?.array?.count == 2)
    #expect(run["results"]?.array?.first?["fixes"]?.array?.count == 1)
    let text = try String(
      contentsOf: Command.root.appendingPathComponent("docs/ci/github-workflow.yml"),
      encoding: .utf8)
    #expect(text.contains("sarif_file: hone.sarif"))

    let right = try checkout(isWrong: false)
    let nothing = try right.run(commands[0])
    #expect(nothing.status == 0)
    #expect(nothing.output.isEmpty)
    #expect(nothing.errors == "1 pipeline: nothing to report; 1 other YAML file skipped\n")
    #expect(try right.run(commands[1]).status == 0)
  }

  @Test func theGitLabJobWritesItsReport() throws {
    let command = try #require(commands(of: "gitlab-ci.yml").first)
    let wrong = try checkout(isWrong: true)
    #expect(try wrong.run(command).status == 1)
    let report = try JSONValue(
      parsing: String(decoding: wrong.bytes("gl-code-quality-report.json"), as: UTF8.self))
    #expect(
      report.array?.map { $0["location"]?["path"]?.string } == [
        "pipelines/wrong.yaml", "pipelines/wrong.yaml",
      ])
    let right = try checkout(isWrong: false)
    #expect(try right.run(command).status == 0)
    #expect(
      String(decoding: try right.bytes("gl-code-quality-report.json"), as: UTF8.self) == "[]\n")
  }

  @Test(arguments: ["pre-commit-hooks.yaml", "pre-commit-config.yaml"])
  func thePreCommitHooksTakeTheFilesOfAChange(name: String) throws {
    let text = try String(
      contentsOf: Command.root.appendingPathComponent("docs/ci/" + name), encoding: .utf8)
    let pattern = try #require(text.firstMatch(of: #/files: (\S+)/#)).1
    let files = try Regex(String(pattern))
    #expect("pipelines/wrong.yaml".contains(files))
    #expect(!"pipelines/data/x.yaml".contains(files))
    for hook in try commands(of: name) {
      let wrong = try checkout(isWrong: true)
      let before = try wrong.bytes("pipelines/wrong.yaml")
      let result = try wrong.run(hook + ["pipelines/right.yaml", "pipelines/wrong.yaml"])
      #expect(result.status == 1)
      let isFixed = try wrong.bytes("pipelines/wrong.yaml") != before
      #expect(isFixed == hook.contains("--fix"))
      #expect(result.errors.hasPrefix("2 pipelines: "))
      #expect(try wrong.run(hook + ["pipelines/right.yaml"]).status == 0)
    }
  }
}
