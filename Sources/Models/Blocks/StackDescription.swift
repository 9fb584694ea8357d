package import Tensors

/// What a stack of layers is made of: everything that its program, modules and weights follow from.
///
/// One stack (``Stack``) is built from it, whether it decodes, encodes, or decodes beside an encoder; a
/// family only says what its config.json means in these words. What a query sees is no part of it: that
/// is the ranges' business.
package struct StackDescription: Hashable, Sendable {
  /// How hidden states are normalised.
  package enum Norm: Hashable, Sendable {
    /// By the root of the mean square, times `offset + weight`.
    case rms(weightOffset: Float)
    /// Mean taken off, then a weight and a bias.
    case layer
  }

  /// How a layer's parts meet the residual stream.
  package enum Residual: Hashable, Sendable {
    /// `x + attention(norm(x))`, then `x + mlp(norm(x))`.
    case sequential
    /// The same with another norm behind each part: Gemma 2 and 3.
    case sandwich
    /// `x + attention(norm(x)) + mlp(norm(x))`: GPT-NeoX.
    case parallel
    /// `norm(x + attention(x))`, then `norm(x + mlp(x))`: BERT and BART.
    case post
  }

  /// How queries, keys and values are projected.
  package enum Projections: Hashable, Sendable {
    case separate
    /// One matrix: all queries, then all keys, then all values.
    case fused
    /// One matrix: query, key and value of the first head, then of the next.
    case fusedByHead
  }

  /// What stands between the attentions.
  package enum FeedForward: Hashable, Sendable {
    /// `down(f(gate(x)) · up(x))`.
    case gated
    /// The same with gate and up in one matrix.
    case fusedGated
    /// `down(f(up(x)))`.
    case plain
  }

  /// What is added to the embeddings of tokens for their places.
  package enum Positions: Hashable, Sendable {
    case none
    /// A table with a row a position, the first `offset` of which stand for none.
    case learned(offset: Int)
    /// Sines of the position in the first half of the columns, cosines in the second.
    case sinusoidal
  }

  /// Rotary positions of one kind.
  package struct RotaryPositions: Hashable, Sendable {
    package var theta: Double = 10_000
    package var scaling: RopeScaling = .none
    /// How many numbers of a head are rotated.
    package var dimension: Int
  }

  /// What differs from layer to layer.
  package struct Layer: Hashable, Sendable {
    /// How many positions back a query sees, its own included; nil sees all.
    package var window: Int?
    /// Which of the rotary positions is used.
    package var rotary = 0
    /// What scores are multiplied by.
    package var attentionScale: Float
  }

  package var vocabularySize: Int
  package var hiddenSize: Int
  package var intermediateSize: Int
  package var headCount: Int
  package var keyValueHeadCount: Int
  package var headDimension: Int
  package var contextLength: Int
  package var layers: [Layer]
  package var activation: ActivationFunction
  package var normEpsilon: Double
  package var norm: Norm = .rms(weightOffset: 0)
  package var residual: Residual = .sequential
  package var projections: Projections = .separate
  package var feedForward: FeedForward = .gated
  /// The kinds of rotary positions; empty where there are none.
  package var rotary: [RotaryPositions]
  package var positions: Positions = .none
  package var relativePositions: RelativePositions?
  /// The kinds of tokens that have a vector of their own; 0 where there are none.
  package var tokenTypeCount = 0
  /// Whether each token comes with a number, whose projection is added to the token's vector.
  package var readsValues = false
  package var hasEmbeddingNorm = false
  package var hasFinalNorm = true
  /// Whether each layer attends to an encoder's states too.
  package var hasCrossAttention = false
  package var hasQueryKeyValueBias = false
  package var hasAttentionOutputBias = false
  package var hasFeedForwardBias = false
  /// Whether each head's query and key is normalised.
  package var normalisesQueriesAndKeys = false
  package var attentionSoftCap: Float?
  package var logitSoftCap: Float?
  package var embeddingScale: Float = 1
  /// Whether matrices are stored `(inputs, outputs)`, as GPT-2's Conv1D does.
  package var storesInputsFirst = false
  /// Whether the head's weight is the token table.
  package var tiesEmbeddings: Bool
  /// What hidden states are multiplied by before the head.
  package var headScale: Float = 1
  /// The name of a buffer `(1, V)` that is added to the logits.
  package var logitBuffer: String?
  package var initializerRange: Double
  /// The deviations of parts that begin otherwise.
  package var deviations: [LayerPart: Double] = [:]
  /// The deviation of the token table, where it is another.
  package var tokenDeviation: Double?
  package var paddingTokenID: Int?
  /// What is dropped in training.
  package var dropout: ModelDropout = [:]
  /// The weight that the token table is one with.
  package var tokensTiedTo: String?
  package var names: StackNames = .llama

  /// The deviation with which `part` begins.
  func deviation(of part: LayerPart) -> Float { Float(deviations[part] ?? initializerRange) }

  /// The window of all layers; nil where some layer sees everything.
  var commonWindow: Int? {
    let windows = Set(layers.map(\.window))
    return windows.count == 1 ? windows.first ?? nil : nil
  }
}
