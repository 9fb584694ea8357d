/// What an operation does: a closed set, each case with its rule beside it in `Operations`.
package enum OperationKind: Hashable, Sendable {
  case embedding(Embedding)
  case embeddingGradient(EmbeddingGradient)
  case product(Product)
  case add(Add)
  case multiply(Multiply)
  case scale(Scale)
  case accumulate(Accumulate)
  case addBias(AddBias)
  case columnSum(ColumnSum)
  case rmsNorm(RMSNorm)
  case rmsNormGradient(RMSNormGradient)
  case rmsNormWeightGradient(RMSNormWeightGradient)
  case rotaryTable(RotaryTable)
  case rotary(Rotary)
  case attention(Attention)
  case attentionGradient(AttentionGradient)
  case activation(Activation)
  case activationGradient(ActivationGradient)
  case gatedActivation(GatedActivation)
  case gatedActivationGradient(GatedActivationGradient)
  case dropout(Dropout)
  case tokenLoss(TokenLoss)
  case tokenRank(TokenRank)
  case valueLoss(ValueLoss)
  case gatherRows(GatherRows)
  case scatterRows(ScatterRows)
  case writeRows(WriteRows)
  case selectColumns(SelectColumns)
  case placeColumns(PlaceColumns)
  case updatedNorms(UpdatedNorms)
  case scaleColumns(ScaleColumns)
  case scaleColumnsGradient(ScaleColumnsGradient)
  case patchRows(PatchRows)
  case patchRowsGradient(PatchRowsGradient)
  case replaceRows(ReplaceRows)
  case replaceRowsGradient(ReplaceRowsGradient)

  /// The rule of the case: shapes, gradient, cost.
  package var rule: any OperationRule {
    switch self {
    case .embedding(let rule): rule
    case .embeddingGradient(let rule): rule
    case .product(let rule): rule
    case .add(let rule): rule
    case .multiply(let rule): rule
    case .scale(let rule): rule
    case .accumulate(let rule): rule
    case .addBias(let rule): rule
    case .columnSum(let rule): rule
    case .rmsNorm(let rule): rule
    case .rmsNormGradient(let rule): rule
    case .rmsNormWeightGradient(let rule): rule
    case .rotaryTable(let rule): rule
    case .rotary(let rule): rule
    case .attention(let rule): rule
    case .attentionGradient(let rule): rule
    case .activation(let rule): rule
    case .activationGradient(let rule): rule
    case .gatedActivation(let rule): rule
    case .gatedActivationGradient(let rule): rule
    case .dropout(let rule): rule
    case .tokenLoss(let rule): rule
    case .tokenRank(let rule): rule
    case .valueLoss(let rule): rule
    case .gatherRows(let rule): rule
    case .scatterRows(let rule): rule
    case .writeRows(let rule): rule
    case .selectColumns(let rule): rule
    case .placeColumns(let rule): rule
    case .updatedNorms(let rule): rule
    case .scaleColumns(let rule): rule
    case .scaleColumnsGradient(let rule): rule
    case .patchRows(let rule): rule
    case .patchRowsGradient(let rule): rule
    case .replaceRows(let rule): rule
    case .replaceRowsGradient(let rule): rule
    }
  }

  /// The name in messages and profiles.
  package var name: String { rule.name }
}
