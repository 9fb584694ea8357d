import Artifacts

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

  /// The path to open for `path`, which may be a glob.
  package func resolve(_ path: String) -> String {
    guard !directory.isEmpty, !path.hasPrefix("/") else { return path }
    let beside = Self.shortened(FilePaths.joining(directory, path))
    return FilePaths.kind(of: Self.fixedPart(of: beside)) != nil ? beside : path
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
