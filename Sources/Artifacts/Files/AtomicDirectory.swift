import CCrypto
import Glibc

/// Directories that appear whole or not at all.
package enum AtomicDirectory {
  /// Builds a directory and puts it at `path`, in one step in place of what is there.
  ///
  /// `build` gets the path of a hidden directory beside `path` and fills it. Its files are made to
  /// last; then it takes the place of `path`. Directories above `path` are made where missing.
  ///
  /// - Throws: what `build` throws, or ``ArtifactError/unwritable(path:errorNumber:)`` naming
  ///   `path`; then `path` is as it was, and the hidden directory is gone.
  package static func write(
    _ path: String, _ build: (_ directory: String) throws(ArtifactError) -> Void
  ) throws(ArtifactError) {
    try write(path, build) { number in .unwritable(path: path, errorNumber: number) }
  }

  /// The same for a `build` that throws errors of another kind, made from error numbers by `wrap`.
  package static func write<Failure: Error>(
    _ path: String, _ build: (_ directory: String) throws(Failure) -> Void,
    wrap: (Int32) -> Failure
  ) throws(Failure) {
    let parent = FilePaths.directory(of: path)
    if let failure = FilePaths.createDirectoriesReporting(parent) { throw wrap(failure) }
    let partial = PartialName.unused(beside: path)
    guard mkdir(partial, 0o777) == 0 else { throw wrap(errno) }
    do throws(Failure) {
      try build(partial)
      if let failure = synchronizeTree(partial) ?? exchange(partial, path) { throw wrap(failure) }
    } catch {
      _ = FilePaths.removeTree(partial)
      throw error
    }
    if let failure = SystemCall.synchronizeDirectory(parent) { throw wrap(failure) }
  }

  /// Removes what an interrupted process left in `directory`: hidden unfinished files and
  /// directories whose process is gone.
  package static func removeLeftovers(in directory: String) {
    for name in FilePaths.entries(of: directory) {
      guard let process = PartialName.process(of: name), process != getpid() else { continue }
      if kill(process, 0) != 0, errno == ESRCH {
        _ = FilePaths.removeTree(FilePaths.joining(directory, name))
      }
    }
  }

  /// Puts `partial` at `path` and removes what was there; nil is success.
  private static func exchange(_ partial: String, _ path: String) -> Int32? {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      return rename(partial, path) == 0 ? nil : errno
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return ENOTDIR }
    if renameat2(AT_FDCWD, partial, AT_FDCWD, path, HONE_RENAME_EXCHANGE) == 0 {
      // What was replaced is now at the hidden name; what cannot be removed of it stays there.
      _ = FilePaths.removeTree(partial)
      return nil
    }
    guard errno == EINVAL || errno == ENOSYS else { return errno }
    // A file system that cannot exchange: move the old one aside first.
    let aside = PartialName.unused(beside: path)
    guard rename(path, aside) == 0 else { return errno }
    guard rename(partial, path) == 0 else {
      let failure = errno
      rename(aside, path)
      return failure
    }
    _ = FilePaths.removeTree(aside)
    return nil
  }

  /// Makes the files and directories in `directory` last; nil is success.
  private static func synchronizeTree(_ directory: String) -> Int32? {
    for name in FilePaths.entries(of: directory) {
      let path = FilePaths.joining(directory, name)
      let failure: Int32? =
        switch FilePaths.kind(of: path) {
        case .directory: synchronizeTree(path)
        case .file: synchronizeFile(path)
        case .other, nil: nil
        }
      if let failure { return failure }
    }
    return SystemCall.synchronizeDirectory(directory)
  }

  private static func synchronizeFile(_ path: String) -> Int32? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    return SystemCall.repeating { fsync(descriptor) }
  }
}
