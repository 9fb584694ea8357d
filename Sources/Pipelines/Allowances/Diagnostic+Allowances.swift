package import Diagnostics

extension [Diagnostic] {
  /// The findings without the warnings that `# hone: allow CODE` in `sources` silences, and with a
  /// warning for every such comment that silences nothing.
  ///
  /// Errors stay. What only planning finds is not called unused until `isPlanned`, and nothing is
  /// where there are errors, which may hide warnings.
  package func allowing(in sources: [SourceText], isPlanned: Bool) -> [Diagnostic] {
    var rest = self
    var unused: [Diagnostic] = []
    let isWhole = !contains { $0.severity == .error }
    for source in sources {
      for allowance in Allowance.all(in: source) {
        for name in allowance.names {
          let code = DiagnosticCode(named: name.text)
          let count = rest.count
          let isError = rest.contains { $0.severity == .error && $0.stands(at: allowance, code) }
          rest.removeAll { $0.severity == .warning && $0.stands(at: allowance, code) }
          guard rest.count == count else { continue }
          let finding = allowance.finding(
            name, code, isError: isError, isWhole: isWhole, isPlanned: isPlanned, in: source)
          if let finding { unused.append(finding) }
        }
        if allowance.names.isEmpty { unused.append(allowance.withoutNames) }
      }
    }
    return unused.isEmpty ? rest : DiagnosticBag(rest + unused).sorted
  }
}

extension Diagnostic {
  fileprivate func stands(at allowance: Allowance, _ code: DiagnosticCode?) -> Bool {
    self.code == code && span?.file == allowance.span.file && span?.start.line == allowance.line
  }
}

extension Allowance {
  /// The finding for a comment that names nothing.
  fileprivate var withoutNames: Diagnostic {
    if let misspelling {
      return Diagnostic(
        .warning, .unusedAllow, "`hone: \(Findings.excerpt(misspelling))` means nothing", at: span,
        help: "did you mean `# hone: allow CODE`?")
    }
    return Diagnostic(
      .warning, .unusedAllow, "`# hone: allow` names no code", at: span,
      help: "write the code in brackets at the end of a warning, as `# hone: allow dead-target`")
  }

  /// What is wrong with a name that silences nothing; nil where that cannot be known yet.
  fileprivate func finding(
    _ name: Name, _ code: DiagnosticCode?, isError: Bool, isWhole: Bool, isPlanned: Bool,
    in source: SourceText
  ) -> Diagnostic? {
    let text = Findings.excerpt(name.text)
    guard let code else {
      let codes = DiagnosticCode.allCases.filter { $0.explanation.warning != .never }
      let near =
        Suggestion.nearest(to: name.text, among: codes.map(\.rawValue))
        ?? Suggestion.nearest(to: name.text, among: DiagnosticCode.allCases.map(\.rawValue))
      return Diagnostic(
        .warning, .unusedAllow, "there is no code `\(text)`", at: name.span,
        help: near.map { "did you mean `\($0)`?" } ?? "`hone explain --list` prints all codes")
    }
    if isError || code.explanation.warning == .never {
      return Diagnostic(
        .warning, .unusedAllow, "`\(text)` is an error, and errors cannot be silenced",
        at: name.span, help: "put right what it says, and remove this")
    }
    switch code.explanation.warning {
    case .never, .whenReading: break
    case .whenPlanning: if !isPlanned { return nil }
    }
    guard isWhole else { return nil }
    return Diagnostic(
      .warning, .unusedAllow,
      line.map { "there is no `\(text)` to allow on line \($0)" }
        ?? "there is no `\(text)` to allow: nothing follows",
      at: name.span, help: "remove it", fix: removal(in: source))
  }

  /// Takes the whole comment away, and its line where nothing else stands there.
  private func removal(in source: SourceText) -> Diagnostic.Fix? {
    guard names.count == 1 else { return nil }
    let bytes = source.bytes
    var (start, end) = (span.start.offset, span.end.offset)
    while start > source.contentStart, bytes[start - 1] == 0x20 || bytes[start - 1] == 0x09 {
      start -= 1
    }
    let isAlone =
      start == source.contentStart || bytes[start - 1] == 0x0A || bytes[start - 1] == 0x0D
    if isAlone {
      if end < bytes.count, bytes[end] == 0x0D { end += 1 }
      if end < bytes.count, bytes[end] == 0x0A { end += 1 }
    }
    return Diagnostic.Fix(
      "remove the comment", [Diagnostic.Edit(source.span(start, end), "")])
  }
}
