extension TokenizedDataset {
  /// The most tokens of one data set: 2³¹ − 1.
  package static let maximumTokens = Int(Int32.max)

  /// Reads, tokenizes and cuts the rows that a data section names.
  ///
  /// - Throws: the first thing that is wrong with section, files or rows; `noRows` and
  ///   `noSupervisedTokens` where nothing is left to learn from.
  package init(
    reading specification: RowSpecification, encoder: some TextEncoder
  ) throws(DatasetError) {
    let tokenizer = try RowTokenizer(specification, encoder: encoder)
    let files = try DataFile.find(
      specification.files, in: specification.directory, format: specification.format)
    var tokens: [Int32] = []
    var isSupervised: [Bool] = []
    var rows: [Row] = []
    var summary = ReadingSummary()
    for (source, file) in files.enumerated() {
      var reader = try RowReader(file)
      var number = 0
      while let row = try reader.next() {
        var new = try tokenizer.tokens(of: row)
        let (length, isUnmasked) = (new.ids.count, new.isUnmasked)
        let supervised = new.isSupervised.count(where: { $0 })
        let fate = try Self.fit(&new, into: specification, at: row.place)
        let start = tokens.count
        guard start + new.ids.count <= Self.maximumTokens else {
          throw .tooManyTokens(section: specification.name, limit: Self.maximumTokens)
        }
        tokens += new.ids
        isSupervised += new.isSupervised
        let supervisedCount = new.isSupervised.count(where: { $0 })
        let origin = Origin(
          source: Int32(clamping: source), number: Int32(clamping: number),
          line: Int32(clamping: row.place.line))
        number += 1
        let fitted = Row(
          range: start..<tokens.count, supervisedCount: supervisedCount, fate: fate,
          origin: origin)
        rows.append(fitted)
        summary.add(
          length: length, supervised: supervised, isUnmasked: isUnmasked, fitted: fitted,
          hasLimit: specification.maxLength != nil, at: row.place)
      }
    }
    self.init(
      name: specification.name, tokens: tokens, isSupervised: isSupervised,
      sources: files.map { Source(section: specification.name, file: $0) }, sourceRows: rows)
    reading = summary
    try checkUsable()
  }

  /// Applies the limit on a row's tokens.
  private static func fit<Encoder>(
    _ row: inout RowTokenizer<Encoder>.Tokens, into specification: RowSpecification,
    at place: RowPlace
  ) throws(DatasetError) -> Fate {
    if row.ids.isEmpty { return .empty }
    guard let limit = specification.maxLength, row.ids.count > limit else { return .kept }
    switch specification.overlong {
    case .error: throw .rowTooLong(tokens: row.ids.count, limit: limit, at: place)
    case .drop:
      row = .init(ids: [], isSupervised: [])
      return .dropped
    case .truncate:
      row.ids.removeSubrange(max(0, limit)...)
      row.isSupervised.removeSubrange(max(0, limit)...)
      return row.ids.isEmpty ? .empty : .truncated
    }
  }

  /// Refuses a data set that nothing can be learned from.
  func checkUsable() throws(DatasetError) {
    if rows.isEmpty { throw .noRows(section: name, dropped: statistics.droppedRows) }
    if statistics.supervisedTokens == 0 {
      throw .noSupervisedTokens(section: name, truncated: statistics.truncatedRows)
    }
  }
}
