package import Diagnostics

/// Where a row stands: a file and the line on which it starts.
package struct RowPlace: Hashable, Sendable {
  package let file: String
  /// The line, from 1.
  package let line: Int
  /// The column, from 1.
  package let column: Int

  package init(file: String, line: Int, column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The place as diagnostics have it.
  package var span: SourceSpan { SourceSpan(file: file, line: line, column: column) }
}
