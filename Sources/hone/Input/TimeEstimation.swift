import Planning
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How long plans take here: the calibration of their backend, kept from one command to the next.
enum TimeEstimation {
  /// The time of `run` on `backend`, which is measured where that was not done before and `measures`.
  static func estimate(
    _ run: PreparedRun, on backend: any ComputeBackend, measures: Bool
  ) -> PlanEstimate? {
    let cache = CalibrationCache(
      directory: cacheDirectory, machine: processorName, honeVersion: Version.current)
    let calibration =
      measures
      ? cache.calibration(of: backend, now: ProcessFacts.seconds)
      : cache.known(for: backend.capabilities)
    return calibration.map { PlanEstimate(run, $0) }
  }

  /// `$XDG_CACHE_HOME/hone`, or `~/.cache/hone`; nil where neither is known.
  private static var cacheDirectory: String? {
    if let cache = variable("XDG_CACHE_HOME") { return cache + "/hone" }
    return variable("HOME").map { $0 + "/.cache/hone" }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// The processor's name as the system tells it.
  private static var processorName: String {
    guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown processor" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 1024)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let parts = text.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].hasPrefix("model name") || parts[0].hasPrefix("CPU part") {
        return parts[1].split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
    }
    return "unknown processor"
  }
}
