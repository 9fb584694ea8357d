/// One row as numbers; what a task has no use for is empty.
package struct EncodedRow: Hashable, Sendable {
  /// The tokens of the sequence that carries the loss; of a decoder, its inputs.
  package var ids: [Int32]
  /// Beside each token, whether it is learned, or may be where tokens are hidden by chance.
  package var isSupervised: [Bool]
  /// Beside each token what is learned at it, −1 for nothing; empty where that is the next token.
  package var targets: [Int32] = []
  /// The tokens that are given.
  package var sourceIDs: [Int32] = []
  /// The first token that belongs to the second of two texts.
  package var secondStart: Int?
  /// The row's class; −1 where it has none.
  package var label: Int32 = -1
  /// The row's numbers, 0 where one is missing.
  package var values: [Float] = []
  /// Beside each number 1, or 0 where it is missing.
  package var weights: [Float] = []
  /// The numbers that are given.
  package var sourceValues: [Float] = []
  /// Whether every token of the row's text is learned, the first one left aside.
  package var isUnmasked = false
  /// Tokens before any limit, where `ids` has been cut already.
  package var wholeLength: Int?
  /// Tokens of the source before any limit, where `sourceIDs` has been cut already.
  package var wholeSourceLength: Int?

  package init(ids: [Int32] = [], isSupervised: [Bool] = []) {
    self.ids = ids
    self.isSupervised = isSupervised
  }
}
