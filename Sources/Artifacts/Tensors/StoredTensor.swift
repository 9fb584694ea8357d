package import Tensors

/// A tensor in a mapped file: its name, its type, its shape and where its bytes are.
///
/// Nothing is read before it is asked for, and nothing is kept.
package struct StoredTensor: Sendable {
  /// The name in Hugging Face's convention.
  package let name: String
  package let type: StoredType
  /// The extents, row-major: a linear layer's weight is `(out, in)`.
  package let shape: Shape
  /// The file that holds it.
  package let file: MappedFile
  /// Where in `file`; within its length, and as long as type and shape need.
  package let byteRange: Range<Int>
  /// The order of the rows in the file, where it is not that of the tensor.
  package let rowPermutation: RowPermutation?
  /// How many elements of `byteRange` each dimension's index steps over, where the elements do not
  /// lie one after the other in the order of the shape.
  package let strides: [Int]?

  /// Names the bytes of a tensor.
  ///
  /// - Precondition: `byteRange` is within `file` and fits `type`, `shape` and `strides`; permuted
  ///   rows are whole blocks and divide evenly; strided elements are not quantised.
  init(
    name: String, type: StoredType, shape: Shape, file: MappedFile, byteRange: Range<Int>,
    rowPermutation: RowPermutation? = nil, strides: [Int]? = nil
  ) {
    let byteCount =
      strides.map { Self.span(shape, $0) * type.blockBytes } ?? type.byteCount(shape.dimensions)
    precondition(
      byteRange.lowerBound >= 0 && byteRange.upperBound <= file.byteCount
        && byteCount == byteRange.count
        && (strides == nil || type.blockElements == 1 && rowPermutation == nil),
      "a stored tensor's bytes must be in its file and fit its shape")
    if let rowPermutation {
      precondition(
        rowPermutation.divides(rows: shape.dimensions.first ?? 0)
          && (type.blockElements == 1 || shape.rank > 1),
        "permuted rows must be whole blocks and divide evenly into heads")
    }
    self.name = name
    self.type = type
    self.shape = shape
    self.file = file
    self.byteRange = byteRange
    self.rowPermutation = rowPermutation
    self.strides = strides
  }

  /// The same tensor under another name.
  func renamed(_ name: String) -> StoredTensor {
    StoredTensor(
      name: name, type: type, shape: shape, file: file, byteRange: byteRange,
      rowPermutation: rowPermutation, strides: strides)
  }

  /// How many elements lie from the first to the last of a view.
  ///
  /// - Precondition: as many strides as dimensions, and the number can be counted.
  private static func span(_ shape: Shape, _ strides: [Int]) -> Int {
    precondition(shape.rank == strides.count, "a stride for each dimension")
    if shape.count == 0 { return 0 }
    return zip(shape.dimensions, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
  }

  /// Whether the file holds the elements one after the other in the order of the shape.
  package var isInOrder: Bool { rowPermutation == nil && strides == nil }

  /// The number of bytes that the elements take on their own.
  package var byteCount: Int { type.byteCount(shape.dimensions) ?? byteRange.count }

  /// The bytes as the file holds them, those between strided elements included, valid as long as `file` is.
  package var storedBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: file.bytes[byteRange])
  }

  /// The bytes if they can be used in place as elements of `dtype`, valid as long as `file` is.
  ///
  /// Nil where the file has them in another type, for permuted rows, for strided elements, and where the
  /// bytes do not start at a multiple of the element's size; they need not start at a multiple of
  /// anything larger, and blocks of a quantised type may start anywhere.
  package func mappedBytes(as dtype: DType) -> UnsafeRawBufferPointer? {
    guard type == StoredType(dtype), isInOrder else { return nil }
    let bytes = storedBytes
    let isPlaced =
      dtype.isQuantised || Int(bitPattern: bytes.baseAddress) % type.blockBytes == 0
    return isPlaced ? bytes : nil
  }

  /// The bytes if they can be used in place as float32 or bfloat16, valid as long as `file` is.
  package var mappedBytes: UnsafeRawBufferPointer? {
    mappedBytes(as: .float32) ?? mappedBytes(as: .bfloat16)
  }
}

/// The order of rows that llama.cpp's converter gives the query and key projections.
///
/// Within each head, row `half · D/2 + i` of the tensor is row `2·i + half` of the file, where `D`
/// is the head's dimension: rotary pairs lie side by side.
package struct RowPermutation: Hashable, Sendable {
  /// The number of heads that share the rows evenly.
  package let heads: Int

  /// The row of the file that holds row `row` of a tensor with `rows` rows.
  package func storedRow(_ row: Int, of rows: Int) -> Int {
    let headRows = rows / heads
    let (head, within) = row.quotientAndRemainder(dividingBy: headRows)
    let (half, pair) = within.quotientAndRemainder(dividingBy: headRows / 2)
    return head * headRows + 2 * pair + half
  }

  /// Whether `rows` rows divide evenly into heads of two halves.
  func divides(rows: Int) -> Bool {
    heads > 0 && rows > 0 && rows % heads == 0 && rows / heads % 2 == 0
  }
}
