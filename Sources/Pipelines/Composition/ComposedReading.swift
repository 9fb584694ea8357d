import Diagnostics
import YAMLSyntax

/// Reads a pipeline that is composed of several texts or makes several cases.
enum ComposedReading {
  static func read(
    _ root: SyntaxNode, in source: SourceText, _ surroundings: PipelineSurroundings,
    _ bag: DiagnosticBag
  ) -> PipelineReading {
    var bag = bag
    var composition = Composition(source, surroundings)
    let cases = composition.cases(of: root)
    for diagnostic in composition.bag.sorted { bag.report(diagnostic) }
    var pipelines: [PipelineCase] = []
    var found: [[Diagnostic]] = []
    for each in cases {
      let findings = Findings(file: source.file)
      var decoder = PipelineDecoder(findings: findings, overrides: surroundings.overrides)
      let pipeline = decoder.pipeline(each.root)
      for check in PipelineChecks.all { check(pipeline, findings) }
      found.append(
        findings.bag.sorted.compactMap {
          explained($0, each.uses, isPartial: composition.isPartial)
        })
      pipelines.append(PipelineCase(name: each.name, pipeline: pipeline))
    }
    for diagnostic in merged(found, pipelines.map(\.name)) { bag.report(diagnostic) }
    if !bag.hasErrors {
      for diagnostic in sharedOutputs(pipelines) { bag.report(diagnostic) }
    }
    return PipelineReading(
      cases: bag.hasErrors ? [] : pipelines, diagnostics: bag.sorted, sources: composition.texts)
  }

  // MARK: Findings

  /// A finding about a value that came out of variables, with where they are; nil for one that only
  /// follows from what has been reported.
  private static func explained(
    _ diagnostic: Diagnostic, _ uses: VariableUses, isPartial: Bool
  ) -> Diagnostic? {
    if isPartial, followsFromMissingParts(diagnostic.code) { return nil }
    let isSet = diagnostic.span?.file == OverrideText.file
    guard let span = diagnostic.span, !uses.broken.contains(span) else {
      return diagnostic.span == nil ? diagnostic : nil
    }
    guard let use = uses.kinds[span] else { return isSet ? diagnostic.unfixed() : diagnostic }
    let notes = use.sources.compactMap { source -> Diagnostic.Note? in
      switch source {
      case .variable(let name, let span):
        Diagnostic.Note("`\(name)` is defined here", at: span)
      case .matrix(let name, let span):
        Diagnostic.Note("`\(name)` stands in `matrix` here", at: span)
      case .environment(let name): Diagnostic.Note("`\(name)` is what the environment says")
      case .environmentDefault: nil
      }
    }
    let isOfType = diagnostic.code == .wrongType || diagnostic.code == .ambiguousValue
    let help: String? =
      switch use.kind {
      case .value: diagnostic.help
      case .text where isOfType:
        "a text with variables in it is a text; let one variable be all of it"
      case .environment where isOfType:
        "what the environment says is a text; use `vars` and `--set` for anything else"
      case .text, .environment: diagnostic.help
      }
    return Diagnostic(
      diagnostic.severity, diagnostic.code, diagnostic.message, at: span, path: diagnostic.path,
      help: help, notes: diagnostic.notes + notes)
  }

  /// Whether a finding may only be there because a part could not be read.
  private static func followsFromMissingParts(_ code: DiagnosticCode) -> Bool {
    [.missingKey, .unknownData, .missingAdapter].contains(code)
  }

  /// The findings of all cases, each once; one that not all cases have says whose it is.
  private static func merged(_ found: [[Diagnostic]], _ names: [String?]) -> [Diagnostic] {
    guard found.count > 1 else { return found.first ?? [] }
    var order: [Diagnostic] = []
    var owners: [Diagnostic: [Int]] = [:]
    for (index, diagnostics) in found.enumerated() {
      for diagnostic in diagnostics {
        if owners[diagnostic] == nil { order.append(diagnostic) }
        owners[diagnostic, default: []].append(index)
      }
    }
    return order.map { diagnostic in
      let cases = owners[diagnostic] ?? []
      guard cases.count < found.count, let first = cases.first.flatMap({ names[$0] }) else {
        return diagnostic
      }
      let others = cases.count - 1
      return diagnostic.with(
        Diagnostic.Note(
          "this is so in the case `\(first)`"
            + (others == 0 ? "" : " and \(others) other\(others == 1 ? "" : "s")")))
    }
  }

  // MARK: Outputs

  /// Paths that more than one case would write to.
  private static func sharedOutputs(_ cases: [PipelineCase]) -> [Diagnostic] {
    var first: [String: (name: String, setting: Setting<String>)] = [:]
    var reported: Set<String> = []
    var diagnostics: [Diagnostic] = []
    for each in cases {
      guard let name = each.name else { return [] }
      for setting in each.pipeline.outputs {
        let path = BasePath.joined(setting.value, beside: "")
        guard let earlier = first[path] else {
          first[path] = (name, setting)
          continue
        }
        guard earlier.name != name, reported.insert(setting.path).inserted else { continue }
        diagnostics.append(
          CompositionFinding.sharedOutput(setting, earlier.name, name, earlier: earlier.setting))
      }
    }
    return diagnostics
  }
}

extension Pipeline {
  /// Every path that the pipeline writes to.
  fileprivate var outputs: [Setting<String>] {
    [output]
      + stages.compactMap { stage in
        guard case .export(let export) = stage.work else { return nil }
        switch export {
        case .adapter(let path), .merged(let path, format: _): return path
        }
      }
  }
}

extension Diagnostic {
  /// The finding without a fix, where the text that it would change is no file.
  fileprivate func unfixed() -> Diagnostic {
    Diagnostic(severity, code, message, at: span, path: path, help: help, notes: notes)
  }
}
