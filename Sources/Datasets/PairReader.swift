import JSONSyntax

/// Reads two files side by side as rows of the columns `source` and `target`; of fasta also `id`
/// and the source's `description`.
///
/// Text goes line by line, blank ones too; fasta record by record, under the same names. A row's
/// place is that of its source.
final class PairReader {
  private enum Files {
    case lines(ByteReader, ByteReader)
    case records(FASTAReader, FASTAReader)
  }

  private let files: Files
  private let paths: (source: String, target: String)
  private var count = 0

  /// Opens both files.
  ///
  /// - Throws: `missingFile`, `unreadableFile`, or `unpairedFiles` where the format is not read in
  ///   pairs of rows.
  init(_ file: DataFile, maximumRowBytes: Int) throws(DatasetError) {
    paths = (file.path, file.target ?? file.path)
    let source = try ByteReader(path: paths.source, maximumRowBytes: maximumRowBytes)
    let target = try ByteReader(path: paths.target, maximumRowBytes: maximumRowBytes)
    switch file.format {
    case .text: files = .lines(source, target)
    case .fasta: files = .records(FASTAReader(source), FASTAReader(target))
    case .jsonl, .json, .csv, .tsv:
      throw .unpairedFiles(.format(file.format, path: file.path))
    }
  }

  /// The next row; nil after the last.
  ///
  /// - Throws: `invalidRow`, `unreadableFile`, or `unpairedFiles` where one file has more rows, or
  ///   records have different names.
  func next() throws(DatasetError) -> SourceRow? {
    switch files {
    case .lines(let source, let target):
      let (place, targetPlace) = (source.place, target.place)
      let (first, second) = (try source.nextLine(), try target.nextLine())
      guard let first, let second else {
        if first == nil, second == nil { return nil }
        throw try unevenCounts(
          first == nil ? 0 : 1 + rest { () throws(DatasetError) in try source.nextLine() != nil },
          second == nil ? 0 : 1 + rest { () throws(DatasetError) in try target.nextLine() != nil },
          "lines")
      }
      count += 1
      return SourceRow(
        place: place,
        columns: JSONObject([
          ("source", .string(try source.text(first, at: place))),
          ("target", .string(try target.text(second, at: targetPlace))),
        ]))
    case .records(let source, let target):
      let (first, second) = (try source.next(), try target.next())
      guard let first, let second else {
        if first == nil, second == nil { return nil }
        throw try unevenCounts(
          first == nil ? 0 : 1 + rest { () throws(DatasetError) in try source.next() != nil },
          second == nil ? 0 : 1 + rest { () throws(DatasetError) in try target.next() != nil },
          "records")
      }
      count += 1
      guard first.name == second.name else {
        throw .unpairedFiles(
          .names(
            source: first.name, target: second.name, at: first.place, targetPlace: second.place))
      }
      return SourceRow(
        place: first.place,
        columns: JSONObject([
          ("id", .string(first.name)), ("description", .string(first.description)),
          ("source", .string(first.sequence)), ("target", .string(second.sequence)),
        ]))
    }
  }

  /// How often `isThere` still holds.
  private func rest(_ isThere: () throws(DatasetError) -> Bool) throws(DatasetError) -> Int {
    var count = 0
    while try isThere() { count += 1 }
    return count
  }

  private func unevenCounts(_ source: Int, _ target: Int, _ unit: String) -> DatasetError {
    .unpairedFiles(
      .counts(
        source: paths.source, sourceCount: count + source, target: paths.target,
        targetCount: count + target, unit: unit))
  }
}
