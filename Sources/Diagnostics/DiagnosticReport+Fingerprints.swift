extension DiagnosticReport {
  /// A name for each entry that stays when lines above it come or go, and that no other entry has.
  ///
  /// It is made of the file, the code, the setting and the line's own text; the second of several
  /// that are alike gets `-2`.
  func fingerprints(in directory: String?) -> [String] {
    var seen: [String: Int] = [:]
    return entries.map { entry in
      let file = ReportedPath(entry.file ?? "", in: directory).path
      let line = entry.place?.line.map { $0.split { $0 == " " || $0 == "\t" }.joined() }
      let parts = [file, entry.code.rawValue, entry.path ?? "", line ?? entry.message]
      let name = Self.hash(parts.joined(separator: "\u{0}"))
      seen[name, default: 0] += 1
      let number = seen[name, default: 1]
      return number == 1 ? name : "\(name)-\(number)"
    }
  }

  /// 64 bits of FNV-1a in hexadecimal: enough to tell findings apart, no secret.
  private static func hash(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension DiagnosticReport.Entry {
  /// The place where it is in a file, and not on the command line.
  var placeInFile: DiagnosticReport.Place? {
    place.flatMap { $0.span.isOnCommandLine ? nil : $0 }
  }

  /// The file of the place, or the pipeline where the finding has none.
  var file: String? { placeInFile?.span.file ?? pipeline }
}
