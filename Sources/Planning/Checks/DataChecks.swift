import Datasets
import Diagnostics
import Pipelines

/// The rules about the rows of a section that were read, each in a file of its own.
enum DataChecks {
  /// A rule: what it finds of a section, as far as its rows were seen.
  typealias Check = @Sendable (DataSection, ReadingSummary) -> [Diagnostic]

  static let all: [Check] = [
    MaskCoversPrompt.findings,
    RowsAreSupervised.findings,
    RowsAreWhole.findings,
    SamplesAreMatched.findings,
  ]

  /// What all rules find.
  static func findings(_ section: DataSection, _ dataset: TokenizedDataset) -> [Diagnostic] {
    guard let summary = dataset.reading else { return [] }
    return all.flatMap { $0(section, summary) }
  }

  /// `count` of `all` rows with the share: `12 of 40 rows (30 %)`.
  static func share(_ count: Int, of all: Int) -> String {
    let percent = Quantities.decimal(100 * Double(count) / Double(max(1, all)), digits: 0)
    return "\(Quantities.grouped(count)) of \(Quantities.grouped(all)) rows"
      + (count < all ? " (\(percent == "0" ? "<1" : percent) %)" : "")
  }

  /// A note at the first row of a kind.
  static func note(_ kind: ReadingSummary.Kind) -> [Diagnostic.Note] {
    kind.first.map { [Diagnostic.Note("the first of them is here", at: $0.span)] } ?? []
  }
}
