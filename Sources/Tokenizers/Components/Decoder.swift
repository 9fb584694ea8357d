/// What turns the texts of tokens back into a text, one step after another.
enum Decoder: Sendable {
  /// Every token's characters are bytes by ``ByteAlphabet``; all become one text.
  case byteLevel
  /// Runs of `<0xAB>` are the bytes of a text.
  case byteFallback
  case fuse
  case strip(content: [UInt8], start: Int, stop: Int)
  case replace(SplitRule.Pattern, [UInt8])
  case metaspace(replacement: [UInt8], stripsFirst: Bool)
  /// Tokens are words but for those that begin with `prefix`; spaces before punctuation go.
  case wordPiece(prefix: [UInt8], cleansUp: Bool)
  case sequence([Decoder])

  /// Applies the step to a chain of tokens' texts.
  ///
  /// With `continuing` the chain goes on from tokens decoded before, so nothing is taken from its
  /// start; with `lossless` bytes that are no UTF-8 stay as they are.
  func apply(to chain: [[UInt8]], continuing: Bool, lossless: Bool) -> [[UInt8]] {
    switch self {
    case .byteLevel:
      var bytes: [UInt8] = []
      for token in chain {
        bytes += ByteAlphabet.bytes(of: String(decoding: token, as: UTF8.self)) ?? token
      }
      return [lossless ? bytes : Self.repaired(bytes)]
    case .byteFallback: return Self.joiningBytes(chain, lossless: lossless)
    case .fuse: return [Array(chain.joined())]
    case .strip(let content, let start, let stop):
      return chain.enumerated().map { position, token in
        var token = token[...]
        let isContinued = continuing && position == 0
        for _ in 0..<(isContinued ? 0 : start) where token.starts(with: content) {
          token = token.dropFirst(content.count)
        }
        for _ in 0..<stop where token.count >= content.count {
          guard token.suffix(content.count).elementsEqual(content) else { break }
          token = token.dropLast(content.count)
        }
        return Array(token)
      }
    case .replace(let pattern, let content):
      let rule = SplitRule(pattern: pattern, behavior: .isolated)
      return chain.map { Self.replacing(rule, with: content, in: $0) }
    case .metaspace(let replacement, let stripsFirst):
      let space = SplitRule(pattern: .literal(replacement), behavior: .isolated)
      return chain.enumerated().map { position, token in
        let isStripped = position == 0 && stripsFirst && !continuing
        return Self.replacing(space, with: isStripped ? [] : [0x20], in: token)
      }
    case .wordPiece(let prefix, let cleansUp):
      return chain.enumerated().map { position, token in
        var token = token
        if position > 0 || continuing {
          token = token.starts(with: prefix) ? Array(token.dropFirst(prefix.count)) : [0x20] + token
        }
        return cleansUp ? Self.cleaned(token) : token
      }
    case .sequence(let steps):
      return steps.reduce(chain) {
        $1.apply(to: $0, continuing: continuing, lossless: lossless)
      }
    }
  }

  /// The bytes with each maximal part that is no UTF-8 as U+FFFD.
  static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  private static func replacing(
    _ rule: SplitRule, with content: [UInt8], in token: [UInt8]
  ) -> [UInt8] {
    var result: [UInt8] = []
    var end = 0
    token.withUnsafeBufferPointer { bytes in
      rule.forEachMatch(in: bytes) { match in
        result += bytes[end..<match.lowerBound]
        result += content
        end = match.upperBound
      }
      result += bytes[end...]
    }
    return result
  }

  /// What a space stands before wrongly, and what it becomes, in this order.
  private static let cleanups: [(SplitRule, [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { found, content in
    (
      SplitRule(pattern: .literal(Array(found.utf8)), behavior: .isolated), Array(content.utf8)
    )
  }

  private static func cleaned(_ token: [UInt8]) -> [UInt8] {
    guard token.contains(0x20) else { return token }
    return cleanups.reduce(token) { replacing($1.0, with: $1.1, in: $0) }
  }

  private static func joiningBytes(_ chain: [[UInt8]], lossless: Bool) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var run: [UInt8] = []
    func flush() {
      guard !run.isEmpty else { return }
      if lossless || String(validating: run, as: UTF8.self) != nil {
        result.append(run)
      } else {
        for _ in run { result.append([0xEF, 0xBF, 0xBD]) }
      }
      run = []
    }
    for token in chain {
      if let byte = fallbackByte(token) {
        run.append(byte)
      } else {
        flush()
        result.append(token)
      }
    }
    flush()
    return result
  }

  /// The byte that a token such as `<0x0A>` stands for.
  private static func fallbackByte(_ token: [UInt8]) -> UInt8? {
    guard token.count == 6, token.starts(with: [0x3C, 0x30, 0x78]), token[5] == 0x3E else {
      return nil
    }
    let digits = String(decoding: token[3..<5], as: UTF8.self)
    return UInt8(digits, radix: 16)
  }
}
