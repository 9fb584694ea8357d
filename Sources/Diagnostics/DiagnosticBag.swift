/// Findings as they are made; in order of place when they are read.
package struct DiagnosticBag: Sendable {
  private var found: [Diagnostic] = []
  private var seen: Set<Diagnostic> = []

  package init() {}

  package init(_ diagnostics: some Sequence<Diagnostic>) {
    for diagnostic in diagnostics { report(diagnostic) }
  }

  /// Adds a finding; the same one twice stands once.
  package mutating func report(_ diagnostic: Diagnostic) {
    if seen.insert(diagnostic).inserted { found.append(diagnostic) }
  }

  /// Whether a finding forbids to go on.
  package var hasErrors: Bool { found.contains { $0.severity == .error } }

  /// All findings by file (in order of first mention), line and column; those without a place last.
  package var sorted: [Diagnostic] {
    var fileOrder: [String: Int] = [:]
    for file in found.compactMap(\.span?.file) where fileOrder[file] == nil {
      fileOrder[file] = fileOrder.count
    }
    func key(_ diagnostic: Diagnostic) -> (Int, Int, Int) {
      guard let span = diagnostic.span else { return (.max, 0, 0) }
      return (fileOrder[span.file] ?? .max, span.start.line, span.start.column)
    }
    return found.enumerated()
      .sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }
      .map(\.element)
  }
}

/// Orders two findings' keys, then their order of arrival.
private func < (lhs: ((Int, Int, Int), Int), rhs: ((Int, Int, Int), Int)) -> Bool {
  lhs.0 == rhs.0 ? lhs.1 < rhs.1 : lhs.0 < rhs.0
}
