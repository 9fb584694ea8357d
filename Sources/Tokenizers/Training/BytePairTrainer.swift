import JSONSyntax

/// Makes a byte-level tokenizer from texts.
package enum BytePairTrainer {
  /// Trains a byte-level byte-pair encoding over the words of GPT-2's pattern.
  ///
  /// Ids: the special tokens, then the 256 bytes in the order of their characters, then one token
  /// for each merge. Of the pairs the most frequent is merged, of equals the one of lowest ids:
  /// the same as Hugging Face `tokenizers`' `BpeTrainer` gives for the same words.
  ///
  /// A pair that occurs less than `minFrequency` times is not merged, so that the vocabulary may
  /// end up smaller than `vocabularySize`.
  ///
  /// Source: Sennrich et al. 2016, arXiv 1508.07909.
  /// Cost: O(text) for counting words, then about the words that hold the pair for each merge.
  ///
  /// - Throws: ``TokenizerError/invalidTraining(setting:found:)`` where the size does not hold the
  ///   special tokens and the bytes, or the frequency is not positive.
  package static func train(
    texts: some Sequence<String>, vocabularySize: Int, layout: SpecialTokenLayout = .endOfText,
    minFrequency: Int = 2
  ) throws(TokenizerError) -> Tokenizer {
    try train(
      texts: texts, vocabularySize: vocabularySize, specialTokens: layout.bytePairTokens,
      roles: layout.roles(unknown: nil), layout: layout, minFrequency: minFrequency)
  }

  /// As ``train(texts:vocabularySize:layout:minFrequency:)`` with special tokens of one's own, the
  /// first of which begins and ends texts.
  package static func train(
    texts: some Sequence<String>, vocabularySize: Int, specialTokens: [String],
    minFrequency: Int = 2
  ) throws(TokenizerError) -> Tokenizer {
    try train(
      texts: texts, vocabularySize: vocabularySize, specialTokens: specialTokens,
      roles: .init(beginning: specialTokens.first, end: specialTokens.first), layout: .endOfText,
      minFrequency: minFrequency)
  }

  private static func train(
    texts: some Sequence<String>, vocabularySize: Int, specialTokens: [String],
    roles: Tokenizer.Roles, layout: SpecialTokenLayout, minFrequency: Int
  ) throws(TokenizerError) -> Tokenizer {
    guard minFrequency >= 1 else {
      throw .invalidTraining(setting: "min_frequency", found: minFrequency)
    }
    var parts = TokenizerWriting.BytePairParts(
      vocabulary: specialTokens, merges: [], addedTokens: [],
      preTokenizer: TokenizerWriting.byteLevel(splits: true))
    layout.apply(to: &parts)
    guard vocabularySize >= specialTokens.count + 256, vocabularySize < Vocabulary.largestID
    else { throw .invalidTraining(setting: "vocabulary_size", found: vocabularySize) }
    for (id, token) in specialTokens.enumerated() {
      parts.addedTokens.append(AddedToken(id: Int32(truncatingIfNeeded: id), content: token))
    }
    // The bytes' ids follow their characters' code points, not the bytes.
    let order = (0..<256).sorted { ByteAlphabet.scalars[$0] < ByteAlphabet.scalars[$1] }
    var byteIDs = [Int32](repeating: 0, count: 256)
    for byte in order {
      byteIDs[byte] = Int32(truncatingIfNeeded: parts.vocabulary.count)
      parts.vocabulary.append(String(ByteAlphabet.scalars[byte]))
    }
    var merging = BytePairMerging(words: try countedWords(texts), byteIDs: byteIDs)
    var known = ByteStringTable(capacity: vocabularySize)
    for token in parts.vocabulary { known.insert(Array(token.utf8)) }
    while parts.vocabulary.count < vocabularySize, let pair = merging.mostFrequent(minFrequency) {
      let left = parts.vocabulary[Int(pair.left)]
      let right = parts.vocabulary[Int(pair.right)]
      // Two merges can make the same token, which then keeps its id.
      let whole = known.insert(Array((left + right).utf8))
      if whole == parts.vocabulary.count { parts.vocabulary.append(left + right) }
      parts.merges.append((left, right))
      merging.merge(pair, into: Int32(truncatingIfNeeded: whole))
    }
    return try Tokenizer(
      tokenizerJSON: try TokenizerWriting.tokenizer(parts),
      configuration: TokenizerWriting.configuration(roles, chatTemplate: nil))
  }

  /// The words of `texts` in the order in which they came first, and how often each came.
  private static func countedWords(
    _ texts: some Sequence<String>
  ) throws(TokenizerError) -> [(word: [UInt8], count: Int)] {
    let expression = try OnigurumaPattern.compile(ComponentReading.gpt2Pattern)
    let rule = SplitRule(pattern: .expression(expression), behavior: .isolated)
    var table = ByteStringTable(capacity: 1 << 14)
    var counts: [Int] = []
    var pieces: [Range<Int>] = []
    for text in texts {
      var text = text
      text.withUTF8 { bytes in
        pieces.removeAll(keepingCapacity: true)
        rule.split(bytes, base: 0, into: &pieces)
        for piece in pieces {
          let position = table.insert(UnsafeBufferPointer(rebasing: bytes[piece]))
          if position == counts.count { counts.append(1) } else { counts[position] += 1 }
        }
      }
    }
    return counts.enumerated().map { (Array(table[$0]), $1) }
  }
}

/// The state of training: words as ids, and the pairs in them.
struct BytePairMerging {
  /// Two ids that stand side by side.
  struct Pair: Hashable, Comparable {
    let left: Int32
    let right: Int32

    static func < (lhs: Pair, rhs: Pair) -> Bool {
      (lhs.left, lhs.right) < (rhs.left, rhs.right)
    }
  }

  private struct Candidate {
    let count: Int
    let pair: Pair

    func precedes(_ other: Candidate) -> Bool {
      count != other.count ? count > other.count : pair < other.pair
    }
  }

  private var words: [[Int32]]
  private let wordCounts: [Int]
  private var pairCounts: [Pair: Int] = [:]
  /// The words that hold a pair, or held it once.
  private var holders: [Pair: [Int32]] = [:]
  /// A heap, first the candidate that precedes all others; counts in it may be out of date.
  private var candidates: [Candidate] = []

  init(words: [(word: [UInt8], count: Int)], byteIDs: [Int32]) {
    self.words = words.map { word, _ in word.map { byteIDs[Int($0)] } }
    wordCounts = words.map(\.count)
    for index in self.words.indices {
      let ids = self.words[index]
      for position in ids.indices.dropLast() {
        add(wordCounts[index], to: Pair(left: ids[position], right: ids[position + 1]), in: index)
      }
    }
    for (pair, count) in pairCounts { push(Candidate(count: count, pair: pair)) }
  }

  /// The pair to merge next, unless all are rarer than `least`.
  mutating func mostFrequent(_ least: Int) -> Pair? {
    while let candidate = pop() {
      let count = pairCounts[candidate.pair] ?? 0
      if count != candidate.count {
        if count > 0 { push(Candidate(count: count, pair: candidate.pair)) }
        continue
      }
      return count >= least ? candidate.pair : nil
    }
    return nil
  }

  /// Writes `id` for every occurrence of `pair`.
  mutating func merge(_ pair: Pair, into id: Int32) {
    var changed: Set<Pair> = []
    pairCounts[pair] = nil
    for holder in holders.removeValue(forKey: pair) ?? [] {
      let index = Int(holder)
      let ids = words[index]
      let count = wordCounts[index]
      var merged: [Int32] = []
      merged.reserveCapacity(ids.count)
      var position = 0
      while position < ids.count {
        guard position + 1 < ids.count, ids[position] == pair.left,
          ids[position + 1] == pair.right
        else {
          merged.append(ids[position])
          position += 1
          continue
        }
        merged.append(id)
        position += 2
      }
      guard merged.count < ids.count else { continue }
      for position in ids.indices.dropLast() {
        let old = Pair(left: ids[position], right: ids[position + 1])
        if old != pair { pairCounts[old, default: 0] -= count }
      }
      words[index] = merged
      for position in merged.indices.dropLast() {
        let new = Pair(left: merged[position], right: merged[position + 1])
        guard new != pair else { continue }
        if new.left == id || new.right == id {
          add(count, to: new, in: index)
          changed.insert(new)
        } else {
          pairCounts[new, default: 0] += count
        }
      }
    }
    for new in changed { push(Candidate(count: pairCounts[new] ?? 0, pair: new)) }
  }

  private mutating func add(_ count: Int, to pair: Pair, in word: Int) {
    pairCounts[pair, default: 0] += count
    let holder = Int32(truncatingIfNeeded: word)
    if holders[pair]?.last != holder { holders[pair, default: []].append(holder) }
  }

  private mutating func push(_ candidate: Candidate) {
    candidates.append(candidate)
    var child = candidates.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard candidates[child].precedes(candidates[parent]) else { return }
      candidates.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func pop() -> Candidate? {
    guard let top = candidates.first, let last = candidates.popLast() else { return nil }
    guard !candidates.isEmpty else { return top }
    candidates[0] = last
    var parent = 0
    while true {
      var first = parent
      for child in [parent * 2 + 1, parent * 2 + 2]
      where child < candidates.count && candidates[child].precedes(candidates[first]) {
        first = child
      }
      guard first != parent else { return top }
      candidates.swapAt(parent, first)
      parent = first
    }
  }
}
