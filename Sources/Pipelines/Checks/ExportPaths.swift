import Diagnostics

/// No two exports write to the same directory.
enum ExportPaths {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    var first: [String: Setting<String>] = [:]
    for stage in pipeline.stages {
      guard case .export(let export) = stage.work else { continue }
      let path =
        switch export {
        case .adapter(let path), .merged(let path): path
        }
      guard findings.isSound(path) else { continue }
      let key = normalized(path.value)
      guard let earlier = first[key] else {
        first[key] = path
        continue
      }
      findings.report(
        .duplicateName, "two stages export to `\(Findings.excerpt(path.value))`", at: path.span,
        path.path, help: "give each export a directory of its own",
        notes: [Diagnostic.Note("it is written first here", at: earlier.span)])
    }
  }

  /// The path without `.`, doubled and last slashes.
  private static func normalized(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
