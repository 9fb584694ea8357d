import ArgumentParser

extension ExitCode {
  /// The pipeline is invalid.
  static let invalid = ExitCode(1)
  /// Asked to tell: work is pending, or two plans differ.
  static let pending = ExitCode(2)
  /// A stage failed.
  static let stageFailed = ExitCode(3)
  /// The plan is stale, or its directory is occupied.
  static let stale = ExitCode(4)
  /// A defect of Hone.
  static let defect = ExitCode(70)
  /// Stopped by a signal, state saved.
  static let interrupted = ExitCode(130)
}
