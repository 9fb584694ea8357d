#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the command runs.
enum WorkingDirectory {
  /// The absolute path; nil where it is gone.
  static var path: String? {
    guard let pointer = getcwd(nil, 0) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }
}
