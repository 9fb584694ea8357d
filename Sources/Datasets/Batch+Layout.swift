extension RowLayout {
  /// Whether tokens see their whole row; nil where the model decides.
  var seesWholeRow: Bool? {
    switch self {
    case .masked, .series: true
    case .sourceAndTarget: false
    case .nextToken, .tokenLabels, .rowLabel, .rowLabels, .rowValues: nil
    }
  }

  /// Whether one token stands for the row.
  var hasPooledToken: Bool {
    switch self {
    case .rowLabel, .rowLabels, .rowValues, .series(_, _, answers: .rows): true
    case .nextToken, .masked, .sourceAndTarget, .tokenLabels, .series(_, _, answers: .positions):
      false
    }
  }

  /// Whether the rows of a batch stand one behind the other, each seeing itself alone: tokens learn at
  /// their own places, and nothing stands for a row.
  var joinsRows: Bool { !hasPooledToken && !hasSource }

  /// Whether there is a source beside the sequence that carries the loss.
  var hasSource: Bool {
    switch self {
    case .sourceAndTarget, .series(_, _, answers: .positions): true
    case .nextToken, .masked, .tokenLabels, .rowLabel, .rowLabels, .rowValues,
      .series(_, _, answers: .rows):
      false
    }
  }

  /// Whether tokens come with numbers.
  var isSeries: Bool {
    if case .series = self { true } else { false }
  }
}

extension Batch {
  /// Makes every position padding and every part as large as the shape and the layout ask.
  mutating func clear(_ layout: RowLayout, padID: Int32) {
    let (rows, length, sourceLength) = (shape.rowCount, shape.length, shape.sourceLength)
    let count = shape.positionCount
    var (padding, targetCount, valueCount) = (padID, 0, 0)
    switch layout {
    case .nextToken, .masked, .sourceAndTarget, .tokenLabels: targetCount = count
    case .rowLabel: targetCount = rows
    case .rowLabels(let width), .rowValues(let width): valueCount = rows * width
    case .series(_, let outputs, let answers):
      // The number of a column, not a token: any that there is will do.
      (padding, valueCount) = (0, answers == .positions ? count : rows * outputs)
    }
    Self.reset(&tokens, to: padding, count: count)
    Self.reset(&targets, to: -1, count: targetCount)
    Self.reset(&positions, to: 0, count: count)
    Self.resetRanges(&ranges, rows: rows, length: length)
    Self.reset(&tokenTypes, to: 0, count: layout.hasSource || layout.isSeries ? 0 : count)
    Self.reset(&pooled, to: 0, count: layout.hasPooledToken ? rows : 0)
    for line in pooled.indices { pooled[line] = Int32(clamping: line * length) }
    Self.reset(&values, to: 0, count: valueCount)
    Self.reset(&weights, to: 0, count: valueCount)
    let sourceCount = layout.hasSource ? shape.sourcePositionCount : 0
    Self.reset(&sourceTokens, to: padding, count: sourceCount)
    Self.reset(&sourcePositions, to: 0, count: sourceCount)
    Self.resetRanges(&sourceRanges, rows: layout.hasSource ? rows : 0, length: sourceLength)
    Self.reset(&crossRanges, to: 0, count: layout.hasSource ? 2 * count : 0)
    for place in stride(from: 1, to: crossRanges.count, by: 2) { crossRanges[place] = 1 }
    let numberCount = layout.hasSource ? sourceCount : count
    Self.reset(&sourceValues, to: 0, count: layout.isSeries ? numberCount : 0)
    supervisedCount = 0
    tokenCount = 0
    sourceTokenCount = 0
  }

  private static func reset<Value>(_ values: inout [Value], to value: Value, count: Int) {
    values.removeAll(keepingCapacity: true)
    values.append(contentsOf: repeatElement(value, count: count))
  }

  /// Lets each position see itself alone.
  private static func resetRanges(_ ranges: inout [Int32], rows: Int, length: Int) {
    reset(&ranges, to: 0, count: 2 * rows * length)
    for place in 0..<rows * length {
      let position = Int32(clamping: place % length)
      ranges[2 * place] = position
      ranges[2 * place + 1] = position + 1
    }
  }

  /// Writes a row's tokens, positions, types, and what each sees.
  mutating func place(
    _ row: TokenizedDataset.Row, of storage: RowStorage, at base: Int, start: Int, isWhole: Bool
  ) {
    let range = row.range
    for offset in 0..<range.count {
      let place = base + offset
      tokens[place] = storage.tokens[range.lowerBound + offset]
      positions[place] = Int32(clamping: offset)
      ranges[2 * place] = Int32(clamping: start)
      if isWhole { ranges[2 * place + 1] = Int32(clamping: start + range.count) }
    }
    if let second = row.secondStart, !tokenTypes.isEmpty, second < range.count {
      for offset in second..<range.count { tokenTypes[base + offset] = 1 }
    }
  }

  /// Lets each position learn the token behind it.
  mutating func learnNextTokens(
    _ row: TokenizedDataset.Row, of storage: RowStorage, at base: Int
  ) {
    for source in row.range.dropFirst() where storage.isSupervised[source] {
      targets[base + source - row.range.lowerBound - 1] = storage.tokens[source]
      supervisedCount += 1
    }
  }

  /// Lets each position learn what stands beside its token.
  mutating func learnTargets(
    _ row: TokenizedDataset.Row, of storage: RowStorage, at base: Int
  ) {
    for source in row.range where storage.targets[source] >= 0 {
      targets[base + source - row.range.lowerBound] = storage.targets[source]
      supervisedCount += 1
    }
  }

  /// Hides some of a row's tokens, which are learned at their places.
  mutating func hide(
    _ row: TokenizedDataset.Row, number: Int, of storage: RowStorage, at base: Int,
    by masking: MaskingDraw?
  ) {
    guard let masking else { return }
    var places: [Int32] = []
    swap(&places, &candidates)
    for source in row.range where storage.isSupervised[source] {
      places.append(Int32(clamping: base + source - row.range.lowerBound))
    }
    masking.hide(row: number, candidates: &places) { place, replacement in
      let token = tokens[Int(place)]
      targets[Int(place)] = token
      tokens[Int(place)] = replacement(token)
      supervisedCount += 1
    }
    places.removeAll(keepingCapacity: true)
    swap(&places, &candidates)
  }
}

// MARK: rows with sources, classes and numbers

extension Batch {
  /// Writes a row's source and lets all positions of its batch row see it.
  mutating func placeSource(
    _ row: TokenizedDataset.Row, of storage: RowStorage, line: Int
  ) {
    let range = row.sourceRange
    let end = Int32(clamping: range.count)
    let base = line * shape.sourceLength
    for offset in 0..<range.count {
      let place = base + offset
      sourceTokens[place] = storage.sourceTokens[range.lowerBound + offset]
      sourcePositions[place] = Int32(clamping: offset)
      sourceRanges[2 * place] = 0
      sourceRanges[2 * place + 1] = end
    }
    for place in line * shape.length..<(line + 1) * shape.length {
      crossRanges[2 * place + 1] = max(1, end)
    }
    sourceTokenCount += range.count
  }

  /// Writes a row's class or numbers.
  mutating func learnRow(
    _ row: TokenizedDataset.Row, of storage: RowStorage, line: Int, _ layout: RowLayout
  ) {
    switch layout {
    case .rowLabel: targets[line] = row.label
    case .rowLabels(let width), .rowValues(let width):
      writeValues(row, of: storage, at: line * width)
    case .series(_, let outputs, let answers):
      let isOfRow = answers == .rows
      writeValues(row, of: storage, at: line * (isOfRow ? outputs : shape.length))
      if !isOfRow { placeSource(row, of: storage, line: line) }
      let base = line * (isOfRow ? shape.length : shape.sourceLength)
      for (offset, source) in row.sourceValueRange.enumerated() {
        sourceValues[base + offset] = storage.sourceValues[source]
      }
    case .nextToken, .masked, .sourceAndTarget, .tokenLabels: return
    }
    supervisedCount += row.supervisedCount
  }

  private mutating func writeValues(
    _ row: TokenizedDataset.Row, of storage: RowStorage, at base: Int
  ) {
    for (offset, source) in row.valueRange.enumerated() {
      values[base + offset] = storage.values[source]
      weights[base + offset] = storage.weights[source]
    }
  }
}
