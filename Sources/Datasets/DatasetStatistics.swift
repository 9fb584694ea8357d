/// What a data set amounts to, in numbers that the plan shows.
package struct DatasetStatistics: Hashable, Sendable {
  /// Rows that are trained on.
  package var rows = 0
  package var tokens = 0
  /// What the loss is taken over: tokens that are learned, numbers, or rows with a class.
  package var supervisedTokens = 0
  /// Rows cut to a limit, among `rows`.
  package var truncatedRows = 0
  /// Rows left out because they exceed the limit.
  package var droppedRows = 0
  /// Rows left out because they have no token.
  package var emptyRows = 0
  /// Rows without a learned token, among `rows`.
  package var unsupervisedRows = 0
  /// The tokens of the longest row.
  package var longestRow = 0
  /// Tokens of all sources.
  package var sourceTokens = 0
  /// The tokens of the longest source.
  package var longestSource = 0
  /// Numbers that are to be learned and missing.
  package var missingValues = 0

  package init() {}

  /// Tokens, or those of sources where they are more.
  var mostTokens: Int { max(tokens, sourceTokens) }
}

extension DatasetStatistics {
  /// What `rows` amount to, those among them that were left out too.
  init(_ rows: [TokenizedDataset.Row], _ storage: RowStorage) {
    for row in rows {
      switch row.fate {
      case .dropped: droppedRows += 1
      case .empty: emptyRows += 1
      case .kept, .truncated:
        self.rows += 1
        tokens += row.range.count
        sourceTokens += row.sourceRange.count
        supervisedTokens += row.supervisedCount
        longestRow = max(longestRow, row.range.count)
        longestSource = max(longestSource, row.sourceRange.count)
        missingValues += storage.weights[row.valueRange].count { $0 == 0 }
        if row.fate == .truncated { truncatedRows += 1 }
        if row.supervisedCount == 0 { unsupervisedRows += 1 }
      }
    }
  }
}
