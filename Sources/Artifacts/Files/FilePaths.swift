import Glibc

/// What a path leads to.
package enum FileKind: Hashable, Sendable {
  case file
  case directory
  case other
}

/// Questions about paths and the directories on them.
package enum FilePaths {
  /// What is at `path` once links are followed; nil where nothing is.
  package static func kind(of path: String) -> FileKind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .directory
    default: .other
    }
  }

  /// The path of `name` in `directory`.
  package static func joining(_ directory: String, _ name: String) -> String {
    if directory.isEmpty { return name }
    return directory.utf8.last == UInt8(ascii: "/") ? directory + name : directory + "/" + name
  }

  /// The directory that holds `path`: `.` for a bare name.
  package static func directory(of path: String) -> String {
    let path = withoutTrailingSlashes(path)
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : withoutTrailingSlashes(String(path[..<slash]))
  }

  /// The last component of `path`.
  package static func name(of path: String) -> String {
    let path = withoutTrailingSlashes(path)
    guard let slash = path.lastIndex(of: "/") else { return path }
    return path == "/" ? path : String(path[path.index(after: slash)...])
  }

  /// The names in `directory`, sorted by their bytes, without `.` and `..`; empty if unreadable.
  package static func entries(of directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes `directory` and those above it where they are not there yet.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``.
  package static func createDirectories(_ directory: String) throws(ArtifactError) {
    if let failure = createDirectoriesReporting(directory) {
      throw .unwritable(path: directory, errorNumber: failure)
    }
  }

  /// The same as ``createDirectories(_:)``; nil is success.
  static func createDirectoriesReporting(_ directory: String) -> Int32? {
    switch kind(of: directory) {
    case .directory: return nil
    case .file, .other: return ENOTDIR
    case nil: break
    }
    let parent = Self.directory(of: directory)
    if parent != directory, let failure = createDirectoriesReporting(parent) { return failure }
    return mkdir(directory, 0o777) == 0 || errno == EEXIST ? nil : errno
  }

  /// Removes `path` and, if it is a directory and no link, all that is in it; nil is success.
  static func removeTree(_ path: String) -> Int32? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return errno == ENOENT ? nil : errno }
    guard status.st_mode & S_IFMT == S_IFDIR else { return unlink(path) == 0 ? nil : errno }
    for name in entries(of: path) {
      if let failure = removeTree(joining(path, name)) { return failure }
    }
    return rmdir(path) == 0 ? nil : errno
  }

  private static func withoutTrailingSlashes(_ path: String) -> String {
    var path = path
    while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
    return path
  }
}
