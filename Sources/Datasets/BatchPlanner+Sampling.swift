/// What samplers look at.
extension BatchPlanner {
  /// The length of each packed sequence, which is one for all, or of what a model reads first of
  /// each row, which transformers calls `input_ids`.
  static func lengths(of dataset: TokenizedDataset, _ packing: SequencePacking?) -> [Int] {
    if let packing { return Array(repeating: 1, count: packing.sequences.count) }
    return dataset.rows.map { row in
      row.sourceRange.isEmpty ? row.range.count : row.sourceRange.count
    }
  }

  /// How likely each row is drawn: every label as often as any other; nil where rows have no
  /// label, or nothing is drawn.
  static func weights(of dataset: TokenizedDataset, _ sampler: Sampler) -> [Double]? {
    guard sampler == .weighted, case .rowLabel = dataset.layout else { return nil }
    return WeightedDraws.weights(ofLabels: dataset.rows.map(\.label))
  }
}
