package import Datasets
import Pipelines
import Tokenizers

/// Something about the rows of a set that is seldom meant.
package struct PreviewFinding: Hashable, Sendable {
  /// What it is.
  package enum Kind: Hashable, Sendable {
    /// Rows without a token that is learned.
    case unsupervised
    /// Rows all of whose tokens are learned although `loss_on` names a part.
    case allSupervised(lossOn: String)
    /// Rows that do not begin with what the tokenizer puts before a text.
    case withoutBeginning(token: String)
    /// Rows that begin with it twice.
    case beginningTwice(token: String)
    /// Rows that were cut, so that the end token is gone.
    case cut(limit: Int, endToken: String?)
    /// Rows of text or completions that shall not end with the end token.
    case withoutEnd(token: String)
    /// Conversations whose last learned token ends no turn.
    case openTurn
  }

  package let kind: Kind
  /// The rows that it is true of.
  package let rows: Int
  /// The first of them.
  package let first: RowPlace?
}

/// Looks at all rows of a set.
struct PreviewFindings {
  private let dataset: TokenizedDataset
  private let tokenizer: Tokenizer
  private let sections: [String: DataSection]

  init(_ dataset: TokenizedDataset, tokenizer: Tokenizer, sections: [String: DataSection]) {
    self.dataset = dataset
    self.tokenizer = tokenizer
    self.sections = sections
  }

  /// What is to be said, the gravest first.
  ///
  /// Cost: a look at the ends of each row.
  func all() -> [PreviewFinding] {
    var order: [PreviewFinding.Kind] = []
    var counts: [PreviewFinding.Kind: (rows: Int, first: RowPlace?)] = [:]
    for row in dataset.rows {
      for kind in kinds(of: row) {
        if let count = counts[kind] {
          counts[kind] = (count.rows + 1, count.first)
        } else {
          order.append(kind)
          counts[kind] = (1, dataset.place(of: row))
        }
      }
    }
    // A prompt of one token looks as none does, since the first token is never learned: only where
    // most rows are so is it the mask.
    order.removeAll { kind in
      guard case .allSupervised = kind, let count = counts[kind] else { return false }
      return count.rows * 2 < dataset.rows.count
    }
    return order.enumerated()
      .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map { _, kind in
        let count = counts[kind] ?? (0, nil)
        return PreviewFinding(kind: kind, rows: count.rows, first: count.first)
      }
  }

  private func kinds(of row: TokenizedDataset.Row) -> [PreviewFinding.Kind] {
    guard let origin = row.origin, dataset.sources.indices.contains(Int(origin.source)),
      let section = sections[dataset.sources[Int(origin.source)].section]
    else { return [] }
    let tokens = dataset.tokens[row.range]
    var kinds: [PreviewFinding.Kind] = []
    let lossOn = section.lossOn.value
    if row.supervisedCount == 0 {
      kinds.append(.unsupervised)
    } else if lossOn != .all, row.supervisedCount == tokens.count - 1 {
      kinds.append(.allSupervised(lossOn: lossOn.rawValue))
    }
    guard dataset.layout == .nextToken else {
      if row.fate == .truncated, let limit = section.maxLength ?? section.maxSourceLength {
        kinds.append(.cut(limit: limit.value, endToken: nil))
      }
      return kinds
    }
    let beginning = tokenizer.beginningIDs
    if let first = beginning.first {
      let name = tokenizer.token(of: first) ?? "\(first)"
      if !tokens.starts(with: beginning) {
        kinds.append(.withoutBeginning(token: name))
      } else if tokens.dropFirst(beginning.count).starts(with: beginning) {
        kinds.append(.beginningTwice(token: name))
      }
    }
    let end = tokenizer.endID.flatMap { tokenizer.token(of: $0) }
    switch (row.fate, section.columns) {
    case (.truncated, .messages):
      kinds.append(.cut(limit: section.maxLength?.value ?? 0, endToken: nil))
    case (.truncated, _):
      let isEnded = section.endToken.value
      kinds.append(.cut(limit: section.maxLength?.value ?? 0, endToken: isEnded ? end : nil))
    case (.kept, .messages):
      if lossOn == .assistant, row.supervisedCount > 0, !endsWithSpecialToken(row) {
        kinds.append(.openTurn)
      }
    case (.kept, _):
      if let end, let id = tokenizer.endID, tokens.last != id {
        kinds.append(.withoutEnd(token: end))
      }
    case (.dropped, _), (.empty, _): break
    }
    return kinds
  }

  /// Whether the last token of a row that is learned is one of the tokenizer's special ones.
  private func endsWithSpecialToken(_ row: TokenizedDataset.Row) -> Bool {
    guard let last = row.range.last(where: { dataset.isSupervised[$0] }) else { return false }
    return tokenizer.isSpecial(dataset.tokens[last])
  }
}

extension PreviewFinding.Kind {
  /// Graver ones have lower ranks.
  fileprivate var rank: Int {
    switch self {
    case .allSupervised: 0
    case .unsupervised: 1
    case .withoutBeginning: 2
    case .beginningTwice: 3
    case .openTurn: 4
    case .withoutEnd: 5
    case .cut: 6
    }
  }
}

extension PreviewFinding {
  /// The finding in words, of a set of `count` rows.
  package func message(of count: Int) -> String {
    let all = rows == count
    let subject =
      all
      ? (rows == 1 ? "the only row" : "all \(Quantities.grouped(rows)) rows")
      : "\(Quantities.grouped(rows)) of \(Quantities.grouped(count)) rows"
    let isOne = rows == 1
    let text: String
    switch kind {
    case .unsupervised:
      text =
        "\(subject) \(isOne ? "has" : "have") no supervised token and \(isOne ? "teaches" : "teach") nothing"
    case .allSupervised(let lossOn):
      text = "every token of \(subject) is supervised although `loss_on` is `\(lossOn)`"
    case .withoutBeginning(let token):
      text =
        "\(subject) \(isOne ? "begins" : "begin") without `\(token)`, which the tokenizer puts "
        + "before a text"
    case .beginningTwice(let token):
      text = "\(subject) \(isOne ? "begins" : "begin") with `\(token)` twice"
    case .cut(let limit, let end):
      text =
        "\(subject) \(isOne ? "is" : "are") cut at `max_length: \(limit)`"
        + (end.map { " and \(isOne ? "ends" : "end") without `\($0)`" } ?? "")
    case .withoutEnd(let token):
      text =
        "\(subject) \(isOne ? "ends" : "end") without `\(token)`: the model does not learn to stop"
    case .openTurn:
      text =
        "the last learned turn of \(subject) ends without a special token: the model does not "
        + "learn to stop"
    }
    guard !all, let first else { return text }
    return text + " (\(isOne ? "" : "first: ")\(first.file):\(first.line))"
  }
}
