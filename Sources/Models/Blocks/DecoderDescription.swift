package import Tensors

/// What a family's decoder is made of: everything that its program, modules and weights follow from.
///
/// One decoder (``Decoder``) is built from it; a family only says what its config.json means in these
/// words.
package struct DecoderDescription: Hashable, Sendable {
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
  /// Empty for learned positions.
  package var rotary: [RotaryPositions]
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
  package var tiesEmbeddings: Bool
  package var initializerRange: Double
  /// The deviation of the matrices that end in the residual stream, where it is another.
  package var residualInitializerRange: Double?
  package var paddingTokenID: Int?
  package var names: DecoderNames = .llama

  /// The window of all layers; nil where some layer sees everything.
  var commonWindow: Int? {
    let windows = Set(layers.map(\.window))
    return windows.count == 1 ? windows.first ?? nil : nil
  }
}

/// What transformers calls the parts of a decoder.
package struct DecoderNames: Hashable, Sendable {
  /// The parts of a layer, in the order of its modules.
  package enum Part: Hashable, Sendable {
    case attention, feedForward, attentionNorm, attentionPostNorm, feedForwardNorm
    case feedForwardPostNorm
    /// A module without weights.
    case function(String)
  }

  package var model = "model"
  package var embedding = "embed_tokens"
  /// The table of learned positions.
  package var positions = "wpe"
  /// A module without weights behind the embeddings.
  package var embeddingDropout: String?
  package var layers = "layers"
  package var finalNorm = "norm"
  package var head = "lm_head"
  package var parts: [Part] = [.attention, .feedForward, .attentionNorm, .feedForwardNorm]
  package var attention = "self_attn"
  package var query = "q_proj"
  package var key = "k_proj"
  package var value = "v_proj"
  /// Query, key and value in one.
  package var queryKeyValue = "qkv_proj"
  package var attentionOutput = "o_proj"
  /// Whether the output's module comes before the projections'.
  package var attentionOutputIsFirst = false
  package var attentionFunctions: [String] = []
  package var queryNorm = "q_norm"
  package var keyNorm = "k_norm"
  package var feedForward = "mlp"
  package var gate = "gate_proj"
  package var up = "up_proj"
  /// Gate and up in one.
  package var gateUp = "gate_up_proj"
  package var down = "down_proj"
  package var feedForwardFunctions = ["act_fn"]
  package var attentionNorm = "input_layernorm"
  package var attentionPostNorm = "post_attention_layernorm"
  package var feedForwardNorm = "post_attention_layernorm"
  package var feedForwardPostNorm = "post_feedforward_layernorm"

  /// The names of Llama and of most that came after it.
  package static let llama = DecoderNames()
}
