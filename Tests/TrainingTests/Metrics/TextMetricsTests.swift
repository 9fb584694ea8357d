import JSONSyntax
import Testing
import Training

struct TextMetricsTests {
  /// A few logarithms and quotients of whole numbers: far below what the 1e-9 allows.
  private let tolerance = 1e-9

  private func metrics(
    _ pairs: [(String, String)], _ tokenization: BLEUTokenization = .mteval13a
  ) -> TextMetrics {
    var metrics = TextMetrics(tokenization: tokenization)
    for (hypothesis, reference) in pairs {
      metrics.add(hypothesis: hypothesis, reference: reference)
    }
    return metrics
  }

  @Test func textsAreMeasuredAsSacrebleuAndRougeScoreMeasureThem() throws {
    let cases = try #require(try fixture("metrics/texts.json")["cases"]?.array)
    #expect(cases.count > 60)
    for entry in cases {
      let name = try #require(entry["name"]?.string)
      let pairs = try #require(entry["pairs"]?.array).map { pair in
        (try #require(pair.array?.first?.string), try #require(pair.array?.last?.string))
      }
      let words = metrics(pairs)
      let characters = metrics(pairs, .character)
      let found: [(String, Double?)] = [
        ("exact_match", words.value(of: .exactMatch)), ("bleu", words.value(of: .bleu)),
        ("bleu_char", characters.value(of: .bleu)), ("chrf", words.value(of: .chrf)),
        ("rouge_l", words.value(of: .rougeL)),
      ]
      for (key, value) in found {
        let wanted = try #require(entry[key]?.number)
        #expect(abs((value ?? .nan) - wanted) <= tolerance, "\(name): \(key)")
      }
    }
  }

  @Test func aComposedLetterIsNotItsDecomposition() {
    let metrics = metrics([("Kafe\u{301}", "Kaf\u{E9}")])
    #expect(metrics.value(of: .exactMatch) == 0)
    #expect(metrics.value(of: .bleu) == 0)
  }

  @Test func onlyWhatIsNamedIsMeasured() {
    var metrics = TextMetrics(metrics: [.chrf])
    metrics.add(hypothesis: "abc", reference: "abc")
    #expect(metrics.value(of: .chrf) == 100)
    #expect(metrics.value(of: .bleu) == nil)
    #expect(metrics.value(of: .exactMatch) == nil)
  }
}
