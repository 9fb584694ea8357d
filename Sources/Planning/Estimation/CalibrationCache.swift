import Artifacts
import JSONSyntax
package import Tensors

/// Calibrations kept in a file, so that a plan prints the same times twice.
///
/// What cannot be read counts as empty, and what cannot be written is measured again next time.
package struct CalibrationCache: Sendable {
  /// The version of the file's form.
  private static let format = 2
  /// How many backends and machines are remembered.
  private static let limit = 32

  /// The file; nil keeps nothing.
  private let path: String?
  /// What the backends run on: a calibration holds for one kind of processor.
  private let machine: String
  private let honeVersion: String

  /// Keeps calibrations of `machine` in `directory`, or nowhere.
  package init(directory: String?, machine: String, honeVersion: String) {
    path = directory.map { FilePaths.joining($0, "calibration.json") }
    self.machine = machine
    self.honeVersion = honeVersion
  }

  /// The calibration of `backend`, measured and kept where it is not known.
  ///
  /// `now` tells seconds. Nil where the backend cannot be measured.
  package func calibration(
    of backend: any ComputeBackend, now: @escaping () -> Double
  ) -> Calibration? {
    if let known = known(for: backend.capabilities) { return known }
    return (try? Calibration.measuring(backend, now: now)).map { keep($0, of: backend) }
  }

  /// The calibration that was kept for `backend`, measured again where the machine was busy then; nil where
  /// none was.
  ///
  /// A plan does not ask for this: it prints the same times twice. `now` tells seconds.
  package func improved(
    of backend: any ComputeBackend, now: @escaping () -> Double
  ) -> Calibration? {
    guard let known = known(for: backend.capabilities) else { return nil }
    guard known.isProvisional, let measured = try? Calibration.measuring(backend, now: now) else {
      return known
    }
    return keep(Calibration(leastOf: known, measured), of: backend)
  }

  private func keep(_ measured: Calibration, of backend: any ComputeBackend) -> Calibration {
    let key = key(of: backend.capabilities)
    var entries = entries()
    entries[key] = nil
    entries[key] = measured.json
    keep(entries)
    // What was written is read again next time: its digits are those that count.
    return Calibration(json: measured.json) ?? measured
  }

  /// The calibration that was kept for a backend; nil where none was.
  package func known(for capabilities: BackendCapabilities) -> Calibration? {
    entries()[key(of: capabilities)].flatMap(Calibration.init(json:))
  }

  /// What a calibration holds for.
  package func key(of capabilities: BackendCapabilities) -> String {
    "hone \(honeVersion), \(capabilities.name), \(capabilities.threads) threads, \(machine)"
  }

  private func entries() -> JSONObject {
    guard let path, FilePaths.kind(of: path) == .file,
      let json = try? JSONFile.value(at: path), json["format"]?.integer == Self.format,
      let entries = json["backends"]?.object
    else { return JSONObject() }
    return entries
  }

  private func keep(_ entries: JSONObject) {
    guard let path else { return }
    var entries = entries
    for (key, _) in entries.members.dropLast(Self.limit) { entries[key] = nil }
    let json: JSONValue = [
      "format": .int(Self.format), "backends": .object(entries),
    ]
    try? AtomicFile.write(path, json.text(.indented) + "\n")
  }
}
