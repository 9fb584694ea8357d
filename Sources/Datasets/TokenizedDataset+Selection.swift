import Randomness

extension TokenizedDataset {
  /// The data set of the given source rows, in the given order; rows may repeat.
  ///
  /// - Precondition: the indices are those of ``sourceRows``.
  package func selecting(_ indices: [Int], name: String) -> TokenizedDataset {
    TokenizedDataset(
      name: name, layout: layout, labels: labels, inputNames: inputNames, storage: storage,
      sources: sources, sourceRows: indices.map { sourceRows[$0] })
  }

  /// Splits the rows into named parts by chance; within a part they keep the order of the files.
  ///
  /// A row's part depends on the seed, the section's name, the fractions and the number of rows in
  /// the files alone, not on what is left out for its length. Sizes follow ``RowSplit``.
  ///
  /// - Throws: `emptyPart` where a part gets no row, `noRows` and `noSupervisedTokens` where a part
  ///   has nothing to learn from.
  package func split(
    _ parts: [(name: String, fraction: Double)], seed: UInt64
  ) throws(DatasetError) -> [TokenizedDataset] {
    let indices = RowSplit.parts(
      rowCount: sourceRows.count, fractions: parts.map(\.fraction),
      stream: RandomStream(seed: seed, name: "split/\(name)"))
    var result: [TokenizedDataset] = []
    for (part, indices) in zip(parts, indices) {
      if indices.isEmpty {
        throw .emptyPart(section: name, part: part.name, rows: sourceRows.count)
      }
      let selected = selecting(indices, name: "\(name).\(part.name)")
      try selected.checkUsable()
      result.append(selected)
    }
    return result
  }

  /// Mixes data sets: one after another, each with its weight.
  ///
  /// A weight of 2 lets each row stand twice in an epoch; the fraction of a weight takes that share
  /// of the rows, chosen by chance once for the whole run (stream `mix/<name>/<part>`).
  ///
  /// - Throws: `noRows` or `noSupervisedTokens` where nothing is left to learn from,
  ///   `tooManyTokens` where an epoch would exceed ``maximumTokens``, `unlikeParts` where the parts
  ///   do not hold the same labels or columns.
  package static func mixing(
    _ parts: [(dataset: TokenizedDataset, weight: Double)], name: String, seed: UInt64
  ) throws(DatasetError) -> TokenizedDataset {
    guard let first = parts.first?.dataset else { throw .noRows(section: name, dropped: 0) }
    var storage = RowStorage()
    var sources: [Source] = []
    var rows: [Row] = []
    var epochTokens = 0
    for (dataset, weight) in parts {
      guard dataset.holdsTheSame(as: first) else {
        throw .unlikeParts(section: name, first: first.name, second: dataset.name)
      }
      let count = dataset.sourceRows.count
      let tooLarge = DatasetError.tooManyTokens(section: name, limit: maximumTokens)
      // Every row that stands in an epoch counts, also one that was left out and has no tokens.
      guard weight.isFinite, weight * Double(max(count, dataset.statistics.mostTokens)) < 0x1p31
      else { throw tooLarge }
      let stream = RandomStream(seed: seed, name: "mix/\(name)/\(dataset.name)")
      let indices = RowSplit.repeated(rowCount: count, weight: weight, stream: stream)
      let selected = indices.map { dataset.sourceRows[$0] }
      epochTokens += selected.reduce(0) { $0 + $1.range.count }
      guard epochTokens <= maximumTokens, rows.count + selected.count <= maximumTokens,
        storage.largestCount + dataset.storage.largestCount <= maximumTokens
      else { throw tooLarge }
      let moved = storage.append(dataset.storage)
      rows += selected.map { row in
        moved(
          row,
          row.origin.map { origin in
            Origin(
              source: origin.source + Int32(clamping: sources.count), number: origin.number,
              line: origin.line)
          })
      }
      sources += dataset.sources
    }
    let mixed = TokenizedDataset(
      name: name, layout: first.layout, labels: first.labels, inputNames: first.inputNames,
      storage: storage, sources: sources, sourceRows: rows)
    try mixed.checkUsable()
    return mixed
  }

  /// Whether rows of both can stand in one batch, their numbers meaning the same.
  package func holdsTheSame(as other: TokenizedDataset) -> Bool {
    layout == other.layout && labels == other.labels && inputNames == other.inputNames
  }
}
