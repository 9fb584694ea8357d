import Testing
import Training

struct GradientNormTests {
  @Test(arguments: [0, 1, 7, 8, 9, 4095, 4096, 4097, 10_000])
  func theSumOfSquaresCountsEveryElementOnce(count: Int) {
    let values = (0..<count).map { Float($0 % 13) - 6 }
    let expected = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    // Small integers: every partial sum is exact.
    #expect(GradientNorm.sumOfSquares(values, count: count) == expected)
  }

  @Test func clippingShortensLongGradientsOnly() {
    #expect(GradientNorm.clipCoefficient(norm: 0.5, limit: 1) == 1)
    #expect(GradientNorm.clipCoefficient(norm: 4, limit: nil) == 1)
    #expect(abs(GradientNorm.clipCoefficient(norm: 4, limit: 1) - 0.25) < 1e-6)
    #expect(GradientNorm.clipCoefficient(norm: 0, limit: 1) == 1)
    #expect(GradientNorm.clipCoefficient(norm: .nan, limit: 1).isNaN)
  }

  @Test func lossesAreAveragedOverSupervisedTokens() {
    var average = LossAverage()
    #expect(average.mean == nil && average.perplexity == nil)
    average.add(sum: 6, supervisedTokens: 2)
    average.add(sum: 0, supervisedTokens: 4)
    #expect(average.mean == 1)
    #expect(abs((average.perplexity ?? 0) - 2.718281828459045) < 1e-15)
  }
}
