#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the command knows of the place it prints to.
struct Terminal: Sendable {
  /// Standard error is a terminal: a progress line may be drawn over and over.
  let isInteractive: Bool
  /// Colours may be used on standard output.
  let usesColour: Bool
  /// Colours may be used on standard error.
  let usesColourForErrors: Bool
  /// The width of the terminal in columns.
  let width: Int

  /// Looks at the standard streams and at NO_COLOR and TERM.
  static func current() -> Terminal {
    let plain = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let dumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return Terminal(
      isInteractive: isatty(STDERR_FILENO) == 1 && !dumb,
      usesColour: isatty(STDOUT_FILENO) == 1 && !plain && !dumb,
      usesColourForErrors: isatty(STDERR_FILENO) == 1 && !plain && !dumb,
      width: known ? Int(size.ws_col) : 100)
  }

  /// Writes `text` to standard output at once.
  func print(_ text: String) { print(Array(text.utf8)) }

  /// Writes `bytes` to standard output at once.
  func print(_ bytes: [UInt8]) { Self.write(bytes, to: STDOUT_FILENO) }

  /// Writes `text` to standard error at once.
  func printError(_ text: String) { Self.write(Array(text.utf8), to: STDERR_FILENO) }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno != EINTR { return }
      rest = rest.dropFirst(max(0, written))
    }
  }
}
