import Diagnostics
import YAMLSyntax

extension Composition {
  /// One file that extends another.
  private struct Link {
    let file: String
    let base: String
    let span: SourceSpan

    var note: Diagnostic.Note { Diagnostic.Note("`\(file)` extends `\(base)` here", at: span) }
  }

  /// `root` laid over what it extends, and that over what it extends itself.
  mutating func extended(_ root: SyntaxNode) -> SyntaxNode {
    var layers = [root]
    var links: [Link] = []
    while let entry = layers.last?.entry("extends") {
      guard let base = base(entry, file: links.last?.base ?? main.file, &links) else {
        isPartial = true
        break
      }
      layers.append(base)
    }
    let form = ValueForm.section(PipelineTable.table)
    var merge = TreeMerge()
    let tree = layers.dropLast().reversed().reduce(layers[layers.count - 1]) {
      merge.merge($0, $1, form)
    }
    for diagnostic in merge.diagnostics { bag.report(diagnostic) }
    return tree
  }

  /// The tree of the file that `entry` names; nil, and a finding, where there is none.
  private mutating func base(
    _ entry: SyntaxEntry, file: String, _ links: inout [Link]
  ) -> SyntaxNode? {
    let span = entry.value.span
    guard let text = entry.value.scalar?.text, !text.isEmpty, !entry.value.isNull else {
      bag.report(
        CompositionFinding.wrongType(
          "extends", "the path of one file", entry.value, help: "write `extends: base.yaml`"))
      return nil
    }
    if ReferenceText.mayHold(text) {
      bag.report(CompositionFinding.variableInBase(at: span))
      return nil
    }
    let path = BasePath.joined(text, beside: file)
    let earlier = links
    links.append(Link(file: file, base: path, span: span))
    let known = [BasePath.joined(main.file, beside: "")] + earlier.map(\.base)
    if let start = known.firstIndex(of: path) {
      let cycle = links[start...]
      bag.report(
        CompositionFinding.cycle(
          of: cycle.map(\.file) + [path], at: span, "extends itself",
          notes: cycle.dropLast().map(\.note),
          help: "remove one of the `extends`"))
      return nil
    }
    guard links.count <= Limit.bases else {
      bag.report(CompositionFinding.tooManyBases(at: span, notes: earlier.suffix(1).map(\.note)))
      return nil
    }
    guard let readFile = surroundings.readFile else {
      bag.report(CompositionFinding.noOtherFiles(text, at: span))
      return nil
    }
    let source: SourceText
    do throws(DiagnosticError) {
      source = try readFile(path)
    } catch {
      for diagnostic in error.diagnostics {
        bag.report(CompositionFinding.unreadableBase(diagnostic, text, at: span))
      }
      return nil
    }
    texts.append(source)
    return tree(of: source, links[links.count - 1].note)
  }

  private mutating func tree(of source: SourceText, _ note: Diagnostic.Note) -> SyntaxNode? {
    let (root, diagnostics) = SyntaxParser.parse(source)
    for diagnostic in diagnostics { bag.report(diagnostic.with(note)) }
    guard let root, !root.isNull else {
      if diagnostics.isEmpty { bag.report(CompositionFinding.emptyBase(source, note)) }
      return nil
    }
    guard root.entries != nil else {
      bag.report(CompositionFinding.baseIsNoMapping(root, note))
      return nil
    }
    return root
  }

  /// `tree` with every `--set` in it, the later the stronger.
  mutating func overridden(_ tree: SyntaxNode) -> SyntaxNode {
    let settings = surroundings.overrides.compactMap { override -> String? in
      if case .set(let text) = override { text } else { nil }
    }
    guard !settings.isEmpty, tree.entries != nil else { return tree }
    let text = OverrideText(settings)
    texts.append(text.source)
    return text.paths(&bag).reduce(tree) { tree, path in
      var setting = OverrideSetting(path)
      let changed = setting.set(in: tree)
      if let problem = setting.problem { bag.report(problem) }
      return changed ?? tree
    }
  }
}

/// Paths of files that pipelines extend.
enum BasePath {
  /// `path` from the working directory, where it was written in `file`.
  static func joined(_ path: String, beside file: String) -> String {
    guard !path.hasPrefix("/") else { return shortened(path) }
    let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return shortened((parts.map(String.init) + [path]).joined(separator: "/"))
  }

  /// `path` without the steps into a directory and out of it again.
  private static func shortened(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: true) {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != "." {
        parts.append(part)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}

extension Diagnostic {
  /// The same finding with one more note.
  func with(_ note: Note?) -> Diagnostic {
    guard let note, !notes.contains(note) else { return self }
    return Diagnostic(
      severity, code, message, at: span, path: path, help: help, notes: notes + [note], fix: fix)
  }
}
