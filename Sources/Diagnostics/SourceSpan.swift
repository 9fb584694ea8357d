/// A place in a text.
package struct SourcePosition: Hashable, Comparable, Sendable {
  /// The line, from 1.
  package let line: Int
  /// The column in Unicode scalars, from 1.
  package let column: Int
  /// The offset in UTF-8 bytes, from 0.
  package let offset: Int

  package init(line: Int, column: Int, offset: Int) {
    self.line = line
    self.column = column
    self.offset = offset
  }

  package static func < (lhs: Self, rhs: Self) -> Bool { lhs.offset < rhs.offset }
}

/// A stretch of a file, from `start` up to but not including `end`.
package struct SourceSpan: Hashable, Sendable {
  /// The file as the user named it; `-` is standard input.
  package let file: String
  package let start: SourcePosition
  package let end: SourcePosition

  package init(file: String, start: SourcePosition, end: SourcePosition) {
    self.file = file
    self.start = start
    self.end = end
  }

  /// Whether the text is an argument, whose option stands for the file, as `--set`.
  package var isOnCommandLine: Bool { file.hasPrefix("--") }

  /// A whole line of a file that is not a pipeline, for example a row of a data file.
  package init(file: String, line: Int, column: Int = 1) {
    let position = SourcePosition(line: line, column: column, offset: 0)
    self.init(file: file, start: position, end: position)
  }
}
