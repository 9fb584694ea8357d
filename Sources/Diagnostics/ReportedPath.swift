/// The names of files in forms that other programs read.
struct ReportedPath {
  /// The path, from the working directory where the file lies below it.
  let path: String

  /// Takes the file as the user named it; `directory` is the working directory's path.
  init(_ file: String, in directory: String?) {
    var path = Substring(file)
    if let directory, !directory.isEmpty {
      let prefix = directory.hasSuffix("/") ? directory : directory + "/"
      if path.hasPrefix(prefix) { path = path.dropFirst(prefix.count) }
    }
    while path.hasPrefix("./") { path = path.dropFirst(2).drop { $0 == "/" } }
    self.path = path.isEmpty ? file : String(path)
  }

  /// The path as a reference of RFC 3986: relative, or `file://` where it is absolute.
  var uri: String {
    var encoded = ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "/"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return path.hasPrefix("/") ? "file://\(encoded)" : encoded
  }

  var isAbsolute: Bool { path.hasPrefix("/") }
}
