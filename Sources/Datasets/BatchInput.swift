/// A part of a batch, by the program's input that it fills.
package enum BatchInput: String, CaseIterable, Sendable {
  case tokens
  case positions
  case targets
  case ranges
  case tokenTypes = "token_types"
  case pooled
  case sourceTokens = "source.tokens"
  case sourcePositions = "source.positions"
  case sourceRanges = "source.ranges"
  case crossRanges = "cross.ranges"
  case values
  case weights
  case sourceValues = "source.values"

  /// The program's name for it.
  package var name: String { rawValue }
}

/// What each position of a batch may attend to within its row.
package enum BatchVisibility: String, CaseIterable, Sendable {
  /// Itself and those before it.
  case causal
  /// The whole row.
  case whole
}

extension Batch {
  /// The part that a program's input takes.
  package enum Content: Hashable, Sendable {
    case integers([Int32])
    case floats([Float])
  }

  /// What fills `input`; empty where the rows have no such part.
  package func content(_ input: BatchInput) -> Content {
    switch input {
    case .tokens: .integers(tokens)
    case .positions: .integers(positions)
    case .targets: .integers(targets)
    case .ranges: .integers(ranges)
    case .tokenTypes: .integers(tokenTypes)
    case .pooled: .integers(pooled)
    case .sourceTokens: .integers(sourceTokens)
    case .sourcePositions: .integers(sourcePositions)
    case .sourceRanges: .integers(sourceRanges)
    case .crossRanges: .integers(crossRanges)
    case .values: .floats(values)
    case .weights: .floats(weights)
    case .sourceValues: .floats(sourceValues)
    }
  }
}
