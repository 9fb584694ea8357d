import Tensors

extension TokenRank {
  /// The likeliest token and the number of tokens before the target, a row each.
  ///
  /// - Throws: ``BackendError`` for a target that is neither −1 nor a token.
  func result(of inputs: [Operand]) throws(BackendError) -> [Double] {
    let (x, weight, targets) = (inputs[0], inputs[1].elements, inputs[2])
    let bias = inputs.count > 3 ? inputs[3].elements : nil
    let (vocabulary, width) = (inputs[1].shape[0], x.shape[1])
    var result = [Double](repeating: -1, count: 2 * x.shape[0])
    for row in 0..<x.shape[0] where targets.integer(row) != -1 {
      let target = try OperationKind.tokenRank(self).index(targets, row, below: vocabulary)
      let hidden = x.row(row)
      let logits = (0..<vocabulary).map { token in
        dot(hidden, from: 0, weight, from: token * width, count: width) + (bias?[token] ?? 0)
      }
      let best = logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
      let before = logits.indices.count {
        logits[$0] > logits[target] || (logits[$0] == logits[target] && $0 < target)
      }
      result[2 * row] = Double(best)
      result[2 * row + 1] = Double(before)
    }
    return result
  }
}
