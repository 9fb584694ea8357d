import Synchronization

/// Words that were encoded before, with their tokens.
struct WordCache: Sendable {
  /// How many words and bytes are kept; when full the cache starts again.
  private static let wordLimit = 1 << 16
  private static let longestWord = 64

  private var words = ByteStringTable(capacity: 1 << 10)
  private var ends: [Int] = [0]
  private var tokens: [WordToken] = []
  private var scratch: [WordToken] = []

  /// Calls `body` with the tokens of `word`, taken from the cache or made by `model`.
  @inline(__always)
  mutating func withTokens(
    of word: UnsafeBufferPointer<UInt8>, by model: borrowing TokenModel,
    _ body: (ArraySlice<WordToken>) -> Void
  ) {
    guard word.count <= Self.longestWord else {
      scratch.removeAll(keepingCapacity: true)
      model.encode(word, into: &scratch)
      body(scratch[...])
      return
    }
    let position: Int
    if let known = words.position(of: word) {
      position = known
    } else {
      if words.count >= Self.wordLimit { self = WordCache() }
      model.encode(word, into: &tokens)
      position = words.insert(word)
      ends.append(tokens.count)
    }
    body(tokens[ends[position]..<ends[position + 1]])
  }
}

/// A word cache that the copies of one tokenizer share; who finds it in use does without.
final class SharedWordCache: Sendable {
  private let cache = Mutex(WordCache())

  /// Runs `body` with the cache, or with a fresh one while another thread has it.
  func with<Result>(_ body: (inout WordCache) -> sending Result) -> sending Result {
    if let result = cache.withLockIfAvailable({ body(&$0) }) { return result }
    var fresh = WordCache()
    return body(&fresh)
  }
}
