/// The numbers of all rows, kind by kind, one row after another.
struct RowStorage: Sendable {
  var tokens: [Int32] = []
  var isSupervised: [Bool] = []
  var targets: [Int32] = []
  var sourceTokens: [Int32] = []
  var values: [Float] = []
  var weights: [Float] = []
  var sourceValues: [Float] = []

  /// The numbers of the largest kind.
  var largestCount: Int {
    max(tokens.count, sourceTokens.count, values.count, sourceValues.count)
  }

  /// All bytes held.
  var byteCount: Int {
    4
      * (tokens.count + targets.count + sourceTokens.count + values.count + weights.count
        + sourceValues.count) + isSupervised.count
  }

  /// Puts `row` behind the others and tells where it stands.
  mutating func append(
    _ row: EncodedRow, layout: RowLayout, fate: TokenizedDataset.Fate,
    origin: TokenizedDataset.Origin?
  ) -> TokenizedDataset.Row {
    let start = (tokens.count, sourceTokens.count, values.count, sourceValues.count)
    let ranges: (tokens: Range<Int>, source: Range<Int>)
    if case .series(let inputs, let outputs, let answers) = layout {
      // The tokens say which column a number is of: they are those of every row.
      let counts =
        answers == .positions
        ? (tokens: outputs, source: inputs) : (tokens: inputs, source: 0)
      if tokens.isEmpty {
        tokens = (0..<counts.tokens).map { Int32(clamping: $0) }
        isSupervised = Array(repeating: false, count: counts.tokens)
        sourceTokens = (0..<counts.source).map { Int32(clamping: $0) }
      }
      ranges = (0..<counts.tokens, 0..<counts.source)
    } else {
      tokens += row.ids
      isSupervised += row.isSupervised
      targets += row.targets
      sourceTokens += row.sourceIDs
      ranges = (start.0..<tokens.count, start.1..<sourceTokens.count)
    }
    values += row.values
    weights += row.weights
    sourceValues += row.sourceValues
    return TokenizedDataset.Row(
      range: ranges.tokens, sourceRange: ranges.source, secondStart: row.secondStart,
      label: row.label, valueRange: start.2..<values.count,
      sourceValueRange: start.3..<sourceValues.count, supervisedCount: row.supervisedCount(layout),
      fate: fate, origin: origin)
  }

  /// Puts the rows of `other` behind these; gives rows of the one as rows of both.
  mutating func append(
    _ other: RowStorage
  ) -> (TokenizedDataset.Row, TokenizedDataset.Origin?) -> TokenizedDataset.Row {
    let shift = (tokens.count, sourceTokens.count, values.count, sourceValues.count)
    tokens += other.tokens
    isSupervised += other.isSupervised
    targets += other.targets
    sourceTokens += other.sourceTokens
    values += other.values
    weights += other.weights
    sourceValues += other.sourceValues
    return { row, origin in
      TokenizedDataset.Row(
        range: row.range.shifted(by: shift.0), sourceRange: row.sourceRange.shifted(by: shift.1),
        secondStart: row.secondStart, label: row.label,
        valueRange: row.valueRange.shifted(by: shift.2),
        sourceValueRange: row.sourceValueRange.shifted(by: shift.3),
        supervisedCount: row.supervisedCount, fate: row.fate, origin: origin)
    }
  }
}

extension EncodedRow {
  /// How much of the row the loss is taken over: tokens, numbers, or the row itself.
  func supervisedCount(_ layout: RowLayout) -> Int {
    switch layout {
    case .nextToken: isSupervised.count(where: { $0 })
    case .sourceAndTarget, .tokenLabels: targets.count(where: { $0 >= 0 })
    case .masked(let rule): rule.hiddenCount(of: isSupervised.count(where: { $0 }))
    case .rowLabel: ids.isEmpty || label < 0 ? 0 : 1
    case .rowLabels, .rowValues, .series: weights.count(where: { $0 != 0 })
    }
  }
}

extension Range<Int> {
  fileprivate func shifted(by distance: Int) -> Range<Int> {
    lowerBound + distance..<upperBound + distance
  }
}
