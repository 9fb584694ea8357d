#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Measures of generated texts against one reference each.
///
/// Sources: sacrebleu's corpus BLEU (exponential smoothing, up to four tokens) and chrF2 (up to six
/// characters, white space removed), both 0 to 100; rouge-score's ROUGE-L without a stemmer, the
/// mean of the pairs' F1 scores, 0 to 1; exact match without any normalisation, 0 to 1.
/// Memory does not grow with the pairs.
/// Cost: ROUGE-L takes the product of the two texts' words.
package struct TextMetrics: Hashable, Sendable {
  private static let bleuOrder = 4
  private static let chrfOrder = 6

  /// How BLEU cuts texts into tokens.
  package let tokenization: BLEUTokenization
  /// What is measured; anything else is nil.
  package let metrics: Set<MetricName>
  /// Pairs that were counted.
  package private(set) var pairs = 0
  private var equalPairs = 0
  private var rougeSum = 0.0
  private var hypothesisTokens = 0
  private var referenceTokens = 0
  private var words = Array(repeating: NGramMatches(), count: bleuOrder)
  private var characters = Array(repeating: NGramMatches(), count: chrfOrder)

  /// Measures of no texts yet; naming `metrics` saves the work for the others.
  package init(
    metrics: [MetricName] = MetricName.names(from: .texts),
    tokenization: BLEUTokenization = .mteval13a
  ) {
    self.metrics = Set(metrics)
    self.tokenization = tokenization
  }

  /// Counts a text and what it should be.
  package mutating func add(hypothesis: String, reference: String) {
    pairs += 1
    // Not `==`, which takes composed and decomposed letters for equal.
    if hypothesis.utf8.elementsEqual(reference.utf8) { equalPairs += 1 }
    if metrics.contains(.bleu) { addWords(hypothesis, reference) }
    if metrics.contains(.chrf) { addCharacters(hypothesis, reference) }
    if metrics.contains(.rougeL) { rougeSum += Self.rouge(hypothesis, reference) }
  }

  /// The measure; nil where there is no pair or it is not measured.
  package func value(of metric: MetricName) -> Double? {
    guard pairs > 0, metrics.contains(metric) else { return nil }
    return switch metric {
    case .exactMatch: LabelCounts.share(equalPairs, of: pairs)
    case .bleu: bleu
    case .chrf: chrf
    case .rougeL: rougeSum / Double(pairs)
    case .loss, .perplexity, .accuracy, .topFive, .precision, .recall, .f1, .precisionMicro,
      .recallMicro, .f1Micro, .matthews, .mse, .mae, .r2, .pearson, .spearman, .ccc:
      nil
    }
  }

  private mutating func addWords(_ hypothesis: String, _ reference: String) {
    var numbers = TokenNumbers()
    let own = numbers.numbers(of: TextSplitting.tokens(of: hypothesis, tokenization))
    let other = numbers.numbers(of: TextSplitting.tokens(of: reference, tokenization))
    hypothesisTokens += own.count
    referenceTokens += other.count
    for order in words.indices {
      words[order].add(own, other, order: order + 1, needsReference: false)
    }
  }

  private mutating func addCharacters(_ hypothesis: String, _ reference: String) {
    let own = TextSplitting.withoutSpaces(hypothesis).map(\.value)
    let other = TextSplitting.withoutSpaces(reference).map(\.value)
    for order in characters.indices {
      characters[order].add(own, other, order: order + 1, needsReference: true)
    }
  }

  /// The geometric mean of the n-gram precisions, times the penalty of short texts.
  ///
  /// Source: Papineni et al. 2002; smoothing: method 3 of Chen and Cherry 2014.
  private var bleu: Double {
    guard words.contains(where: { $0.common > 0 }) else { return 0 }
    var logarithms = 0.0
    var smoothing = 1.0
    for matches in words {
      // No n-gram of this order: the score is 0.
      guard matches.hypothesis > 0 else { return 0 }
      if matches.common == 0 { smoothing *= 2 }
      let common = matches.common == 0 ? 1 / smoothing : Double(matches.common)
      logarithms += log(100 * common / Double(matches.hypothesis))
    }
    let isShort = hypothesisTokens < referenceTokens
    let excess = isShort ? 1 - Double(referenceTokens) / Double(hypothesisTokens) : 0
    return exp(excess) * exp(logarithms / Double(Self.bleuOrder))
  }

  /// The F score, with recall weighing twice, of the orders' mean precision and mean recall.
  ///
  /// Source: Popović 2016, the orders that both sides have alone counting, as sacrebleu has it.
  private var chrf: Double {
    let used = characters.filter { $0.hypothesis > 0 && $0.reference > 0 }
    guard !used.isEmpty else { return 0 }
    let count = Double(used.count)
    let precision = used.reduce(0) { $0 + Double($1.common) / Double($1.hypothesis) } / count
    let recall = used.reduce(0) { $0 + Double($1.common) / Double($1.reference) } / count
    guard precision + recall > 0 else { return 0 }
    return 100 * 5 * precision * recall / (4 * precision + recall)
  }

  /// The F1 score of the longest common subsequence of two texts' words; 0 where one has none.
  ///
  /// Source: Lin 2004, section 3.1.
  private static func rouge(_ hypothesis: String, _ reference: String) -> Double {
    var numbers = TokenNumbers()
    let own = numbers.numbers(of: TextSplitting.alphanumericWords(in: hypothesis))
    let other = numbers.numbers(of: TextSplitting.alphanumericWords(in: reference))
    guard !own.isEmpty, !other.isEmpty else { return 0 }
    var lengths = Array(repeating: 0, count: other.count + 1)
    for word in own {
      var diagonal = 0
      for (index, candidate) in other.enumerated() {
        let above = lengths[index + 1]
        lengths[index + 1] = word == candidate ? diagonal + 1 : max(above, lengths[index])
        diagonal = above
      }
    }
    return LabelCounts.share(2 * lengths[other.count], of: own.count + other.count)
  }
}
