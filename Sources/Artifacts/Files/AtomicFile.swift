import Glibc

/// Files that appear whole or not at all.
package enum AtomicFile {
  /// Writes `bytes` to `path`, replacing what is there in one step.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``; then `path` is as it was.
  package static func write(_ path: String, _ bytes: [UInt8]) throws(ArtifactError) {
    try write(path) { (file) throws(ArtifactError) in try file.write(bytes) }
  }

  /// Writes `text` as UTF-8 to `path`, replacing what is there in one step.
  ///
  /// - Throws: ``ArtifactError/unwritable(path:errorNumber:)``; then `path` is as it was.
  package static func write(_ path: String, _ text: String) throws(ArtifactError) {
    try write(path, Array(text.utf8))
  }

  /// Writes what `body` appends to `path`, replacing what is there in one step.
  ///
  /// The bytes go to a hidden file beside `path`, are made to last, and take its name. Directories
  /// above `path` are made where they are missing.
  ///
  /// - Throws: what `body` throws, or ``ArtifactError/unwritable(path:errorNumber:)``; then `path`
  ///   is as it was and the hidden file is gone.
  package static func write(
    _ path: String, _ body: (OutputFile) throws(ArtifactError) -> Void
  ) throws(ArtifactError) {
    let directory = FilePaths.directory(of: path)
    if FilePaths.kind(of: path) == .directory {
      throw .unwritable(path: path, errorNumber: EISDIR)
    }
    if let failure = FilePaths.createDirectoriesReporting(directory) {
      throw .unwritable(path: path, errorNumber: failure)
    }
    let partial = PartialName.unused(beside: path)
    let file = try OutputFile(creating: partial, for: path)
    do throws(ArtifactError) {
      try body(file)
      try file.finish()
      if rename(partial, path) != 0 { throw .unwritable(path: path, errorNumber: errno) }
    } catch {
      unlink(partial)
      throw error
    }
    if let failure = SystemCall.synchronizeDirectory(directory) {
      throw .unwritable(path: path, errorNumber: failure)
    }
  }
}

/// Hidden names for what is not finished: `.<name>.partial-<process>-<number>`.
enum PartialName {
  /// A name beside `path` at which nothing is.
  static func unused(beside path: String) -> String {
    let directory = FilePaths.directory(of: path)
    let stem = ".\(FilePaths.name(of: path)).partial-\(getpid())-"
    var number = 0
    var status = stat()
    while true {
      let candidate = FilePaths.joining(directory, stem + String(number))
      if lstat(candidate, &status) != 0 { return candidate }
      number += 1
    }
  }

  /// The process that made the hidden entry `name`; nil if it is no such name.
  static func process(of name: String) -> Int32? {
    guard name.hasPrefix("."), let last = name.split(separator: ".").last else { return nil }
    let parts = last.split(separator: "-")
    guard parts.count == 3, parts[0] == "partial", Int(parts[2]) != nil else { return nil }
    return Int32(parts[1])
  }
}
