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
  /// Rows whose source was cut.
  package private(set) var truncatedSources = Kind()
  /// Samples of the first of two matrices that the second does not have.
  package internal(set) var unpairedSources = Kind()
  /// Samples of the second of two matrices that the first does not have.
  package internal(set) var unpairedTargets = Kind()
  /// Tokens of each row before it was cut; empty without a limit.
  private var lengths: [Int32] = []
  /// Tokens of each source before it was cut; empty without a limit.
  private var sourceLengths: [Int32] = []

  package init() {}

  /// Counts a row that was `whole` before it was fitted, `supervised` of it learned.
  mutating func add(
    _ whole: EncodedRow, supervised: Int, fitted: TokenizedDataset.Row,
    limits: RowSpecification, at place: RowPlace
  ) {
    let length = whole.wholeLength ?? whole.ids.count
    guard length > 0 else { return }
    let sourceLength = whole.wholeSourceLength ?? whole.sourceIDs.count
    if limits.maxLength != nil { lengths.append(Int32(clamping: length)) }
    if limits.maxSourceLength != nil, sourceLength > 0 {
      sourceLengths.append(Int32(clamping: sourceLength))
    }
    rows += 1
    if supervised == 0 { unsupervised.add(place) }
    if whole.isUnmasked { unmasked.add(place) }
    guard fitted.fate == .truncated else { return }
    if let limit = limits.maxSourceLength, sourceLength > limit { truncatedSources.add(place) }
    truncated.add(place)
    if supervised > 0, fitted.supervisedCount == 0 { cutBeforeLearned.add(place) }
  }

  /// Counts a row of two matrices.
  mutating func add(_ row: TokenizedDataset.Row, at place: RowPlace) {
    rows += 1
    if row.supervisedCount == 0 { unsupervised.add(place) }
  }

  /// The limit under which `share` of the rows would stay whole; nil where there was no limit.
  package func length(holding share: Double) -> Int? { Self.length(lengths, holding: share) }

  /// The limit under which `share` of the sources would stay whole; nil where there was no limit.
  package func sourceLength(holding share: Double) -> Int? {
    Self.length(sourceLengths, holding: share)
  }

  private static func length(_ lengths: [Int32], holding share: Double) -> Int? {
    guard !lengths.isEmpty else { return nil }
    let index = Int((share * Double(lengths.count)).rounded(.up)) - 1
    return Int(lengths.sorted()[max(0, min(lengths.count - 1, index))])
  }
}
