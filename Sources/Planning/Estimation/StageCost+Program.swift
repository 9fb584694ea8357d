package import Tensors

extension StageCost {
  /// The most rows of a product that backends do by dot products, reading the matrix once.
  private static let fewRows = 4

  /// The work of one run of `program` over batches that fill it so.
  package init(_ program: Program, _ filling: BatchFilling = BatchFilling()) {
    self.init()
    for operation in program.operations { add(operation, in: program, filling) }
  }

  private mutating func add(
    _ operation: Operation, in program: Program, _ filling: BatchFilling
  ) {
    let supervisedShare = filling.supervisedShare
    let inputs = operation.inputs.map { program[$0].type }
    let outputs = operation.outputs.map { program[$0].type }
    let flop = Double(
      program.floatingPointOperations(of: operation, keysPerQuery: filling.keysPerQuery))
    let bytes = (inputs + outputs).reduce(0.0) { $0 + Double($1.byteCount) }
    self[.operations] += 1
    switch operation.kind {
    case .product(let rule):
      let extents = rule.extents(inputs[0].shape, inputs[1].shape)
      if extents.m <= Self.fewRows {
        self[.vectorProducts] += Double(inputs[1].byteCount)
        return
      }
      self[inputs[1].dtype == .float32 ? .products : .bfloat16Products] += flop
      self[.productBytes] += bytes
    case .tokenLoss:
      // Rows without a target are skipped; the others' logits are written, read and written again.
      let rows = Double(inputs[0].shape[0]) * supervisedShare
      self[inputs[1].dtype == .float32 ? .products : .bfloat16Products] += flop * supervisedShare
      self[.activations] += rows * Double(inputs[1].shape[0])
    case .tokenRank:
      self[inputs[1].dtype == .float32 ? .products : .bfloat16Products] += flop * supervisedShare
    case .valueLoss:
      self[.activations] += Double(inputs[0].shape.count)
      self[.streams] += bytes
    case .attention(let rule):
      self[.attention] += flop
      self[.dropout] += rule.droppedWeights(inputs)
    case .attentionGradient(let rule):
      self[.attention] += flop
      self[.dropout] += 2 * rule.forward.droppedWeights(inputs)
    case .dropout: self[.dropout] += Double(outputs[0].shape.count)
    case .activation, .activationGradient, .gatedActivation, .gatedActivationGradient:
      self[.activations] += Double(outputs[0].shape.count)
      self[.streams] += bytes
    case .embedding, .gatherRows:
      // Only the rows that are asked for are read.
      self[.streams] += 2 * Double(outputs[0].byteCount)
    case .selectColumns, .placeColumns, .scaleColumns, .scaleColumnsGradient, .patchRows,
      .patchRowsGradient, .replaceRows, .replaceRowsGradient:
      self[.streams] += bytes
    case .updatedNorms:
      self[.products] += flop
      self[.productBytes] += bytes
    case .writeRows: self[.streams] += 2 * Double(inputs[0].byteCount)
    case .embeddingGradient, .add, .multiply, .scale, .accumulate, .addBias, .columnSum, .rmsNorm,
      .rmsNormGradient, .rmsNormWeightGradient, .rotaryTable, .rotary, .scatterRows:
      self[.streams] += bytes
    }
  }
}

extension Attention {
  /// How many weights dropout looks at, of which causal ranges leave half; 0 without dropout.
  fileprivate func droppedWeights(_ inputs: [ValueType]) -> Double {
    guard dropout != nil else { return 0 }
    return Double(inputs[0].shape[0]) * Double(heads) * Double(inputs[1].shape[0] / batch) / 2
  }
}
