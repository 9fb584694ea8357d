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
    /// Where its source stands in ``TokenizedDataset/sourceTokens``.
    package let sourceRange: Range<Int>
    /// The first of its tokens, from 0, that belongs to the second of two texts.
    package let secondStart: Int?
    /// The number of its class; −1 where it has none.
    package let label: Int32
    /// Where its numbers stand in ``TokenizedDataset/values``.
    package let valueRange: Range<Int>
    /// Where the numbers that are given stand in ``TokenizedDataset/sourceValues``.
    package let sourceValueRange: Range<Int>
    /// How much of it the loss is taken over: tokens, numbers, or the row itself.
    package let supervisedCount: Int
    package let fate: Fate
    /// Nil for a row that came from no file.
    package let origin: Origin?
  }

  /// The section's name, for messages.
  package let name: String
  /// What the rows hold.
  package let layout: RowLayout
  /// The names of the classes, or of the numbers that are learned, in the order of their numbers.
  package let labels: [String]
  /// The names of the numbers that are given, in their order.
  package let inputNames: [String]
  /// The files that the rows came from.
  package let sources: [Source]
  /// All rows in the order of the files, also those that were left out; splits count in them.
  package let sourceRows: [Row]
  /// The rows that are trained on, in the order of the files.
  package let rows: [Row]
  package let statistics: DatasetStatistics
  /// What was seen while the rows were read; nil for a selection of them.
  package internal(set) var reading: ReadingSummary?
  let storage: RowStorage

  init(
    name: String, layout: RowLayout, labels: [String], inputNames: [String] = [],
    storage: RowStorage, sources: [Source], sourceRows: [Row]
  ) {
    self.name = name
    self.layout = layout
    self.labels = labels
    self.inputNames = inputNames
    self.storage = storage
    self.sources = sources
    self.sourceRows = sourceRows
    rows = sourceRows.filter { !$0.range.isEmpty }
    statistics = DatasetStatistics(sourceRows, storage)
  }

  /// Makes a data set from tokens and, beside each, whether it is learned; none is left out.
  ///
  /// - Precondition: each row has as many flags as tokens.
  package init(name: String, rows: [(ids: [Int32], isSupervised: [Bool])]) {
    self.init(
      name: name, layout: .nextToken,
      rows: rows.map { row in
        var flags = row.isSupervised
        if !flags.isEmpty { flags[0] = false }
        return EncodedRow(ids: row.ids, isSupervised: flags)
      })
  }

  /// Makes a data set of rows that came from no file; none is left out.
  ///
  /// - Precondition: each row has as many flags as tokens, and targets where the layout has them.
  package init(name: String, layout: RowLayout, labels: [String] = [], rows: [EncodedRow]) {
    var storage = RowStorage()
    var sourceRows: [Row] = []
    for row in rows {
      precondition(row.ids.count == row.isSupervised.count, "each token has a flag")
      precondition(
        row.targets.count == (layout.hasTargets ? row.ids.count : 0), "targets fit the layout")
      sourceRows.append(
        storage.append(
          row, layout: layout, fate: row.isEmpty(layout) ? .empty : .kept, origin: nil))
    }
    self.init(
      name: name, layout: layout, labels: labels, storage: storage, sources: [],
      sourceRows: sourceRows)
  }

  /// Where a row stands in its file; nil for a row that came from no file.
  package func place(of row: Row) -> RowPlace? {
    guard let origin = row.origin, sources.indices.contains(Int(origin.source)) else { return nil }
    return RowPlace(file: sources[Int(origin.source)].file.path, line: Int(origin.line))
  }
}

extension RowLayout {
  /// Whether what is learned at each token is kept beside it.
  var hasTargets: Bool {
    switch self {
    case .sourceAndTarget, .tokenLabels: true
    case .nextToken, .masked, .rowLabel, .rowLabels, .rowValues, .series: false
    }
  }
}

extension EncodedRow {
  /// Whether there is nothing of the row to give to a model.
  func isEmpty(_ layout: RowLayout) -> Bool {
    switch layout {
    case .series: sourceValues.isEmpty || values.isEmpty
    case .sourceAndTarget: ids.isEmpty || sourceIDs.isEmpty
    case .nextToken, .masked, .tokenLabels, .rowLabel, .rowLabels, .rowValues: ids.isEmpty
    }
  }
}
