#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file of rows and how they are written.
package struct DataFile: Hashable, Sendable {
  package let path: String
  package let format: DataFormat
  /// The file that is read side by side with it, as the rows' targets.
  package let target: String?

  package init(path: String, format: DataFormat, target: String? = nil) {
    self.path = path
    self.format = format
    self.target = target
  }

  /// Finds two files that are read side by side: line by line, record by record, or as matrices.
  ///
  /// - Throws: `missingFile`, `unknownFormat`, or `unpairedFiles` where the format has no pairs.
  package static func findPair(
    source: String, target: String, in directory: String, format: DataFormat?
  ) throws(DatasetError) -> DataFile {
    var found: [DataFile] = []
    for path in [source, target] {
      let path = placed(path, in: directory)
      guard access(path, F_OK) == 0 else { throw .missingFile(path: path) }
      guard let format = format ?? DataFormat(suffixOf: path) else {
        throw .unknownFormat(path: path)
      }
      switch format {
      case .text, .fasta, .csv, .tsv: found.append(DataFile(path: path, format: format))
      case .json, .jsonl: throw .unpairedFiles(.format(format, path: path))
      }
    }
    let (first, second) = (found[0], found[1])
    guard first.format == second.format || (first.format.isTable && second.format.isTable) else {
      throw .unpairedFiles(.format(second.format, path: second.path))
    }
    return DataFile(path: first.path, format: first.format, target: second.path)
  }

  /// A path that starts at `directory` where it is relative.
  private static func placed(_ path: String, in directory: String) -> String {
    let isLocal = path.hasPrefix("/") || directory.isEmpty || directory == "."
    return (isLocal ? "" : directory.hasSuffix("/") ? directory : directory + "/") + path
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
    let prefix = String(placed(pattern, in: directory).dropLast(pattern.count))
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
