/// The shape of a batch: what a program is compiled for.
package struct BatchShape: Hashable, Comparable, Sendable {
  /// Rows (B).
  package let rowCount: Int
  /// Positions of a row (T).
  package let length: Int

  package init(rowCount: Int, length: Int) {
    self.rowCount = rowCount
    self.length = length
  }

  /// Positions in all.
  package var positionCount: Int { rowCount * length }

  /// Shorter shapes come first, of equal length those of fewer rows.
  package static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.length, lhs.rowCount) < (rhs.length, rhs.rowCount)
  }
}
