extension TokenizedDataset {
  /// The most tokens of one data set: 2³¹ − 1.
  package static let maximumTokens = Int(Int32.max)

  /// Reads, tokenizes and cuts the rows that a data section names.
  ///
  /// - Throws: the first thing that is wrong with section, files or rows; `noRows` and
  ///   `noSupervisedTokens` or `nothingToHide` where nothing is left to learn from.
  package init(
    reading specification: RowSpecification, encoder: some TextEncoder
  ) throws(DatasetError) {
    if case .matrices(let names, let answers) = specification.task {
      try self.init(readingMatrices: specification, names: names, answers: answers)
      return
    }
    let tokenizer = try RowTokenizer(specification, encoder: encoder)
    let files = try specification.dataFiles()
    let layout = specification.layout
    var storage = RowStorage()
    var rows: [Row] = []
    var summary = ReadingSummary()
    for (source, file) in files.enumerated() {
      guard file.target == nil || !file.format.isTable else {
        throw .unpairedFiles(.shape(task: specification.task.name, needsPair: false))
      }
      var reader = try RowReader(file)
      var number = 0
      while let row = try reader.next() {
        let whole = try tokenizer.tokens(of: row)
        var fitted = whole
        let fate = try Self.fit(&fitted, into: specification, layout, at: row.place)
        guard
          storage.largestCount + max(fitted.ids.count, fitted.sourceIDs.count) <= Self.maximumTokens
        else { throw .tooManyTokens(section: specification.name, limit: Self.maximumTokens) }
        let origin = Origin(
          source: Int32(clamping: source), number: Int32(clamping: number),
          line: Int32(clamping: row.place.line))
        number += 1
        let stored = storage.append(fitted, layout: layout, fate: fate, origin: origin)
        rows.append(stored)
        summary.add(
          whole, supervised: whole.supervisedCount(layout), fitted: stored,
          limits: specification, at: row.place)
      }
    }
    self.init(
      name: specification.name, layout: layout, labels: specification.labelNames,
      storage: storage, sources: files.map { Source(section: specification.name, file: $0) },
      sourceRows: rows)
    reading = summary
    try checkUsable()
  }

  /// Applies the limits on a row's tokens.
  private static func fit(
    _ row: inout EncodedRow, into specification: RowSpecification, _ layout: RowLayout,
    at place: RowPlace
  ) throws(DatasetError) -> Fate {
    if row.isEmpty(layout) {
      row = EncodedRow()
      return .empty
    }
    let sides = [
      (row.wholeLength ?? row.ids.count, specification.maxLength),
      (row.wholeSourceLength ?? row.sourceIDs.count, specification.maxSourceLength),
    ]
    for case (let length, let limit?) in sides where length > limit {
      switch specification.overlong {
      case .error: throw .rowTooLong(tokens: length, limit: limit, at: place)
      case .drop:
        row = EncodedRow()
        return .dropped
      case .truncate:
        if row.wholeLength == nil {
          row.ids.removeSubrange(max(0, limit)...)
          row.isSupervised.removeSubrange(max(0, limit)...)
        }
        return row.isEmpty(layout) ? .empty : .truncated
      }
    }
    return .kept
  }

  /// Refuses a data set that nothing can be learned from.
  func checkUsable() throws(DatasetError) {
    if rows.isEmpty { throw .noRows(section: name, dropped: statistics.droppedRows) }
    if statistics.supervisedTokens == 0 {
      if case .masked = layout { throw .nothingToHide(section: name) }
      throw .noSupervisedTokens(section: name, truncated: statistics.truncatedRows)
    }
  }
}
