#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Facts about this process that a run takes from outside.
enum ProcessFacts {
  private static let start = ContinuousClock.now

  /// Seconds since the first call.
  static func seconds() -> Double {
    let elapsed = (ContinuousClock.now - start).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// The most memory that the process has had resident, in bytes.
  static func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
