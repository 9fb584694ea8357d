import Foundation
import JSONSyntax
import Testing

/// `hone validate` as a person or a CI job runs it.
@Suite struct ValidateTests {
  private static let right = """
    hone: 1
    name: right
    model: {load: m}
    stages: [{generate: {prompts: [a]}}]

    """
  private static let slip = right.replacing("name: right", with: "nam: right  # keep")
  private static let wrong = right.replacing("name: right", with: "name: a\nseed: seven")
  private static let warned = """
    hone: 1
    name: warned
    model: {load: m}
    data: {rows: {load: r.jsonl}}
    stages:
      - train:
          data: rows
          method: {full: {}}
          max_steps: 10
          optimizer: {adamw: {learning_rate: 1e-4}}
          evaluate: {data: rows, every: 100 steps}

    """

  private func command(_ files: [String: String]) throws -> Command {
    let command = try Command()
    for (name, text) in files {
      try command.makeFolder(of: name)
      try command.write(text, to: name)
    }
    return command
  }

  private func validate(_ command: Command, _ arguments: String...) throws -> Command.Result {
    try command.run(["validate", "--no-files"] + arguments)
  }

  // MARK: What is looked at

  private static let tree = [
    "a.yaml": right, "b.yml": right, "compose.yaml": "services: {hone: 1}\n",
    "sub/c.yaml": right, "sub/deep/d.yaml": "{name: x, \"hone\": 1}", "sub/note.txt": right,
    ".hidden/e.yaml": wrong, "sub/.f.yaml": wrong,
  ]

  @Test func aDirectoryStandsForThePipelinesBelowIt() throws {
    let command = try command(Self.tree)
    try FileManager.default.createSymbolicLink(
      at: command.directory.appendingPathComponent("sub/loop"),
      withDestinationURL: command.directory)
    let result = try validate(command, ".")
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("4 pipelines: "))
    #expect(result.errors.hasSuffix("; 1 other YAML file skipped\n"))
    #expect(result.output.hasPrefix("sub/deep/d.yaml:1:1: error: missing key `model`"))
    #expect(try validate(command).errors == result.errors)
    #expect(try validate(command, ".", "a.yaml", "sub").errors == result.errors)
  }

  @Test(arguments: [
    ("*.yaml", 2), ("*.y*ml", 3), ("?.yaml", 1), ("[ab].y*", 2), ("[!a].y*", 1),
    ("[a-c]*.yaml", 2), ("**/*.yaml", 4), ("sub/**/d.yaml", 1), ("s*/c.yaml", 1), ("**/c.yaml", 1),
    ("sub/.*.yaml", 1), ("s*b", 2),
  ])
  func patternsThatTheShellLeftAloneAreExpanded(pattern: String, count: Int) throws {
    let result = try validate(try command(Self.tree), pattern)
    #expect(result.errors.hasPrefix("\(count) pipeline\(count == 1 ? "" : "s"): "))
  }

  @Test(arguments: ["*.json", "none/*.yaml", "sub/deep/*/x.yaml", "[z]*.yaml"])
  func aPatternWithoutAMatchIsAnError(pattern: String) throws {
    let result = try validate(try command(Self.tree), pattern)
    #expect(result.status == 1)
    #expect(result.output.contains("error: `\(pattern)` matches no file [missing-file]"))
  }

  @Test func aDirectoryWithoutPipelinesIsAnError() throws {
    let result = try validate(try command(["empty/x.yaml": "a: 1"]), "empty")
    #expect(result.status == 1)
    #expect(result.output.contains("there is no pipeline below `empty`"))
  }

  @Test func standardInputIsOneOfTheFiles() throws {
    let command = try command(["a.yaml": Self.right])
    let result = try command.run(["validate", "--no-files", "a.yaml", "-"], input: Self.wrong)
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("-:3:7: error: `seed` must be an integer"))
    #expect(result.errors == "2 pipelines: 1 error\n")
  }

  // MARK: Formats

  @Test(arguments: ["text", "json", "sarif", "github", "gitlab"])
  func everyFormatGoesToAFileWhole(format: String) throws {
    let command = try command(["p/wrong.yaml": Self.wrong, "right.yaml": Self.right])
    let shown = try validate(command, "--format", format, "p", "right.yaml")
    let result = try validate(
      command, "--format", format, "--output", "out/report", "p", "right.yaml")
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors == "2 pipelines: 1 error\n")
    #expect(shown.errors == result.errors)
    let text = String(decoding: try command.bytes("out/report"), as: UTF8.self)
    #expect(text == shown.output)
    #expect(text.contains("p/wrong.yaml"))
    #expect(
      try FileManager.default.contentsOfDirectory(
        atPath: command.directory.appendingPathComponent("out").path) == ["report"])
  }

  @Test func pathsBelowTheWorkingDirectoryAreRelativeForPrograms() throws {
    let command = try command(["p/wrong.yaml": Self.wrong])
    let path = command.directory.resolvingSymlinksInPath().path + "/p/wrong.yaml"
    let result = try validate(command, "--format", "github", path)
    #expect(result.output.hasPrefix("::error file=p/wrong.yaml,line=3,"))
  }

  @Test func anOutputThatCannotBeWrittenIsADiagnostic() throws {
    let command = try command(["right.yaml": Self.right])
    let result = try validate(command, "--output", "right.yaml/x", "right.yaml")
    #expect(result.status == 3)
    #expect(result.errors.contains("[unwritable-output]"))
  }

  @Test func warningsAreErrorsOnlyWhenAsked() throws {
    let command = try command(["w.yaml": Self.warned])
    let result = try validate(command, "w.yaml")
    #expect(result.status == 0)
    #expect(result.errors == "1 pipeline: 1 warning\n")
    let strict = try validate(command, "--warnings-as-errors", "w.yaml")
    #expect(strict.status == 1)
    #expect(strict.output.contains(": error: "))
    #expect(strict.errors == "1 pipeline: 1 error\n")
  }

  @Test func anAllowedWarningIsSilentInValidateAndPlan() throws {
    let command = try Command()
    let pipeline = command.pipeline(name: "w").replacing(
      "optimizer: {adam",
      with: "evaluate: {data: questions, every: 100 steps}\n      optimizer: {adam")
    try command.write(pipeline, to: "w.yaml")
    let allowed = pipeline.replacing(
      "evaluate: {data", with: "# hone: allow cadence-exceeds-run\n      evaluate: {data")
    try command.write(allowed, to: "allowed.yaml")
    for verb in ["validate", "plan"] {
      let loud = try command.run(verb, "w.yaml")
      #expect((loud.output + loud.errors).contains("[cadence-exceeds-run]"))
      let quiet = try command.run(verb, "--", "allowed.yaml")
      #expect(quiet.status == 0)
      #expect(!(quiet.output + quiet.errors).contains("[cadence-exceeds-run]"))
      #expect(!(quiet.output + quiet.errors).contains("[unused-allow]"))
    }
  }

  @Test func theRestOfManyFindingsIsCounted() throws {
    let command = try command(["empty.yaml": "hone: 1\n"])
    let result = try validate(command, "--max-problems", "1", "empty.yaml")
    #expect(result.output.hasSuffix("\nand 2 more\n"))
    #expect(result.errors == "1 pipeline: 3 errors\n")
    #expect(result.status == 1)
    #expect(try validate(command, "--max-problems=-1", "empty.yaml").status == 64)
  }

  // MARK: Fixing

  @Test func fixWritesTheFileAndKeepsTheRest() throws {
    let command = try command(["slip.yaml": Self.slip])
    let file = command.directory.appendingPathComponent("slip.yaml").path
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
    try FileManager.default.createSymbolicLink(
      atPath: command.directory.appendingPathComponent("link.yaml").path,
      withDestinationPath: "slip.yaml")
    #expect(
      try validate(command, "slip.yaml").errors
        == "1 pipeline: 1 error (1 can be fixed with --fix)\n")
    let result = try validate(command, "--fix", "link.yaml")
    #expect(result.status == 0)
    #expect(result.output.isEmpty)
    #expect(result.errors == "1 pipeline: fixed 1 in 1 file; nothing to report\n")
    #expect(
      String(decoding: try command.bytes("slip.yaml"), as: UTF8.self)
        == Self.slip.replacing("nam:", with: "name:"))
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(
      try FileManager.default.destinationOfSymbolicLink(
        atPath: command.directory.appendingPathComponent("link.yaml").path) == "slip.yaml")
  }

  @Test func whatIsNotFixedIsReportedAndAFileWithoutSlipsIsNotTouched() throws {
    let command = try command([
      "slip.yaml": Self.slip.replacing("model:", with: "seed: seven\nmodel:"),
      "wrong.yaml": Self.wrong,
    ])
    let before = try command.bytes("wrong.yaml")
    let result = try validate(command, "--fix", ".")
    #expect(result.status == 1)
    #expect(result.errors == "2 pipelines: fixed 1 in 1 file; 2 errors\n")
    #expect(result.output.contains("slip.yaml:3:7: error: `seed` must be"))
    #expect(try command.bytes("wrong.yaml") == before)
  }

  @Test func aFixThatMakesANewErrorIsNotMade() throws {
    // `max_step` is a slip, but beside `epochs` its right name is refused.
    let text = Self.warned.replacing(
      "max_steps: 10", with: "epochs: 1\n      max_step: 10")
    let command = try command(["a.yaml": text.replacing("name: w", with: "nam: w")])
    let result = try validate(command, "--fix", "a.yaml")
    #expect(result.status == 1)
    #expect(result.errors.contains("fixed 1 in 1 file; 1 error"))
    #expect(String(decoding: try command.bytes("a.yaml"), as: UTF8.self) == text)
  }

  @Test func ofStandardInputTheRightTextIsPrinted() throws {
    let command = try Command()
    let crlf = "\u{FEFF}" + Self.slip.replacing("\n", with: "\r\n")
    let result = try command.run(["validate", "--no-files", "--fix", "-"], input: crlf)
    #expect(result.status == 0)
    #expect(Array(result.output.utf8) == Array(crlf.replacing("nam:", with: "name:").utf8))
    let right = try command.run(["validate", "--no-files", "--fix", "-"], input: Self.wrong)
    #expect(right.output == Self.wrong)
    #expect(right.errors.contains("-:3:7: error: "))
  }

  @Test func diffShowsTheEditsAndWritesNothing() throws {
    let command = try command(["slip.yaml": Self.slip])
    let result = try validate(command, "--fix", "--diff", "slip.yaml")
    #expect(result.status == 1)
    #expect(
      result.output == """
        --- slip.yaml
        +++ slip.yaml
        @@ -1,4 +1,4 @@
         hone: 1
        -nam: right  # keep
        +name: right  # keep
         model: {load: m}
         stages: [{generate: {prompts: [a]}}]

        """)
    #expect(result.errors == "1 pipeline: would fix 1 in 1 file; nothing to report\n")
    #expect(String(decoding: try command.bytes("slip.yaml"), as: UTF8.self) == Self.slip)
    #expect(try validate(command, "--diff", "slip.yaml").status == 64)
  }

  @Test func aDiffOfSeveralPlacesIsOneThatPatchApplies() throws {
    let filler = (1...12).map { "# line \($0)\n" }.joined()
    let text = "seeed: 1\n" + filler + Self.slip + filler + "x-note: 1"
    let command = try command([
      "a.yaml": text.replacing("[a]", with: "[a], temp: 0.5")
        .replacing("x-note: 1", with: "outptu: x")
    ])
    let diff = try validate(command, "--fix", "--diff", "a.yaml").output
    #expect(diff.contains("\\ No newline at end of file\n"))
    try command.write(diff, to: "a.diff")
    let patch = Process()
    patch.executableURL = URL(fileURLWithPath: "/usr/bin/patch")
    patch.currentDirectoryURL = command.directory
    patch.arguments = ["-s", "-p0", "-i", "a.diff"]
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/patch") else {
      #expect(diff.split(separator: "\n").count { $0.hasPrefix("@@ ") } == 3)
      return
    }
    try patch.run()
    patch.waitUntilExit()
    #expect(patch.terminationStatus == 0)
    #expect(try validate(command, "a.yaml").status == 0)
  }

  // MARK: Composition

  @Test func aFixInABaseEditsTheBaseAndOneInSetEditsNothing() throws {
    let command = try command([
      "base.yaml": Self.slip, "a.yaml": "extends: base.yaml\nseed: '3'  # three\n",
    ])
    #expect(try validate(command, "a.yaml").errors.contains("2 errors (2 can be fixed with --fix)"))
    let set = try validate(command, "--set", "seed=yes", "--format", "github", "a.yaml")
    #expect(set.status == 1)
    #expect(set.output.contains("::error file=a.yaml,title=wrong-type::"))
    let result = try validate(command, "--fix", "a.yaml")
    #expect(result.status == 0, "\(result)")
    #expect(result.errors == "1 pipeline: fixed 2 in 2 files; nothing to report\n")
    #expect(
      String(decoding: try command.bytes("a.yaml"), as: UTF8.self)
        == "extends: base.yaml\nseed: 3  # three\n")
    #expect(
      String(decoding: try command.bytes("base.yaml"), as: UTF8.self)
        == Self.slip.replacing("nam:", with: "name:"))
    #expect(try validate(command, "--set", "seed='4'", "--fix", "a.yaml").status == 1)
    #expect(
      !FileManager.default.fileExists(
        atPath: command.directory.appendingPathComponent("--set").path))
  }

  @Test func aValueThatAVariableMadeIsNotWrittenInItsPlace() throws {
    let text =
      "vars: {s: '1_0'}\n"
      + Self.right.replacing("name: right", with: "name: right\nseed: ${s}")
    let command = try command(["a.yaml": text])
    _ = try validate(command, "--fix", "a.yaml")
    #expect(String(decoding: try command.bytes("a.yaml"), as: UTF8.self).contains("seed: ${s}"))
  }

  // MARK: Explaining

  @Test func aSlipInACodeIsUnderstood() throws {
    let result = try Command().run("explain", "ded-target")
    #expect(result.status == 64)
    #expect(result.errors.contains("did you mean `dead-target`?"))
  }
}
