import Glibc
import JSONSyntax
import Testing

/// What the oracles wrote, read from beside the tests.
enum Fixtures {
  static func path(_ name: String) -> String {
    let directory = #filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.startIndex)
    return directory + "/Fixtures/" + name
  }

  static func json(_ name: String) throws -> JSONValue {
    try bytes(name).withUnsafeBytes { try JSONValue(parsing: $0) }
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    let file = try #require(fopen(path(name), "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  static func strings(_ value: JSONValue?) throws -> [String] {
    try #require(value?.array).map { try #require($0.string) }
  }

  static func ids(_ value: JSONValue?) throws -> [Int32] {
    try #require(value?.array).map { Int32(try #require($0.integer)) }
  }
}
