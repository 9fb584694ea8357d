import Artifacts
import Diagnostics
package import Pipelines

/// Where the files are that a pipeline names.
///
/// A relative path is looked for beside the pipeline first and in the working directory then.
package struct InputPaths: Hashable, Sendable {
  /// The pipeline's directory; empty is the working directory.
  package let directory: String

  /// The paths of the pipeline in `file`; `-` is standard input.
  package init(pipeline file: String) {
    let parent = file == "-" ? "" : FilePaths.directory(of: file)
    directory = parent == "." ? "" : parent
  }

  /// The path to open for a setting, which may be a glob.
  ///
  /// It is looked for beside the file in which it was written, then beside the files that its
  /// variables were written in, then as ``resolve(_:)`` does. What the command line sets is looked
  /// for in the working directory first.
  package func resolve(_ setting: Setting<String>) -> String {
    let path = setting.value
    guard !path.hasPrefix("/") else { return path }
    for file in setting.origin.files {
      let isOption = file == PipelineOverride.settingsFile
      let candidate =
        isOption || file == "-" ? path : Self.beside(FilePaths.directory(of: file), path)
      if FilePaths.kind(of: Self.fixedPart(of: candidate)) != nil { return candidate }
    }
    return resolve(path)
  }

  /// The path to open for `path`, which may be a glob.
  package func resolve(_ path: String) -> String {
    guard !directory.isEmpty, !path.hasPrefix("/") else { return path }
    let beside = Self.beside(directory, path)
    return FilePaths.kind(of: Self.fixedPart(of: beside)) != nil ? beside : path
  }

  private static func beside(_ directory: String, _ path: String) -> String {
    directory.isEmpty || directory == "." ? path : shortened(FilePaths.joining(directory, path))
  }

  /// `path` without the steps into a directory and out of it again.
  private static func shortened(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      if part == "..", let last = parts.last, last != "..", last != "", last != "." {
        parts.removeLast()
      } else if part != "." {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }

  /// The part of a glob before its first wild card, down to a whole component.
  private static func fixedPart(of path: String) -> String {
    guard let wild = path.firstIndex(where: { "*?[".contains($0) }) else { return path }
    return FilePaths.directory(of: String(path[..<wild]) + "x")
  }
}

extension Origin {
  /// The files that a value was written in, the nearest first.
  fileprivate var files: [String] {
    switch self {
    case .file(let span): [span.file]
    case .composed(let span, let sources):
      [span.file]
        + sources.compactMap { source in
          switch source {
          case .variable(_, let span), .matrix(_, let span): span.file
          case .environment, .environmentDefault: nil
          }
        }
    case .default, .option: []
    }
  }
}
