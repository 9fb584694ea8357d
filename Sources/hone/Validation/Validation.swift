import Diagnostics
import Pipelines
import Planning

/// Checks pipelines one after the other.
struct Validation {
  private let overrides: [PipelineOverride]
  private let readsFiles: Bool
  private let isFixing: Bool
  private let terminal: Terminal
  /// What has been put right.
  private(set) var fixer: PipelineFixer

  init(overrides: [PipelineOverride], readsFiles: Bool, isFixing: Bool, terminal: Terminal) {
    self.overrides = overrides
    self.readsFiles = readsFiles
    self.isFixing = isFixing
    self.terminal = terminal
    fixer = PipelineFixer(overrides: overrides)
  }

  /// Everything found in the pipelines of `search`.
  mutating func report(_ search: PipelineSearch) -> DiagnosticReport {
    var progress = Progress(terminal: terminal, total: search.files.count)
    var reports = search.diagnostics.isEmpty ? [] : [DiagnosticReport(search.diagnostics)]
    for file in search.files {
      progress.advance(to: file)
      reports.append(report(on: file))
    }
    progress.end()
    return DiagnosticReport(merging: reports)
  }

  private mutating func report(on file: String) -> DiagnosticReport {
    let reading: PipelineReading
    do throws(DiagnosticError) {
      reading =
        try isFixing ? fixer.reading(file) : PipelineFile.read(file, overrides: overrides)
    } catch {
      return DiagnosticReport(error.diagnostics, pipeline: file)
    }
    let files =
      readsFiles ? reading.cases.flatMap { InputCheck.diagnostics(of: $0.pipeline) } : []
    let found =
      files.isEmpty ? reading.diagnostics : DiagnosticBag(reading.diagnostics + files).sorted
    return DiagnosticReport(
      found.allowing(in: reading.sources, isPlanned: false), sources: reading.sources,
      pipeline: file)
  }
}

/// A line on a terminal that says how far a long check is.
private struct Progress {
  private static let patience = Duration.seconds(2)

  private let terminal: Terminal
  private let total: Int
  private let start = ContinuousClock.now
  private var shown = ContinuousClock.now
  private var done = 0
  private var isVisible = false

  init(terminal: Terminal, total: Int) {
    self.terminal = terminal
    self.total = total
  }

  /// Says that `file` is next, where someone is waiting.
  mutating func advance(to file: String) {
    done += 1
    guard terminal.isInteractive else { return }
    let now = ContinuousClock.now
    guard now - start > Self.patience, !isVisible || now - shown > .milliseconds(100) else {
      return
    }
    shown = now
    isVisible = true
    let line = "\(done) of \(total): \(file)".prefix(max(10, terminal.width - 1))
    terminal.printError("\r\u{1B}[K\(line)")
  }

  func end() {
    if isVisible { terminal.printError("\r\u{1B}[K") }
  }
}
