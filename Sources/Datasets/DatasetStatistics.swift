/// What a data set amounts to, in numbers that the plan shows.
package struct DatasetStatistics: Hashable, Sendable {
  /// Rows that are trained on.
  package var rows = 0
  package var tokens = 0
  /// Tokens that are learned.
  package var supervisedTokens = 0
  /// Rows cut to the limit, among `rows`.
  package var truncatedRows = 0
  /// Rows left out because they exceed the limit.
  package var droppedRows = 0
  /// Rows left out because they have no token.
  package var emptyRows = 0
  /// Rows without a learned token, among `rows`.
  package var unsupervisedRows = 0
  /// The tokens of the longest row.
  package var longestRow = 0

  package init() {}
}
