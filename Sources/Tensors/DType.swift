/// The type of a value's elements.
///
/// The last three are quantised: blocks along the rows, each with a scale of its own. Only frozen
/// matrices are kept in them; ``BlockCodec`` has their layouts.
package enum DType: String, CaseIterable, Hashable, Sendable {
  case float32
  case bfloat16
  case float16
  case int32
  /// Blocks of 32: a float16 scale and a signed byte an element, as GGUF has them.
  case q80 = "q8_0"
  /// Blocks of 32: a float16 scale and half a byte an element, as GGUF has them.
  case q40 = "q4_0"
  /// Blocks of 64: the largest magnitude in float32 and the number of one of 16 levels an element.
  case nf4

  /// How many elements of a row are stored together.
  package var blockElements: Int {
    switch self {
    case .float32, .bfloat16, .float16, .int32: 1
    case .q80, .q40: 32
    case .nf4: 64
    }
  }

  /// How many bytes such a block takes.
  package var blockBytes: Int {
    switch self {
    case .float32, .int32: 4
    case .bfloat16, .float16: 2
    case .q80: 34
    case .q40: 18
    case .nf4: 36
    }
  }

  /// Whether elements are stored by blocks, each with a scale.
  package var isQuantised: Bool { blockElements > 1 }

  /// The bytes of `count` elements, a whole number of blocks.
  package func byteCount(_ count: Int) -> Int { count / blockElements * blockBytes }

  /// The dtype in which a weight of `shape` is kept where matrices are kept in this one.
  ///
  /// A quantised one is for matrices of several rows that are whole blocks; vectors, a matrix of one
  /// row among them, and everything else stay float32.
  package func kept(for shape: Shape) -> DType {
    if !isQuantised { return self }
    let isMatrix = shape.rank >= 2 && shape.count > shape.columns
    return isMatrix && shape.columns.isMultiple(of: blockElements) ? self : .float32
  }

  /// The dtype of a whole model's file when its frozen weights are kept in this one: numbers that
  /// were quantised and then changed are written as they are.
  package var exported: DType { isQuantised ? .float32 : self }
}
