import Foundation
import JSONSyntax

/// Reads a JSON file of `Tests/Fixtures`.
func fixture(_ name: String) throws -> JSONValue {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let file = folder.appending(path: "Fixtures").appending(path: name)
  return try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
}

extension JSONValue {
  /// The numbers of an array of numbers.
  var numbers: [Double] { (array ?? []).compactMap(\.number) }
}
