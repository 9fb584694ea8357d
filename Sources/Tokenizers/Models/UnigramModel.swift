/// A unigram model: of all ways to cut a word into tokens the one of the highest score.
///
/// Source: Kudo 2018, arXiv 1804.10959; behaviour of Hugging Face `tokenizers`' `Unigram`.
struct UnigramModel: Sendable {
  /// How much less than the least of all tokens an unknown character scores.
  private static let unknownPenalty = 10.0

  let vocabulary: Vocabulary
  let unknownID: Int32?
  private let scores: [Double]
  private let unknownScore: Double
  private let trie: ByteTrie
  /// The tokens `<0x00>` to `<0xFF>` where unknown characters are written by them, or -1.
  private let byteIDs: [Int32]?

  /// Makes a model of tokens with their scores; a token's position is its id.
  ///
  /// - Throws: ``TokenizerError`` where the vocabulary is too large, or `unknownID` is no position
  ///   in it.
  init(
    _ entries: [(token: String, score: Double)], unknownID: Int?, fallsBackToBytes: Bool
  ) throws(TokenizerError) {
    if let unknownID, !entries.indices.contains(unknownID) {
      throw .invalidID(unknownID, token: "unk_id")
    }
    let vocabulary = try Vocabulary(entries.enumerated().map { ($1.token, $0) })
    self.vocabulary = vocabulary
    self.unknownID = unknownID.map { Int32(truncatingIfNeeded: $0) }
    scores = entries.map(\.score)
    unknownScore = (entries.lazy.map(\.score).min() ?? 0) - Self.unknownPenalty
    var trie = ByteTrie(capacity: entries.count * 4)
    for (id, entry) in entries.enumerated() {
      trie.insert(entry.token.utf8, value: Int32(truncatingIfNeeded: id))
    }
    self.trie = trie
    byteIDs = fallsBackToBytes ? vocabulary.byteTokenIDs : nil
  }

  /// The best way to a place in a word.
  private struct Node {
    var score = 0.0
    var id: Int32 = -1
    /// Where its last token starts; -1 where no way leads here.
    var start: Int32 = -1
  }

  /// Appends the tokens of one word.
  ///
  /// Cost: for n bytes and a longest token of L bytes O(n · L), and a node for each byte.
  func encode(_ word: UnsafeBufferPointer<UInt8>, into output: inout [WordToken]) {
    guard !word.isEmpty else { return }
    var nodes = [Node](repeating: Node(), count: word.count + 1)
    var start = 0
    while start < word.count {
      let score = nodes[start].score
      let next = min(word.count, start + UTF8Scan.length(from: word[start]))
      var hasSingle = false
      trie.forEachPrefix(of: word, from: start) { end, id in
        let candidate = scores[Int(id)] + score
        if nodes[end].start < 0 || candidate > nodes[end].score {
          nodes[end] = Node(score: candidate, id: id, start: Int32(truncatingIfNeeded: start))
        }
        if end == next { hasSingle = true }
      }
      if !hasSingle {
        let candidate = unknownScore + score
        if nodes[next].start < 0 || candidate > nodes[next].score {
          nodes[next] = Node(
            score: candidate, id: unknownID ?? -1, start: Int32(truncatingIfNeeded: start))
        }
      }
      start = next
    }
    for part in parts(of: nodes) { append(part, of: word, to: &output) }
  }

  /// The tokens of the best way, where unknown ones that touch are one.
  private func parts(of nodes: [Node]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var end = nodes.count - 1
    var wasUnknown = false
    while end > 0 {
      let start = max(0, Int(nodes[end].start))
      let isUnknown = nodes[end].id == unknownID ?? -1
      if isUnknown, wasUnknown, let last = parts.popLast() {
        parts.append(start..<last.upperBound)
      } else {
        parts.append(start..<end)
      }
      wasUnknown = isUnknown
      end = start
    }
    return parts.reversed()
  }

  private func append(
    _ part: Range<Int>, of word: UnsafeBufferPointer<UInt8>, to output: inout [WordToken]
  ) {
    let bytes = UnsafeBufferPointer(rebasing: word[part])
    if let id = vocabulary.id(ofUTF8: bytes) {
      output.append(WordToken(id: id, part.lowerBound, part.upperBound))
    } else if let byteIDs, bytes.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
      for (offset, byte) in bytes.enumerated() {
        let start = part.lowerBound + offset
        output.append(WordToken(id: byteIDs[Int(byte)], start, start + 1))
      }
    } else if let unknownID {
      output.append(WordToken(id: unknownID, part.lowerBound, part.upperBound))
    }
  }
}
