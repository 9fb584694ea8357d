package import Datasets

/// Rows as the model will see them: tokens after template, special tokens and the limit on their
/// number, with those that are learned.
package struct Preview: Hashable, Sendable {
  /// In the order in which the stages name them.
  package let sets: [PreviewedSet]
}

/// Some rows of a data section, or of one part of a split section.
package struct PreviewedSet: Hashable, Sendable {
  /// What a stage does with the rows.
  package enum Purpose: String, Sendable { case train, evaluate }

  /// A stage that the rows are for.
  package struct Use: Hashable, Sendable {
    package let stage: String
    package let purpose: Purpose
  }

  /// Which rows are shown.
  package enum Order: Hashable, Sendable {
    /// Those that the stage's first steps take.
    case training(stage: String)
    /// The first of the files.
    case files
  }

  /// `section` or `section.part`.
  package let name: String
  /// Empty for rows that no stage uses.
  package let uses: [Use]
  package let order: Order
  /// What all rows of the set amount to.
  package let statistics: DatasetStatistics
  /// What is to be said of all rows of the set, shown or not.
  package let findings: [PreviewFinding]
  package let rows: [PreviewedRow]
}

/// One row.
package struct PreviewedRow: Hashable, Sendable {
  /// Where a row stands among those that share a packed sequence.
  package struct Sequence: Hashable, Sendable {
    /// The sequence's number in the epoch, from 0.
    package let number: Int
    /// Its positions, with those that stay empty.
    package let length: Int
    /// The tokens of each of its rows, in order.
    package let rowLengths: [Int]
    /// The row's number in it.
    package let row: Int

    /// The position of the row's first token.
    package var start: Int { rowLengths.prefix(row).reduce(0, +) }
    /// The positions without a token.
    package var emptyCount: Int { length - rowLengths.reduce(0, +) }
  }

  /// A token, or a run of those that are not shown.
  package enum Piece: Hashable, Sendable {
    case token(PreviewedToken)
    case omitted(PreviewedGap)
  }

  /// Nil for rows that came from no file.
  package let place: RowPlace?
  package let tokenCount: Int
  package let supervisedCount: Int
  /// Tokens that the limit on a row's length cut off; nil where the row is whole.
  package let cut: Cut?
  /// Nil where each row has a batch row of its own.
  package let sequence: Sequence?
  /// What the tokens are parts of; empty where the file has changed since it was tokenized.
  package let parts: [RowParts.Part]
  package let pieces: [Piece]
  /// What is given where the tokens above are those of a target.
  package let source: Source?
  /// The names of the row's classes; nil where rows have none.
  package let labels: [String]?
  /// The numbers that are given, the first ``PreviewedNumber/limit`` of them.
  package let inputs: [PreviewedNumber]
  /// The numbers that are learned, the first ``PreviewedNumber/limit`` of them.
  package let numbers: [PreviewedNumber]

  /// The tokens that are given.
  package struct Source: Hashable, Sendable {
    package let tokenCount: Int
    package let pieces: [Piece]
  }

  /// What the limit took of a row.
  package struct Cut: Hashable, Sendable {
    /// Nil where it could not be told.
    package let tokenCount: Int?
    package let limit: Int
  }
}

/// One token as it stands in a row.
package struct PreviewedToken: Hashable, Sendable {
  /// Its place in the row, from 0.
  package let position: Int
  package let id: Int32
  /// What it stands for; may be a part of a character.
  package let bytes: [UInt8]
  package let isSpecial: Bool
  /// Whether it is learned.
  package let isSupervised: Bool
  /// The name of the class that is learned at it.
  package let label: String?
}

/// One number of a row.
package struct PreviewedNumber: Hashable, Sendable {
  /// The most that are shown of a row.
  static let limit = 8

  /// The column's name.
  package let name: String
  /// Nil where it is missing.
  package let value: Float?
}

/// Tokens in the middle of a long row that are not shown.
package struct PreviewedGap: Hashable, Sendable {
  package let range: Range<Int>
  package let supervisedCount: Int
  /// How often learned and other tokens meet in it: none unless there are very many such places.
  package let boundaryCount: Int
}
