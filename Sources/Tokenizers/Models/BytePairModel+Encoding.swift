/// A token of a word: its id and the bytes of the word that it holds.
struct WordToken: Hashable, Sendable {
  var id: Int32
  var start: Int32
  var end: Int32

  @inline(__always)
  init(id: Int32, _ start: Int, _ end: Int) {
    self.id = id
    self.start = Int32(truncatingIfNeeded: start)
    self.end = Int32(truncatingIfNeeded: end)
  }
}

extension BytePairModel {
  /// The longest word, in units, whose merges are found by scanning; longer ones use a heap.
  private static let longestScanned = 48

  /// The longest word in bytes; a longer text is cut here so that offsets fit.
  static let longestWord = 1 << 30

  /// Appends the tokens of one word: all of it in one token, or its units merged by rank.
  ///
  /// Cost: for n units O(n²) with a tiny constant up to 48 units, O(n log n) above.
  ///
  /// - Precondition: `word` has at most ``longestWord`` bytes, and is valid UTF-8 in scalar units.
  func encode(_ word: UnsafeBufferPointer<UInt8>, into output: inout [WordToken]) {
    guard !word.isEmpty else { return }
    if options.ignoresMerges, let id = id(ofWord: word) {
      output.append(WordToken(id: id, 0, word.count))
      return
    }
    let first = output.count
    switch options.unit {
    case .byte: appendBytes(of: word, to: &output)
    case .scalar: appendScalars(of: word, to: &output)
    }
    if output.count - first <= Self.longestScanned {
      mergeScanning(&output, from: first)
    } else {
      mergeByHeap(&output, from: first)
    }
  }

  private func appendBytes(of word: UnsafeBufferPointer<UInt8>, to output: inout [WordToken]) {
    var unknown: WordToken?
    for (offset, byte) in word.enumerated() {
      let id = byteIDs[Int(byte)]
      if id >= 0 {
        if let run = unknown {
          output.append(run)
          unknown = nil
        }
        output.append(WordToken(id: id, offset, offset + 1))
      } else {
        let written = Array(String(ByteAlphabet.scalars[Int(byte)]).utf8)
        if options.fallsBackToBytes, written.allSatisfy({ fallbackIDs[Int($0)] >= 0 }) {
          for (index, unit) in written.enumerated() {
            let start = index == 0 ? offset : offset + 1
            output.append(WordToken(id: fallbackIDs[Int(unit)], start, offset + 1))
          }
        } else {
          extend(&unknown, over: offset..<offset + 1, output: &output)
        }
      }
    }
    if let unknown { output.append(unknown) }
  }

  private func appendScalars(of word: UnsafeBufferPointer<UInt8>, to output: inout [WordToken]) {
    var unknown: WordToken?
    var offset = 0
    while offset < word.count {
      let end = min(word.count, offset + UTF8Scan.length(from: word[offset]))
      let unit = UnsafeBufferPointer(rebasing: word[offset..<end])
      if let id = unit.count == 1 ? asciiID(unit[0]) : vocabulary.id(ofUTF8: unit) {
        if let run = unknown {
          output.append(run)
          unknown = nil
        }
        output.append(WordToken(id: id, offset, end))
      } else if options.fallsBackToBytes, unit.allSatisfy({ fallbackIDs[Int($0)] >= 0 }) {
        // As in the peers, unknown characters before these bytes come after them.
        for (index, byte) in unit.enumerated() {
          output.append(
            WordToken(id: fallbackIDs[Int(byte)], offset + index, offset + index + 1))
        }
      } else {
        extend(&unknown, over: offset..<end, output: &output)
      }
      offset = end
    }
    if let unknown { output.append(unknown) }
  }

  private func asciiID(_ byte: UInt8) -> Int32? {
    guard byte < 128, byteIDs[Int(byte)] >= 0 else { return nil }
    return byteIDs[Int(byte)]
  }

  /// Adds a unit that has no token: to the run before it, as a run of its own, or to nothing.
  private func extend(
    _ unknown: inout WordToken?, over range: Range<Int>, output: inout [WordToken]
  ) {
    guard let unknownID else { return }
    if var run = unknown {
      if options.fusesUnknown {
        run.end = Int32(truncatingIfNeeded: range.upperBound)
        unknown = run
        return
      }
      output.append(run)
    }
    unknown = WordToken(id: unknownID, range.lowerBound, range.upperBound)
  }

  // MARK: Merging

  /// Merges the tokens from `first` on, each time the leftmost pair of the lowest rank.
  private func mergeScanning(_ output: inout [WordToken], from first: Int) {
    while output.count - first > 1 {
      var best: MergeTable.Merge?
      var position = first
      for index in first..<output.count - 1 {
        if let merge = merges.merge(of: output[index].id, output[index + 1].id),
          best.map({ merge.rank < $0.rank }) ?? true
        {
          best = merge
          position = index
        }
      }
      guard let best else { return }
      output[position].id = best.id
      output[position].end = output[position + 1].end
      output.remove(at: position + 1)
    }
  }

  /// What ``mergeScanning(_:from:)`` does, for long words.
  private func mergeByHeap(_ output: inout [WordToken], from first: Int) {
    var symbols = Array(output[first...])
    let count = symbols.count
    var previous = Array(-1..<count - 1)
    var next = Array(1...count)
    var alive = [Bool](repeating: true, count: count)
    var heap = MergeHeap()

    func push(_ left: Int) {
      let right = next[left]
      guard right < count, let merge = merges.merge(of: symbols[left].id, symbols[right].id)
      else { return }
      heap.push(
        .init(
          rank: merge.rank, position: UInt32(truncatingIfNeeded: left), left: symbols[left].id,
          right: symbols[right].id, result: merge.id))
    }
    for index in 0..<count - 1 { push(index) }

    while let candidate = heap.pop() {
      let left = Int(candidate.position)
      let right = next[left]
      guard alive[left], right < count, symbols[left].id == candidate.left,
        symbols[right].id == candidate.right
      else { continue }
      symbols[left].id = candidate.result
      symbols[left].end = symbols[right].end
      alive[right] = false
      next[left] = next[right]
      if next[right] < count { previous[next[right]] = left }
      if previous[left] >= 0 { push(previous[left]) }
      push(left)
    }
    output.removeSubrange(first...)
    for index in 0..<count where alive[index] { output.append(symbols[index]) }
  }
}

/// Candidates for a merge, lowest rank first, leftmost first among equals.
private struct MergeHeap {
  struct Candidate {
    let rank: UInt32
    let position: UInt32
    let left: Int32
    let right: Int32
    let result: Int32

    var order: UInt64 { UInt64(rank) << 32 | UInt64(position) }
  }

  private var elements: [Candidate] = []

  mutating func push(_ candidate: Candidate) {
    elements.append(candidate)
    var child = elements.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard elements[child].order < elements[parent].order else { return }
      elements.swapAt(child, parent)
      child = parent
    }
  }

  mutating func pop() -> Candidate? {
    guard let top = elements.first, let last = elements.popLast() else { return nil }
    guard !elements.isEmpty else { return top }
    elements[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [parent * 2 + 1, parent * 2 + 2]
      where child < elements.count && elements[child].order < elements[least].order {
        least = child
      }
      guard least != parent else { return top }
      elements.swapAt(parent, least)
      parent = least
    }
  }
}
