/// What is put around the tokens of a text, or of two.
struct PostProcessor: Hashable, Sendable {
  /// One of the texts, or tokens of its own, each with the type id that marks it.
  enum Piece: Hashable, Sendable {
    case text(isSecond: Bool, type: Int32)
    case tokens([Int32], type: Int32)
  }

  let single: [Piece]
  let pair: [Piece]
  /// The tokens before and after a single text.
  let prefix: [Int32]
  let suffix: [Int32]

  /// Makes a post-processor; `single` must hold the first text once and `pair` each text once.
  init(
    single: [Piece] = [.text(isSecond: false, type: 0)],
    pair: [Piece] = [.text(isSecond: false, type: 0), .text(isSecond: true, type: 1)]
  ) {
    self.single = single
    self.pair = pair
    var around: [[Int32]] = [[]]
    for piece in single {
      switch piece {
      case .text: around.append([])
      case .tokens(let ids, _): around[around.count - 1] += ids
      }
    }
    prefix = around[0]
    suffix = around.count > 1 ? around[1] : []
  }

  /// How many tokens it adds to a text, or to two.
  func addedCount(toPair isPair: Bool) -> Int {
    (isPair ? pair : single).reduce(0) { count, piece in
      switch piece {
      case .text: count
      case .tokens(let ids, _): count + ids.count
      }
    }
  }
}
