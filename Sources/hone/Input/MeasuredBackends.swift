import Artifacts
import Planning
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What backends were measured to do on this machine.
enum MeasuredBackends {
  /// The calibration of `backend`, measured once and kept in the user's cache.
  static func calibration(of backend: any ComputeBackend) -> Calibration? {
    cache.calibration(of: backend) { ProcessFacts.seconds() }
  }

  /// The calibration of `backend` where it was measured before; again, where the machine was busy then.
  static func knownCalibration(of backend: any ComputeBackend) -> Calibration? {
    cache.improved(of: backend) { ProcessFacts.seconds() }
  }

  private static var cache: CalibrationCache {
    CalibrationCache(directory: directory, machine: machine, honeVersion: build)
  }

  /// The version, and whether it was built without optimization: such a build is many times slower.
  private static var build: String {
    #if DEBUG
      Version.current + " (debug)"
    #else
      Version.current
    #endif
  }

  /// `$XDG_CACHE_HOME/hone`, or `~/.cache/hone`; nil where neither is known.
  private static var directory: String? {
    if let cache = variable("XDG_CACHE_HOME") { return FilePaths.joining(cache, "hone") }
    return variable("HOME").map { FilePaths.joining($0, ".cache/hone") }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// The processor's name, as far as the system tells.
  private static var machine: String {
    guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 12)
    let count = fread(&bytes, 1, bytes.count, file)
    let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
    let model = lines.first { $0.hasPrefix("model name") || $0.hasPrefix("CPU part") }
    return model?.split(separator: ":").last.map { String($0.drop { $0 == " " }) } ?? "unknown"
  }
}
