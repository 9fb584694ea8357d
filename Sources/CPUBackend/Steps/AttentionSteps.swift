import CKernels
import Randomness
import Tensors

extension ArgumentStore {
  /// `q, k, v, ranges[, table, positions]` to `out, logSumExp`.
  func attention(_ rule: Attention, _ bound: BoundOperation, seed: UInt64) -> Kernel {
    let values = forward(
      rule, bound, out: bound.outputs[0], logSum: bound.outputs[1], seed: seed)
    return Kernel(
      function: hone_attention, arguments: keep(values), indices: ranges(rule, bound))
  }

  /// The forward operands, then `out, logSumExp, dout`, to `dq, dk, dv[, dtable]`.
  func attentionGradient(
    _ rule: AttentionGradient, _ bound: BoundOperation, seed: UInt64
  ) -> Kernel {
    let (inputs, outputs, own) = (bound.inputs, bound.outputs, rule.operandCount)
    let table = rule.gradientOfBias ? outputs[3] : nil
    let values = hone_attention_gradient_arguments(
      forward: forward(
        rule.forward, bound, out: inputs[own], logSum: inputs[own + 1], seed: seed),
      dout: inputs[own + 2].floats, dq: outputs[0].mutableFloats,
      dk: outputs[1].mutableFloats, dv: outputs[2].mutableFloats,
      dtable: table?.mutableFloats, table_rows: table?.rows ?? 0,
      accumulate_dtable: table?.accumulates ?? 0)
    return Kernel(
      function: hone_attention_gradient, arguments: keep(values),
      indices: ranges(rule.forward, bound))
  }

  private func forward(
    _ rule: Attention, _ bound: BoundOperation, out: Operand, logSum: Operand, seed: UInt64
  ) -> hone_attention_arguments {
    let inputs = bound.inputs
    let batch = Int64(rule.batch)
    return hone_attention_arguments(
      q: inputs[0].floats, k: inputs[1].floats, v: inputs[2].floats, ranges: inputs[3].integers,
      out: out.mutableFloats, log_sum: logSum.mutableFloats, batch: batch,
      queries: inputs[0].rows / batch, keys: inputs[1].rows / batch, heads: Int64(rule.heads),
      kv_heads: Int64(rule.keyValueHeads), width: Int64(rule.headDimension), scale: rule.scale,
      soft_cap: rule.softCap ?? 0, window: Int64(rule.window ?? 0),
      relative: relativeBias(rule, inputs), dropout: dropout(rule, seed: seed),
      workspace: bound.scratch)
  }

  private func dropout(_ rule: Attention, seed: UInt64) -> hone_attention_dropout {
    guard let dropout = rule.dropout else {
      return hone_attention_dropout(step: nil, key0: 0, key1: 0, threshold: 0, factor: 1)
    }
    let key = RandomStream(seed: seed, name: dropout.stream).key
    return hone_attention_dropout(
      step: UnsafePointer(randomStep), key0: key[0], key1: key[1],
      threshold: RandomStream.dropThreshold(rate: dropout.rate), factor: 1 / (1 - dropout.rate))
  }

  private func relativeBias(_ rule: Attention, _ inputs: [Operand]) -> hone_relative_bias {
    guard let bias = rule.relativeBias else {
      return hone_relative_bias(
        table: hone_matrix(data: nil, type: HONE_FLOAT32), buckets: nil, positions: nil, longest: 0,
        table_rows: 0)
    }
    return hone_relative_bias(
      table: inputs[4].matrix, buckets: keep(bias.buckets), positions: inputs[5].integers,
      longest: Int64(bias.longest), table_rows: inputs[4].rows)
  }

  private func ranges(_ rule: Attention, _ bound: BoundOperation) -> IndexOperand {
    IndexOperand(
      pointer: bound.inputs[3].integers, count: bound.inputs[3].shape.count,
      limit: bound.inputs[1].shape[0] / rule.batch, meaning: .ranges(window: rule.window))
  }
}
