import Diagnostics

/// No export writes where another one does, or into it: each replaces its directory whole.
enum ExportPaths {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    var earlier: [(path: Setting<String>, parts: [Substring])] = []
    for stage in pipeline.stages {
      guard case .export(let export) = stage.work else { continue }
      let path =
        switch export {
        case .adapter(let path), .merged(let path, format: _): path
        }
      guard findings.isSound(path) else { continue }
      let parts = components(of: path.value)
      if let other = earlier.first(where: { $0.parts == parts }) {
        findings.report(
          .duplicateName, "two stages export to `\(Findings.excerpt(path.value))`", at: path.span,
          path.path, help: "give each export a directory of its own",
          notes: [Diagnostic.Note("it is written first here", at: other.path.span)])
        continue
      }
      if let other = earlier.first(where: {
        $0.parts.starts(with: parts) || parts.starts(with: $0.parts)
      }) {
        findings.report(
          .conflictingKeys,
          "the exports to `\(Findings.excerpt(path.value))` and "
            + "`\(Findings.excerpt(other.path.value))` lie inside each other", at: path.span,
          path.path, help: "name directories side by side: an export replaces its directory whole",
          notes: [Diagnostic.Note("the other one is named here", at: other.path.span)])
      }
      earlier.append((path, parts))
    }
  }

  /// The path's parts without `.`, doubled and last slashes.
  private static func components(of path: String) -> [Substring] {
    (path.hasPrefix("/") ? ["/"] : []) + path.split(separator: "/").filter { $0 != "." }
  }
}
