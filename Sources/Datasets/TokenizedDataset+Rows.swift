extension TokenizedDataset {
  /// The tokens of all rows, one after another.
  package var tokens: [Int32] { storage.tokens }
  /// Beside each token, whether it is learned, or may be where tokens are hidden by chance.
  package var isSupervised: [Bool] { storage.isSupervised }
  /// Beside each token what is learned at it, −1 for nothing; empty where that is the next token.
  package var targets: [Int32] { storage.targets }
  /// The tokens of all sources.
  package var sourceTokens: [Int32] { storage.sourceTokens }
  /// The numbers that are learned.
  package var values: [Float] { storage.values }
  /// Beside each number 1, or 0 where it is missing.
  package var weights: [Float] { storage.weights }
  /// The numbers that are given.
  package var sourceValues: [Float] { storage.sourceValues }
  /// What all rows take in memory, in bytes.
  package var byteCount: Int { storage.byteCount }

  /// The tokens of one of ``rows``.
  package func tokens(ofRow index: Int) -> ArraySlice<Int32> { storage.tokens[rows[index].range] }

  /// Beside each token of one of ``rows``, whether it is learned.
  package func isSupervised(inRow index: Int) -> ArraySlice<Bool> {
    storage.isSupervised[rows[index].range]
  }

  /// The source of one of ``rows``.
  package func sourceTokens(ofRow index: Int) -> ArraySlice<Int32> {
    storage.sourceTokens[rows[index].sourceRange]
  }

  /// What is learned at each token of one of ``rows``; empty where that is the next token.
  package func targets(ofRow index: Int) -> ArraySlice<Int32> {
    layout.hasTargets ? storage.targets[rows[index].range] : []
  }

  /// The numbers of one of ``rows`` that are learned.
  package func values(ofRow index: Int) -> ArraySlice<Float> {
    storage.values[rows[index].valueRange]
  }

  /// Beside each of these numbers 1, or 0 where it is missing.
  package func weights(ofRow index: Int) -> ArraySlice<Float> {
    storage.weights[rows[index].valueRange]
  }

  /// The numbers of one of ``rows`` that are given.
  package func sourceValues(ofRow index: Int) -> ArraySlice<Float> {
    storage.sourceValues[rows[index].sourceValueRange]
  }

  /// The class of each of ``rows``, −1 for one that has none: what sampling by label goes by.
  package var rowLabels: [Int32] { rows.map(\.label) }

  /// How many rows have each class, in the order of the labels; empty where nothing is labelled.
  ///
  /// Of rows with several classes each counts, of labelled tokens each token.
  package var labelCounts: [Int] {
    var counts = Array(repeating: 0, count: labels.count)
    func add(_ label: Int32) {
      if counts.indices.contains(Int(label)) { counts[Int(label)] += 1 }
    }
    switch layout {
    case .rowLabel: for row in rows { add(row.label) }
    case .tokenLabels: for row in rows { storage.targets[row.range].forEach(add) }
    case .rowLabels:
      for row in rows {
        for (label, place) in row.valueRange.enumerated() where storage.values[place] == 1 {
          add(Int32(clamping: label))
        }
      }
    case .nextToken, .sourceAndTarget, .masked, .rowValues, .series: return []
    }
    return counts
  }

  /// What a model is given of one of ``rows``: rows of which this is equal look the same to it.
  package func inputs(ofRow index: Int) -> RowInputs {
    let row = rows[index]
    return RowInputs(
      tokens: storage.tokens[row.range], source: storage.sourceTokens[row.sourceRange],
      values: storage.sourceValues[row.sourceValueRange])
  }
}

/// What a model is given of a row.
package struct RowInputs: Hashable, Sendable {
  package let tokens: ArraySlice<Int32>
  package let source: ArraySlice<Int32>
  package let values: ArraySlice<Float>
}
