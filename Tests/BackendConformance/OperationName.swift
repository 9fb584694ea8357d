package import Tensors

/// The operations without their attributes: what the table must have cases for.
package enum OperationName: String, CaseIterable, Sendable {
  case embedding, embeddingGradient, product, add, multiply, scale, accumulate, addBias, columnSum
  case rmsNorm, rmsNormGradient, rmsNormWeightGradient, rotaryTable, rotary
  case attention, attentionGradient, activation, activationGradient
  case gatedActivation, gatedActivationGradient, dropout, tokenLoss, tokenRank, valueLoss
  case gatherRows, scatterRows, writeRows, selectColumns, placeColumns
  case updatedNorms, scaleColumns, scaleColumnsGradient
  case patchRows, patchRowsGradient, replaceRows, replaceRowsGradient

  /// The name of `kind`; a new operation does not compile before it is listed here.
  package init(_ kind: OperationKind) {
    switch kind {
    case .embedding: self = .embedding
    case .embeddingGradient: self = .embeddingGradient
    case .product: self = .product
    case .add: self = .add
    case .multiply: self = .multiply
    case .scale: self = .scale
    case .accumulate: self = .accumulate
    case .addBias: self = .addBias
    case .columnSum: self = .columnSum
    case .rmsNorm: self = .rmsNorm
    case .rmsNormGradient: self = .rmsNormGradient
    case .rmsNormWeightGradient: self = .rmsNormWeightGradient
    case .rotaryTable: self = .rotaryTable
    case .rotary: self = .rotary
    case .attention: self = .attention
    case .attentionGradient: self = .attentionGradient
    case .activation: self = .activation
    case .activationGradient: self = .activationGradient
    case .gatedActivation: self = .gatedActivation
    case .gatedActivationGradient: self = .gatedActivationGradient
    case .dropout: self = .dropout
    case .tokenLoss: self = .tokenLoss
    case .tokenRank: self = .tokenRank
    case .valueLoss: self = .valueLoss
    case .gatherRows: self = .gatherRows
    case .scatterRows: self = .scatterRows
    case .writeRows: self = .writeRows
    case .selectColumns: self = .selectColumns
    case .placeColumns: self = .placeColumns
    case .updatedNorms: self = .updatedNorms
    case .scaleColumns: self = .scaleColumns
    case .scaleColumnsGradient: self = .scaleColumnsGradient
    case .patchRows: self = .patchRows
    case .patchRowsGradient: self = .patchRowsGradient
    case .replaceRows: self = .replaceRows
    case .replaceRowsGradient: self = .replaceRowsGradient
    }
  }

  /// How the gradient of the operation is made.
  package enum GradientSupport: Sendable {
    /// Its rule has a gradient, which the gradient table checks.
    case checked
    /// It carries gradients, writes states or reads integers only: its rule refuses.
    case refused
  }

  /// Whether the rule has a gradient.
  package var gradientSupport: GradientSupport {
    switch self {
    case .embedding, .product, .add, .multiply, .scale, .addBias, .rmsNorm, .rotary, .attention,
      .activation, .gatedActivation, .dropout, .tokenLoss, .valueLoss, .gatherRows,
      .selectColumns, .scaleColumns, .patchRows, .replaceRows:
      .checked
    case .embeddingGradient, .accumulate, .columnSum, .rmsNormGradient, .rmsNormWeightGradient,
      .rotaryTable, .attentionGradient, .activationGradient, .gatedActivationGradient,
      .scatterRows, .writeRows, .placeColumns, .tokenRank, .updatedNorms, .scaleColumnsGradient,
      .patchRowsGradient, .replaceRowsGradient:
      .refused
    }
  }
}
