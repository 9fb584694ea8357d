import CKernels
import Tensors

extension ArgumentStore {
  /// `a, b[, addend]` to `c`.
  func product(_ rule: Product, _ bound: BoundOperation) -> Kernel {
    let (inputs, c) = (bound.inputs, bound.outputs[0])
    let sizes = rule.extents(inputs[0].shape, inputs[1].shape)
    let values = hone_product_arguments(
      a: inputs[0].floats, b: inputs[1].matrix, addend: inputs.count > 2 ? inputs[2].floats : nil,
      c: c.mutableFloats, m: Int64(sizes.m), n: Int64(sizes.n), k: Int64(sizes.k),
      transpose_a: rule.transposeA ? 1 : 0, transpose_b: rule.transposeB ? 1 : 0,
      accumulate: c.accumulates, scale: rule.scale, workspace: bound.scratch)
    return Kernel(function: hone_product, arguments: keep(values))
  }
}
