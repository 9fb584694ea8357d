import ArgumentParser
import Artifacts
import Diagnostics
import JSONSyntax
import Planning

/// `hone plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show the whole run before it happens: modules, rows, steps, memory, time, files.",
    discussion: """
      Reads configuration, headers, tokenizer and rows, never weights. Measures the backend for a \
      third of a second when it meets it for the first time; `--no-time` leaves that out.
      Where inputs are not there yet, it shows what is known without them, and warns.

      Example:
        hone plan pipelines/quickstart.yaml
        hone plan --details pipelines/quickstart.yaml   every setting and where it came from
        hone plan --preview 2 pipelines/quickstart.yaml rows as the model sees them, by tokens
        hone plan --json pipelines/quickstart.yaml      for programs: docs/plan-format.md
        hone plan --out plan.json pipeline.yaml         for `hone run plan.json`
        hone plan --compare full,lora,lora:r=16 pipeline.yaml
                                                        methods side by side, on your model and data
        hone plan --max-memory 2GiB --max-time 2h pipeline.yaml
                                                        a gate in CI: exit 1 where it costs more
        hone plan --detailed-exitcode pipeline.yaml     exit 2 where a run would do something
        hone plan --case r-16 sweep.yaml                one case of a `matrix`
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(help: "Print the plan as JSON; of several cases an array.")
  var json = false

  @Flag(help: "Print every setting with its value and its origin.")
  var details = false

  @Flag(inversion: .prefixedNo, help: "Say how long it takes, from what the backend can do.")
  var time = true

  @Option(
    help: ArgumentHelp(
      "Put methods side by side: full, lora, lora:r=16:alpha=32, or other pipelines' files.",
      valueName: "methods"))
  var compare: String?

  @Option(
    help: ArgumentHelp(
      "Write the plan as JSON to this file; of several cases into this directory.",
      valueName: "file"), completion: .file())
  var out: String?

  @Flag(
    help: "Exit with 2 where work is pending, 0 where a run would have nothing to do, 1 on errors.")
  var detailedExitcode = false

  @OptionGroup var limits: LimitOptions

  @OptionGroup var rows: PreviewOptions

  func run() throws {
    let terminal = Terminal.current()
    // A plan that is to be kept, compared or held against a limit has to be whole.
    let request = options.request
    let reading = try request.read(terminal)
    if out == nil, compare == nil, limits.isEmpty,
      let outlined = OutlinedPipeline(try request.chosenCases(reading), of: reading)
    {
      outlined.show(asJSON: json, details: details, terminal)
      if detailedExitcode { throw ExitCode.pending }
      return
    }
    let methods = try compare.map(ComparedMethod.list)
    let planned = try request.plan(reading, terminal, looksAtOutput: true)
    if let methods {
      try showComparison(of: methods, planned, terminal)
    } else {
      try show(planned, terminal)
    }
    if let out { try write(planned, to: out, terminal) }
    if limits.exceeded(by: planned, terminal) { throw ExitCode.invalid }
    if detailedExitcode, planned.cases.contains(where: \.isPending) { throw ExitCode.pending }
  }

  private func show(_ planned: PlannedPipeline, _ terminal: Terminal) throws {
    if json {
      let plans = try planned.cases.map { try self.json(of: $0, terminal) }
      let value = plans.count == 1 ? plans[0] : .array(plans)
      return terminal.print(value.text(.indented) + "\n")
    }
    if planned.cases.count > 1 { terminal.print(planned.table(isTimed: time)) }
    for entry in planned.cases {
      if planned.cases.count > 1 {
        guard details || rows.isAsked else { continue }
        terminal.print("\n\(entry.name ?? "")\n")
      } else {
        terminal.print(
          entry.run.plan.text(
            status: entry.status, estimate: entry.estimate(isTimed: time),
            isColored: terminal.usesColour))
      }
      if let preview = try rows.preview(of: entry.run, terminal) {
        terminal.print("\n" + preview.text(rows.style(terminal)))
      }
      if details { terminal.print("\n" + entry.run.plan.details(isColored: terminal.usesColour)) }
    }
  }

  /// The plan, and beside it what is no part of its identity: how far it is done, how long it
  /// takes, and the rows that were asked for.
  private func json(
    of entry: PlannedPipeline.Case, _ terminal: Terminal
  ) throws -> JSONValue {
    guard case .object(var object) = entry.run.plan.json else { return entry.run.plan.json }
    object["status"] = entry.status.json
    object["estimate"] = entry.estimate(isTimed: time)?.json
    object["preview"] = try rows.preview(of: entry.run, terminal)?.json
    return .object(object)
  }

  // MARK: --compare

  private func showComparison(
    of methods: [ComparedMethod], _ planned: PlannedPipeline, _ terminal: Terminal
  ) throws {
    guard planned.cases.count == 1 else {
      throw ValidationError("--compare takes one case; choose it with --case")
    }
    let entry = planned.cases[0]
    let planning = entry.replanning(MeasuredBackends.calibration(of: entry.backend))
    var costs: [MethodCost] = []
    do throws(DiagnosticError) {
      for method in methods {
        if case .variant(let title, let variant) = method {
          costs.append(
            try MethodComparison.cost(.variant(title: title, variant), of: planning))
        }
      }
    } catch {
      terminal.show(error.diagnostics, planned.sources)
      throw ExitCode.invalid
    }
    for case .pipeline(let file) in methods { costs += try Self.costs(of: file, terminal) }
    let comparison = MethodComparison(costs)
    terminal.print(json ? comparison.json.text(.indented) + "\n" : comparison.text())
  }

  /// Another pipeline's columns: one a case.
  private static func costs(of file: String, _ terminal: Terminal) throws -> [MethodCost] {
    let other = try PlanRequest(file: file).plan(terminal)
    do throws(DiagnosticError) {
      var costs: [MethodCost] = []
      for entry in other.cases {
        let planning = entry.replanning(MeasuredBackends.calibration(of: entry.backend))
        costs.append(try MethodComparison.cost(.own, of: planning))
      }
      return costs
    } catch {
      terminal.show(error.diagnostics, other.sources)
      throw ExitCode.invalid
    }
  }

  // MARK: --out

  private func write(
    _ planned: PlannedPipeline, to out: String, _ terminal: Terminal
  ) throws {
    let isDirectory = out.hasSuffix("/") || FilePaths.kind(of: out) == .directory
    if planned.cases.count > 1, !isDirectory {
      throw ValidationError(
        "there are \(planned.cases.count) plans: name a directory, as `--out plans/`, or choose "
          + "one case with --case")
    }
    do throws(ArtifactError) {
      if isDirectory { try FilePaths.createDirectories(out) }
      for entry in planned.cases {
        let path = isDirectory ? FilePaths.joining(out, entry.fileName) : out
        try AtomicFile.write(path, entry.run.plan.json.text(.indented) + "\n")
      }
    } catch {
      terminal.show([error.diagnostic])
      throw ExitCode.stageFailed
    }
  }
}

extension PlannedPipeline {
  /// The cases in a table, with their times where the backend can be measured.
  fileprivate func table(isTimed: Bool) -> String {
    CaseTable(
      cases.map { entry in
        CaseTable.Case(
          entry.name ?? "", entry.run.plan, seconds: entry.estimate(isTimed: isTimed)?.seconds)
      }
    ).text()
  }
}

extension PlannedPipeline.Case {
  /// The file of its plan in a directory of plans.
  fileprivate var fileName: String {
    let name = (self.name ?? run.plan.pipeline.name).map { $0 == "/" || $0 == "\0" ? "-" : $0 }
    return String(name) + ".json"
  }

  /// How far a run of it is done.
  fileprivate var status: PlanStatus {
    PlanStatus(run.plan, RunRecord(directory: run.plan.pipeline.output))
  }

  /// Whether a run would do anything.
  fileprivate var isPending: Bool { status.isPending }

  /// How long it takes; nil where nobody asks, or the backend cannot be measured.
  fileprivate func estimate(isTimed: Bool) -> PlanEstimate? {
    guard isTimed else { return nil }
    return MeasuredBackends.calibration(of: backend).map { PlanEstimate(run, $0) }
  }
}
