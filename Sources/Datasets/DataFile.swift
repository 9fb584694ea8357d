#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file of rows and how they are written.
package struct DataFile: Hashable, Sendable {
  package let path: String
  package let format: DataFormat

  package init(path: String, format: DataFormat) {
    self.path = path
    self.format = format
  }

  /// Finds the files that `patterns` name: paths, or globs with `*`, `?` and `[…]`.
  ///
  /// Relative patterns start at `directory`. Files come in the order of the patterns, those of one
  /// glob sorted by the bytes of their paths; a file that several patterns name is read once.
  ///
  /// - Throws: `missingFile`, `noMatch` or `unknownFormat`.
  package static func find(
    _ patterns: [String], in directory: String, format: DataFormat?
  ) throws(DatasetError) -> [DataFile] {
    var files: [DataFile] = []
    var seen: Set<String> = []
    for pattern in patterns {
      for path in try paths(of: pattern, in: directory) where seen.insert(path).inserted {
        guard let format = format ?? DataFormat(suffixOf: path) else {
          throw .unknownFormat(path: path)
        }
        files.append(DataFile(path: path, format: format))
      }
    }
    return files
  }

  private static func paths(
    of pattern: String, in directory: String
  ) throws(DatasetError) -> [String] {
    let isLocal = pattern.hasPrefix("/") || directory.isEmpty || directory == "."
    let prefix = isLocal ? "" : directory.hasSuffix("/") ? directory : directory + "/"
    if access(prefix + pattern, F_OK) == 0 { return [prefix + pattern] }
    guard pattern.contains(where: { "*?[".contains($0) }) else {
      throw .missingFile(path: prefix + pattern)
    }
    let files = matches(of: escaped(prefix) + pattern).filter(isRegularFile)
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    if files.isEmpty { throw .noMatch(pattern: prefix + pattern) }
    return files
  }

  /// The text as a glob that matches it alone.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "*?[]\\".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }

  private static func matches(of pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, GLOB_NOSORT, nil, &result) == 0 else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { index in
      result.gl_pathv[index].map { String(cString: $0) }
    }
  }

  private static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
