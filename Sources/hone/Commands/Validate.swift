import ArgumentParser
import Artifacts
import Diagnostics
import Pipelines
import Planning

/// `hone validate`.
struct Validate: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, sarif, github, gitlab
  }

  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check pipelines: all findings at once, each with its place and the way out.",
    discussion: """
      Reads the pipelines, and the configuration and headers of the models and adapters they name; \
      what `target_modules` names must be there. Of data it reads the first row of each file; never weights.

      A directory stands for every pipeline below it: each *.yaml or *.yml with a key `hone:` at \
      the top; what begins with a dot is left out. Patterns that the shell left alone (*, ?, [a-z], \
      and ** for any directories) are expanded. Without an argument, pipelines are looked for below \
      the working directory.

      A comment `# hone: allow CODE` silences a warning on the next line. docs/ci.md shows the \
      formats at work.

      Exit codes: 0 no errors, 1 errors (or warnings under --warnings-as-errors, or changes under \
      --fix --diff), 3 the output cannot be written, 64 usage.

      Example:
        hone validate pipelines
        hone validate --fix pipelines/*.yaml
        hone validate --format sarif --output hone.sarif 'pipelines/**/*.yaml'
        hone validate --format json - < pipeline.yaml
      """)

  @Argument(
    help: "Pipelines, directories and patterns; - reads standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var files: [String] = []

  @Option(
    help: """
      How findings are written: text, json, sarif (code scanning), github (annotations) or gitlab \
      (code quality).
      """)
  var format = Format.text

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: "Set a value in each pipeline: path=value, as seed=7 or vars.rank=16.")
  var set: [String] = []

  @Option(help: "Write the findings to this file; the count still goes to standard error.")
  var output: String?

  @Flag(help: "Count and report every warning as an error.")
  var warningsAsErrors = false

  @Flag(help: "Look at the pipelines alone, not at the files they name.")
  var noFiles = false

  @Option(help: "Report at most this many findings, errors first, and count the rest.")
  var maxProblems: Int?

  @Flag(help: "Make the edits that have exactly one right answer; layout and comments stay.")
  var fix = false

  @Flag(help: "With --fix: print the edits as a diff and change nothing.")
  var diff = false

  func validate() throws {
    if diff && !fix { throw ValidationError("--diff shows what --fix would do; add --fix") }
    if let maxProblems, maxProblems < 0 {
      throw ValidationError("--max-problems takes a number from 0; found \(maxProblems)")
    }
  }

  func run() throws {
    let terminal = Terminal.current()
    let search = PipelineSearch(files.isEmpty ? ["."] : files)
    var validation = Validation(
      overrides: overrides, readsFiles: !noFiles, isFixing: fix, terminal: terminal)
    let whole = validation.report(search)
    let isChanged = try finish(validation.fixer, terminal)
    var report = warningsAsErrors ? whole.withWarningsAsErrors : whole
    if let maxProblems { report = report.limited(to: maxProblems) }
    try write(report, terminal)
    terminal.printError(summary(report, search, validation.fixer))
    if report.count(.error) > 0 || diff && isChanged { throw ExitCode.invalid }
  }

  private var overrides: [PipelineOverride] { self.set.map { .set($0) } }

  // MARK: Fixing

  /// Whether standard output carries something else than the findings.
  private var printsTexts: Bool { fix && (diff || files.contains("-")) }

  /// Writes what was put right, or shows it.
  ///
  /// - Returns: whether anything was.
  private func finish(_ fixer: PipelineFixer, _ terminal: Terminal) throws -> Bool {
    guard fix else { return false }
    if diff {
      for original in fixer.originals {
        guard let text = fixer.texts[original.file] else { continue }
        terminal.print(UnifiedDiff.text(from: original, to: text))
      }
    } else {
      do throws(DiagnosticError) {
        try fixer.write()
      } catch {
        terminal.show(error.diagnostics)
        throw ExitCode.stageFailed
      }
      if files.contains("-"), let text = fixer.standardInput { terminal.print(text) }
    }
    return !fixer.originals.isEmpty
  }

  // MARK: Writing

  private func write(_ report: DiagnosticReport, _ terminal: Terminal) throws {
    let directory = WorkingDirectory.path
    let text: String
    switch format {
    case .text:
      let isColored = printsTexts ? terminal.usesColourForErrors : terminal.usesColour
      text = TextRenderer.text(report, isColored: isColored && output == nil)
    case .json: text = JSONRenderer.json(report).text(.indented) + "\n"
    case .sarif:
      let renderer = SARIFRenderer(honeVersion: Version.current, directory: directory)
      text = renderer.json(report).text(.indented) + "\n"
    case .github: text = GitHubRenderer.text(report, directory: directory)
    case .gitlab:
      text = GitLabRenderer.json(report, directory: directory).text(.indented) + "\n"
    }
    guard let output else {
      if printsTexts { terminal.printError(text) } else { terminal.print(text) }
      return
    }
    do throws(ArtifactError) {
      try AtomicFile.write(output, text)
    } catch {
      terminal.show([error.diagnostic])
      throw ExitCode.stageFailed
    }
  }

  /// As `3 pipelines: 2 errors, 1 warning (1 can be fixed with --fix); 4 other YAML files skipped`.
  private func summary(
    _ report: DiagnosticReport, _ search: PipelineSearch, _ fixer: PipelineFixer
  ) -> String {
    var text = Self.counted(search.files.count, "pipeline") + ": "
    if fixer.count > 0 {
      let files = Self.counted(fixer.originals.count, "file")
      text += "\(diff ? "would fix" : "fixed") \(fixer.count) in \(files); "
    }
    text += report.summary ?? "nothing to report"
    if !fix, report.fixableCount > 0 {
      text += " (\(report.fixableCount) can be fixed with --fix)"
    }
    if search.skippedCount > 0 {
      text += "; \(Self.counted(search.skippedCount, "other YAML file")) skipped"
    }
    return text + "\n"
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
