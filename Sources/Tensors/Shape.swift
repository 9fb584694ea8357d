/// The extents of a dense, row-major tensor.
package struct Shape: Hashable, Sendable, CustomStringConvertible {
  package let dimensions: [Int]

  package init(_ dimensions: [Int]) { self.dimensions = dimensions }
  package init(_ dimensions: Int...) { self.dimensions = dimensions }

  /// The number of elements.
  package var count: Int { dimensions.reduce(1, *) }
  /// The number of dimensions.
  package var rank: Int { dimensions.count }
  /// The first extent.
  ///
  /// - Precondition: the rank is at least 1.
  package var rows: Int { dimensions[0] }
  /// The last extent.
  ///
  /// - Precondition: the rank is at least 1.
  package var columns: Int { dimensions[dimensions.count - 1] }

  package subscript(axis: Int) -> Int { dimensions[axis] }
  package var description: String {
    "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
  }
}

extension Shape: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: Int...) { dimensions = elements }
}
