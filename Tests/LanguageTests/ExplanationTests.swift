import Diagnostics
import Pipelines
import Testing

@Suite struct ExplanationTests {
  private static let explained = DiagnosticCode.allCases.filter { $0.explanation.example != nil }

  @Test(arguments: explained)
  func theBadExampleOfACodeHasItsFindingAndTheGoodOneNone(code: DiagnosticCode) throws {
    let example = try #require(code.explanation.example)
    let bad = findings(example.bad)
    if example.isFoundByReading {
      #expect(bad.map(\.code) == [code], "\(rendered(example.bad))")
      #expect(bad.allSatisfy { $0.span != nil && $0.help != nil || code == .limitExceeded })
    } else {
      #expect(bad.isEmpty, "\(rendered(example.bad))")
    }
    #expect(findings(example.good).isEmpty, "\(rendered(example.good))")
  }

  @Test func everyCodeThatReadingFindsHasAnExample() {
    let codes: [DiagnosticCode] = [
      .invalidYAML, .duplicateKey, .unsupportedYAML, .limitExceeded, .unknownKey, .missingKey,
      .wrongType, .ambiguousValue, .unknownChoice, .valueOutOfRange, .conflictingKeys,
      .unsupportedVersion, .unknownData, .duplicateName, .missingAdapter, .invalidPattern,
      .invalidTemplate, .warmupExceedsSteps, .cadenceExceedsRun,
    ]
    for code in codes { #expect(code.explanation.example?.isFoundByReading == true, "\(code)") }
  }

  @Test(arguments: DiagnosticCode.allCases)
  func titlesAreLowerCaseWithoutAFullStopAndTextsAreSentences(code: DiagnosticCode) {
    let explanation = code.explanation
    #expect(explanation.title.first?.isUppercase == false || explanation.title.hasPrefix("Hone"))
    #expect(!explanation.title.hasSuffix("."))
    #expect(explanation.text.hasSuffix("."))
  }

  @Test(arguments: [("unknown-key", DiagnosticCode.unknownKey), ("Unknown_Key", .unknownKey)])
  func aCodeIsFoundByItsName(name: String, code: DiagnosticCode) {
    #expect(DiagnosticCode(named: name) == code)
    #expect(DiagnosticCode(named: "unknown-kex") == nil)
  }
}
