/// What was seen of rows while they were read, before and after they were cut.
package struct ReadingSummary: Hashable, Sendable {
  /// Rows of one kind.
  package struct Kind: Hashable, Sendable {
    package private(set) var count = 0
    /// Where the first of them stands.
    package private(set) var first: RowPlace?

    mutating func add(_ place: RowPlace) {
      if count == 0 { first = place }
      count += 1
    }
  }

  /// Rows with tokens, also those that were dropped.
  package private(set) var rows = 0
  /// Rows of which nothing is learned, whatever their length.
  package private(set) var unsupervised = Kind()
  /// Rows whose learned tokens were all cut off.
  package private(set) var cutBeforeLearned = Kind()
  /// Rows that were cut.
  package private(set) var truncated = Kind()
  /// Rows of which everything is learned.
  package private(set) var unmasked = Kind()
  /// Tokens of each row before it was cut; empty without a limit.
  private var lengths: [Int32] = []

  package init() {}

  /// Counts a row that had `length` tokens, `supervised` of them learned, and was fitted.
  mutating func add(
    length: Int, supervised: Int, isUnmasked: Bool, fitted: TokenizedDataset.Row, hasLimit: Bool,
    at place: RowPlace
  ) {
    guard length > 0 else { return }
    rows += 1
    if hasLimit { lengths.append(Int32(clamping: length)) }
    if supervised == 0 { unsupervised.add(place) }
    if isUnmasked { unmasked.add(place) }
    guard fitted.fate == .truncated else { return }
    truncated.add(place)
    if supervised > 0, fitted.supervisedCount == 0 { cutBeforeLearned.add(place) }
  }

  /// The limit under which `share` of the rows would stay whole; nil where there was no limit.
  package func length(holding share: Double) -> Int? {
    guard !lengths.isEmpty else { return nil }
    let index = Int((share * Double(lengths.count)).rounded(.up)) - 1
    return Int(lengths.sorted()[max(0, min(lengths.count - 1, index))])
  }
}
