import Artifacts

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A pattern of paths that the shell did not expand: `*`, `?`, `[a-z]`, and `**` for any folders.
struct GlobPattern {
  private let root: String
  private let components: [String]

  /// Nil where `text` holds no wildcard.
  init?(_ text: String) {
    guard text.utf8.contains(where: Self.isWildcard) else { return nil }
    root = text.hasPrefix("/") ? "/" : ""
    components = text.split(separator: "/").map(String.init)
  }

  /// The paths that it matches, in the order of their names; what begins with a dot only where the
  /// pattern says so.
  func paths() -> [String] {
    var found: [String] = []
    var seen: Set<String> = []
    collect(root, components[...], &found, &seen)
    return found
  }

  private func collect(
    _ folder: String, _ rest: ArraySlice<String>, _ found: inout [String],
    _ seen: inout Set<String>
  ) {
    guard let first = rest.first else {
      if seen.insert(folder).inserted { found.append(folder) }
      return
    }
    let next = rest.dropFirst()
    if first == "**" {
      collect(folder, next.isEmpty ? ["*"] : next, &found, &seen)
      for name in Folder.names(folder) where !name.hasPrefix(".") {
        let path = FilePaths.joining(folder, name)
        if Folder.isRealDirectory(path) { collect(path, rest, &found, &seen) }
      }
      return
    }
    guard first.utf8.contains(where: Self.isWildcard) else {
      let path = FilePaths.joining(folder, first)
      if FilePaths.kind(of: path) != nil { collect(path, next, &found, &seen) }
      return
    }
    for name in Folder.names(folder)
    where (first.hasPrefix(".") || !name.hasPrefix(".")) && Self.matches(name, first) {
      let path = FilePaths.joining(folder, name)
      if next.isEmpty || FilePaths.kind(of: path) == .directory {
        collect(path, next, &found, &seen)
      }
    }
  }

  private static func isWildcard(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
  }

  /// Whether one name matches one component of a pattern.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    let name = Array(name.unicodeScalars)
    let pattern = Array(pattern.unicodeScalars)
    var (position, index) = (0, 0)
    // Where the last star was, and how much of the name it has taken.
    var star: (index: Int, position: Int)?
    while position < name.count {
      if index < pattern.count, pattern[index] == "*" {
        star = (index, position)
        index += 1
      } else if let end = matchEnd(name[position], pattern, at: index) {
        position += 1
        index = end
      } else if let last = star {
        star = (last.index, last.position + 1)
        (position, index) = (last.position + 1, last.index + 1)
      } else {
        return false
      }
    }
    return pattern[index...].allSatisfy { $0 == "*" }
  }

  /// What follows the part of the pattern at `index`, which matches `scalar`; nil where it does not.
  private static func matchEnd(
    _ scalar: Unicode.Scalar, _ pattern: [Unicode.Scalar], at index: Int
  ) -> Int? {
    guard index < pattern.count else { return nil }
    switch pattern[index] {
    case "?": return index + 1
    case "[":
      guard let close = pattern[(index + 1)...].dropFirst().firstIndex(of: "]") else {
        return scalar == "[" ? index + 1 : nil
      }
      var set = pattern[(index + 1)..<close]
      let isNegated = set.first == "!" || set.first == "^"
      if isNegated { set = set.dropFirst() }
      return holds(set, scalar) != isNegated ? close + 1 : nil
    default: return pattern[index] == scalar ? index + 1 : nil
    }
  }

  private static func holds(_ set: ArraySlice<Unicode.Scalar>, _ scalar: Unicode.Scalar) -> Bool {
    var rest = set
    while let first = rest.popFirst() {
      if rest.first == "-", let last = rest.dropFirst().first {
        rest = rest.dropFirst(2)
        if first <= scalar, scalar <= last { return true }
      } else if first == scalar {
        return true
      }
    }
    return false
  }
}

/// Folders as a search walks them.
enum Folder {
  /// The names in `folder`, where empty is the working directory.
  static func names(_ folder: String) -> [String] {
    FilePaths.entries(of: folder.isEmpty ? "." : folder)
  }

  /// Whether `path` is a directory and no link to one, which could lead in a circle.
  static func isRealDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
