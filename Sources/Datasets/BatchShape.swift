/// The shape of a batch: what a program is compiled for.
package struct BatchShape: Hashable, Comparable, Sendable {
  /// Rows (B).
  package let rowCount: Int
  /// Positions of a row (T): of the sequence that carries the loss.
  package let length: Int
  /// Positions of a row's source (S); 0 where there is none.
  package let sourceLength: Int

  package init(rowCount: Int, length: Int, sourceLength: Int = 0) {
    self.rowCount = rowCount
    self.length = length
    self.sourceLength = sourceLength
  }

  /// Positions in all, sources left aside.
  package var positionCount: Int { rowCount * length }
  /// Positions of all sources.
  package var sourcePositionCount: Int { rowCount * sourceLength }

  /// Shorter shapes come first, of equal length those with shorter sources, then of fewer rows.
  package static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.length, lhs.sourceLength, lhs.rowCount) < (rhs.length, rhs.sourceLength, rhs.rowCount)
  }
}
