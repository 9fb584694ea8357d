import Artifacts
import Diagnostics
import Pipelines

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Makes the edits that have exactly one right answer, and reads again until there are none left.
struct PipelineFixer {
  /// What readings need at most: an edit may uncover the next.
  private static let maximumRounds = 10

  private let overrides: [PipelineOverride]
  /// The texts that have changed, which stand for their files.
  private(set) var texts: [String: SourceText] = [:]
  /// The texts before, in the order of their first change.
  private(set) var originals: [SourceText] = []
  /// How many findings have been put right.
  private(set) var count = 0
  /// The text of standard input as it is now, where that is one of the pipelines.
  private(set) var standardInput: [UInt8]?

  init(overrides: [PipelineOverride]) { self.overrides = overrides }

  /// Reads the pipeline in `file`, puts right what can be, and returns the last reading.
  ///
  /// - Throws: ``DiagnosticError`` when the file itself cannot be read.
  mutating func reading(_ file: String) throws(DiagnosticError) -> PipelineReading {
    var reading = read(try PipelineFile.source(file, texts), texts)
    for _ in 0..<Self.maximumRounds {
      let fixes = reading.diagnostics.allowing(in: reading.sources, isPlanned: false)
        .compactMap(\.fix)
      guard let round = attempt(fixes, reading) ?? careful(fixes, reading) else { break }
      for text in round.changed {
        if texts[text.file] == nil,
          let original = reading.sources.first(where: { $0.file == text.file })
        {
          originals.append(original)
        }
        texts[text.file] = text
      }
      count += round.count
      reading = round.reading
    }
    if file == "-" { standardInput = reading.sources.first?.bytes }
    return reading
  }

  // MARK: Rounds

  private struct Round {
    let reading: PipelineReading
    let changed: [SourceText]
    let count: Int
  }

  /// Makes all `fixes` at once; nil where there is nothing to make or it makes new errors.
  private func attempt(_ fixes: [Diagnostic.Fix], _ reading: PipelineReading) -> Round? {
    let (sources, count) = FixApplication.apply(fixes, to: reading.sources)
    let changed = zip(reading.sources, sources).filter { $0.bytes != $1.bytes }.map(\.1)
    guard count > 0, !changed.isEmpty, let source = sources.first else { return nil }
    var texts = self.texts
    for text in changed { texts[text.file] = text }
    let next = read(source, texts)
    return Self.isBetter(next, than: reading)
      ? Round(reading: next, changed: changed, count: count) : nil
  }

  /// Makes those of `fixes` that do no harm by themselves.
  private func careful(_ fixes: [Diagnostic.Fix], _ reading: PipelineReading) -> Round? {
    guard fixes.count > 1 else { return nil }
    let harmless = fixes.filter { attempt([$0], reading) != nil }
    return attempt(harmless, reading) ?? harmless.first.flatMap { attempt([$0], reading) }
  }

  /// Whether there are not more errors, and only new ones that can be put right themselves.
  private static func isBetter(_ next: PipelineReading, than last: PipelineReading) -> Bool {
    let before = last.diagnostics.filter { $0.severity == .error }
    let after = next.diagnostics.filter { $0.severity == .error }
    guard after.count <= before.count else { return false }
    return after.allSatisfy { error in
      error.fix != nil
        || before.contains {
          $0.code == error.code && $0.message == error.message && $0.path == error.path
        }
    }
  }

  private func read(_ source: SourceText, _ texts: [String: SourceText]) -> PipelineReading {
    PipelineFile.read(source, overrides: overrides, texts: texts)
  }

  // MARK: Writing

  /// Writes every changed text to its file, whose links and permissions stay.
  ///
  /// - Throws: ``DiagnosticError`` for the first that cannot be written.
  func write() throws(DiagnosticError) {
    for original in originals {
      guard let text = texts[original.file], original.file != "-" else { continue }
      var path = original.file
      if let resolved = realpath(path, nil) {
        path = String(cString: resolved)
        free(resolved)
      }
      var status = stat()
      let isKnown = stat(path, &status) == 0
      do throws(ArtifactError) {
        try AtomicFile.write(path, text.bytes)
      } catch {
        throw DiagnosticError(error.diagnostic)
      }
      if isKnown { chmod(path, status.st_mode & 0o7777) }
    }
  }
}
