import Datasets
import Foundation

/// A folder that goes when the value does.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("hone-datasets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and tells its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  /// Writes a file of bytes and tells its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// All rows of a file with this text.
  func rows(
    _ format: DataFormat, _ text: String, maximumRowBytes: Int = 1 << 20
  ) throws -> [SourceRow] {
    try rows(format, Array(text.utf8), maximumRowBytes: maximumRowBytes)
  }

  /// All rows of a file with these bytes.
  func rows(
    _ format: DataFormat, _ bytes: [UInt8], maximumRowBytes: Int = 1 << 20
  ) throws -> [SourceRow] {
    let file = DataFile(path: try write("rows", bytes), format: format)
    var reader = try RowReader(file, maximumRowBytes: maximumRowBytes)
    var rows: [SourceRow] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
  }
}

/// A row's columns as a picture: `a=1 b=x`.
func picture(_ row: SourceRow) -> String {
  row.columns.members.map { "\($0.key)=\($0.value.string ?? $0.value.text())" }
    .joined(separator: " ")
}
