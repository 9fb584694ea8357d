/// Measures of predictions that are numbers, one or several a row.
///
/// ``value(of:)`` pools the cells of all columns, as `numpy` does with flattened arrays;
/// ``value(of:column:)`` and ``columnMean(of:)`` take each column (output) by itself. A report of
/// one number is the pooled one.
///
/// Undefined measures are nil: none of no cells; R², the correlations and CCC need two cells; the
/// correlations need two different values on either side, CCC on one side or means that differ. A
/// counted number that is not finite makes every measure of its cells `nan`.
/// Memory: 8 bytes a counted cell for Spearman's ranks, unless ``init(keepsValues:)`` forgoes them.
package struct ValueMetrics: Hashable, Sendable {
  private struct Column: Hashable {
    var moments = ValueMoments()
    var predicted: [Float] = []
    var expected: [Float] = []
  }

  private var columns: [Column] = []
  private let keepsValues: Bool

  /// Measures of no cells yet; `keepsValues` false leaves out Spearman's correlation.
  package init(keepsValues: Bool = true) {
    self.keepsValues = keepsValues
  }

  /// Columns up to the last one with a counted cell.
  package var columnCount: Int { columns.count }

  /// Cells that were counted.
  package var cells: Int { columns.reduce(0) { $0 + $1.moments.count } }

  /// Counts the cells whose weight is above 0.
  ///
  /// Shapes: all are `(N, width)`; of longer ones the rest is ignored. `width` may differ from call
  /// to call: columns that were not there before begin.
  package mutating func add(
    predicted: UnsafeBufferPointer<Float>, expected: [Float], weights: [Float], width: Int
  ) {
    guard width > 0 else { return }
    for cell in 0..<min(predicted.count, expected.count, weights.count)
    where weights[cell] > 0 {
      let column = cell % width
      while columns.count <= column { columns.append(Column()) }
      columns[column].moments.add(
        predicted: Double(predicted[cell]), expected: Double(expected[cell]))
      if keepsValues {
        columns[column].predicted.append(predicted[cell])
        columns[column].expected.append(expected[cell])
      }
    }
  }

  /// Counts every cell, as the other method of this name does.
  package mutating func add(predicted: [Float], expected: [Float], width: Int = 1) {
    let weights = Array(repeating: Float(1), count: expected.count)
    predicted.withUnsafeBufferPointer {
      add(predicted: $0, expected: expected, weights: weights, width: width)
    }
  }

  /// The measure over all cells together; nil where it is undefined or not one of numbers.
  package func value(of metric: MetricName) -> Double? {
    if columns.count == 1 { return value(of: metric, column: 0) }
    var pooled = Column()
    for column in columns {
      pooled.moments.merge(column.moments)
      if metric == .spearman {
        pooled.predicted += column.predicted
        pooled.expected += column.expected
      }
    }
    return value(of: metric, in: pooled)
  }

  /// The measure over one column, from 0; nil where it is undefined, not one of numbers, or there
  /// is no such column.
  package func value(of metric: MetricName, column: Int) -> Double? {
    columns.indices.contains(column) ? value(of: metric, in: columns[column]) : nil
  }

  /// The plain mean of the measure over the columns where it is defined; nil where it is nowhere.
  package func columnMean(of metric: MetricName) -> Double? {
    let values = columns.compactMap { value(of: metric, in: $0) }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private func value(of metric: MetricName, in column: Column) -> Double? {
    switch metric {
    case .mse: column.moments.mse
    case .mae: column.moments.mae
    case .r2: column.moments.r2
    case .pearson: column.moments.pearson
    case .ccc: column.moments.ccc
    case .spearman:
      keepsValues ? ValueRanks.correlation(column.predicted, column.expected) : nil
    case .loss, .perplexity, .accuracy, .topFive, .precision, .recall, .f1, .precisionMicro,
      .recallMicro, .f1Micro, .matthews, .exactMatch, .bleu, .chrf, .rougeL:
      nil
    }
  }
}
