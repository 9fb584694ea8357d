import ArgumentParser
import Diagnostics
import Pipelines
import Planning
import Tensors

/// A pipeline that is planned, once a case of its matrix.
struct PlannedPipeline {
  /// One case, or all there is where the pipeline has no matrix.
  struct Case {
    /// Nil without a matrix.
    let name: String?
    let run: PreparedRun
    let backend: any ComputeBackend

    /// Plans what is like this.
    func replanning(_ calibration: Calibration? = nil) -> Replanning {
      Replanning(
        run, backend: backend, honeVersion: Version.current, calibration: calibration)
    }
  }

  let cases: [Case]
  let sources: [SourceText]
}

/// What is to be planned: a pipeline's file and what the command line says beside it.
struct PlanRequest {
  let file: String
  var overrides: [PipelineOverride] = []
  /// One case of the matrix; nil takes all.
  var caseName: String?

  /// Reads the pipeline; prints what is wrong with it.
  ///
  /// - Throws: ``ExitCode/invalid`` when it has errors.
  func read(_ terminal: Terminal) throws -> PipelineReading {
    let reading: PipelineReading
    do throws(DiagnosticError) {
      reading = try PipelineFile.read(file, overrides: overrides)
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.invalid
    }
    guard !reading.cases.isEmpty else {
      terminal.show(reading.diagnostics, reading.sources)
      throw ExitCode.invalid
    }
    return reading
  }

  /// Reads and plans the pipeline; prints what is wrong with it, warnings only if asked.
  ///
  /// - Throws: ``ExitCode/invalid`` when it has errors, a usage error when it has no such case.
  func plan(_ terminal: Terminal, showsWarnings: Bool = true) throws -> PlannedPipeline {
    try plan(read(terminal), terminal, showsWarnings: showsWarnings)
  }

  /// Plans what was read; prints what is wrong with it, also with the directories of the runs where
  /// `looksAtOutput`.
  ///
  /// - Throws: as ``plan(_:showsWarnings:)``.
  func plan(
    _ reading: PipelineReading, _ terminal: Terminal, showsWarnings: Bool = true,
    looksAtOutput: Bool = false
  ) throws -> PlannedPipeline {
    var found = DiagnosticBag(reading.diagnostics)
    var cases: [PlannedPipeline.Case] = []
    for chosen in try chosenCases(reading) {
      let pipeline = chosen.pipeline
      let backend = BackendRegistry.backend(
        pipeline.backend.name.value, threads: pipeline.backend.threads?.value)
      let planner = Planner(
        pipeline, backend: backend, honeVersion: Version.current, machine: .current,
        caseName: chosen.name, overrides: overrides)
      let (run, diagnostics) = planner.prepare(after: cases.first?.run)
      for diagnostic in diagnostics { found.report(diagnostic) }
      guard let run else { continue }
      if looksAtOutput {
        for diagnostic in OutputPlace.findings(run.pipeline.output, plan: run.plan) {
          found.report(diagnostic)
        }
      }
      cases.append(PlannedPipeline.Case(name: chosen.name, run: run, backend: backend))
    }
    if showsWarnings || found.hasErrors { terminal.show(found.sorted, reading.sources) }
    if found.hasErrors { throw ExitCode.invalid }
    return PlannedPipeline(cases: cases, sources: reading.sources)
  }

  /// The cases that are asked for.
  ///
  /// - Throws: a usage error when the pipeline has no such case.
  func chosenCases(_ reading: PipelineReading) throws -> [PipelineCase] {
    guard let caseName else { return reading.cases }
    let names = reading.cases.compactMap(\.name)
    if let chosen = reading.cases.first(where: { $0.name == caseName }) { return [chosen] }
    if names.isEmpty {
      throw ValidationError("`\(file)` has no `matrix`, so no case `\(caseName)`")
    }
    let near = Suggestion.nearest(to: caseName, among: names).map { ", did you mean `\($0)`?" }
    let shown = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    throw ValidationError("there is no case `\(caseName)`\(near ?? ""); cases: \(shown)")
  }
}
