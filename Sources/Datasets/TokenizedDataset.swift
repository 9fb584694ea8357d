/// Rows as tokens, in flat storage that selections of the same rows share.
package struct TokenizedDataset: Sendable {
  /// What became of a row of the files.
  package enum Fate: Hashable, Sendable { case kept, truncated, dropped, empty }

  /// A file that rows came from, and the section that says how they are read.
  package struct Source: Hashable, Sendable {
    package let section: String
    package let file: DataFile
  }

  /// Which row of which source a row is.
  package struct Origin: Hashable, Sendable {
    /// The index in ``TokenizedDataset/sources``.
    package let source: Int32
    /// The row's number in its file, from 0.
    package let number: Int32
    /// The line on which it starts, from 1.
    package let line: Int32
  }

  /// One row.
  package struct Row: Hashable, Sendable {
    /// Where its tokens stand in ``TokenizedDataset/tokens``; empty if the row was left out.
    package let range: Range<Int>
    package let supervisedCount: Int
    package let fate: Fate
    /// Nil for a row that came from no file.
    package let origin: Origin?
  }

  /// The section's name, for messages.
  package let name: String
  /// The tokens of all rows, one after another.
  package let tokens: [Int32]
  /// Beside each token, whether it is learned; false at each row's first.
  package let isSupervised: [Bool]
  /// The files that the rows came from.
  package let sources: [Source]
  /// All rows in the order of the files, also those that were left out; splits count in them.
  package let sourceRows: [Row]
  /// The rows that are trained on, in the order of the files.
  package let rows: [Row]
  package let statistics: DatasetStatistics
  /// What was seen while the rows were read; nil for a selection of them.
  package internal(set) var reading: ReadingSummary?

  init(
    name: String, tokens: [Int32], isSupervised: [Bool], sources: [Source], sourceRows: [Row]
  ) {
    self.name = name
    self.tokens = tokens
    self.isSupervised = isSupervised
    self.sources = sources
    self.sourceRows = sourceRows
    rows = sourceRows.filter { !$0.range.isEmpty }
    statistics = Self.statistics(of: sourceRows)
  }

  /// Makes a data set from tokens and, beside each, whether it is learned; none is left out.
  ///
  /// - Precondition: each row has as many flags as tokens.
  package init(name: String, rows: [(ids: [Int32], isSupervised: [Bool])]) {
    var tokens: [Int32] = []
    var flags: [Bool] = []
    var sourceRows: [Row] = []
    for row in rows {
      precondition(row.ids.count == row.isSupervised.count, "each token has a flag")
      let start = tokens.count
      tokens += row.ids
      flags += row.isSupervised
      if !row.ids.isEmpty { flags[start] = false }
      sourceRows.append(
        Row(
          range: start..<tokens.count,
          supervisedCount: flags[start...].count(where: { $0 }),
          fate: row.ids.isEmpty ? .empty : .kept, origin: nil))
    }
    self.init(
      name: name, tokens: tokens, isSupervised: flags, sources: [], sourceRows: sourceRows)
  }

  /// Where a row stands in its file; nil for a row that came from no file.
  package func place(of row: Row) -> RowPlace? {
    guard let origin = row.origin, sources.indices.contains(Int(origin.source)) else { return nil }
    return RowPlace(file: sources[Int(origin.source)].file.path, line: Int(origin.line))
  }

  /// The tokens of one of ``rows``.
  package func tokens(ofRow index: Int) -> ArraySlice<Int32> { tokens[rows[index].range] }

  /// Beside each token of one of ``rows``, whether it is learned.
  package func isSupervised(inRow index: Int) -> ArraySlice<Bool> {
    isSupervised[rows[index].range]
  }

  private static func statistics(of rows: [Row]) -> DatasetStatistics {
    var result = DatasetStatistics()
    for row in rows {
      switch row.fate {
      case .dropped: result.droppedRows += 1
      case .empty: result.emptyRows += 1
      case .kept, .truncated:
        result.rows += 1
        result.tokens += row.range.count
        result.supervisedTokens += row.supervisedCount
        result.longestRow = max(result.longestRow, row.range.count)
        if row.fate == .truncated { result.truncatedRows += 1 }
        if row.supervisedCount == 0 { result.unsupervisedRows += 1 }
      }
    }
    return result
  }
}
