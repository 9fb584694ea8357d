#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Randomness
import Tensors

extension Attention {
  /// The attended values and the log-sum-exp of each query and head.
  ///
  /// - Throws: ``BackendError`` for a range beyond the keys.
  func results(of inputs: [Operand], _ chance: Chance) throws(BackendError) -> [[Double]] {
    let q = inputs[0].elements
    let (k, v) = (inputs[1].elements, inputs[2].elements)
    let sizes = AttentionSizes(self, inputs)
    let mask = AttentionMask(dropout, sizes, chance)
    var out = [Double](repeating: 0, count: q.count)
    var logSumExp: [Double] = []
    for row in 0..<sizes.queryRows {
      let range = try visibleKeys(of: row, inputs[3], sizes)
      for head in 0..<heads {
        let query = sizes.query(row, head)
        let scores = range.map { position in
          capped(
            Double(scale)
              * dot(q, from: query, k, from: sizes.key(row, head, position), count: headDimension)
              + bias(of: row, head, position, inputs))
        }
        guard let highest = scores.max() else {
          logSumExp.append(0)
          continue
        }
        let sum = scores.reduce(0) { $0 + exp($1 - highest) }
        logSumExp.append(highest + log(sum))
        for (score, position) in zip(scores, range) {
          let weight = exp(score - highest) / sum * mask.factor(row, head, position)
          let value = sizes.key(row, head, position)
          add(weight, times: v, from: value, to: &out, at: query, count: headDimension)
        }
      }
    }
    return [out, logSumExp]
  }

  /// The key positions that query `row` sees, inside its batch row.
  ///
  /// - Throws: ``BackendError`` when they are not all keys.
  func visibleKeys(
    of row: Int, _ ranges: Operand, _ sizes: AttentionSizes
  ) throws(BackendError) -> Range<Int> {
    let (start, end) = (ranges.integer(2 * row), ranges.integer(2 * row + 1))
    guard start < end else { return 0..<0 }
    for bound in [start, end] where bound < 0 || bound > sizes.keysPerRow {
      throw .indexOutOfRange(operation: name, index: bound, count: sizes.keysPerRow)
    }
    return max(start, end - (window ?? end))..<end
  }

  /// The place in the table of the bias of query `row` for the key at `position`; nil without a bias.
  func biasIndex(of row: Int, _ head: Int, _ position: Int, _ inputs: [Operand]) -> Int? {
    guard let relativeBias else { return nil }
    let distance = position - inputs[3].integer(2 * row) - inputs[5].integer(row)
    let longest = relativeBias.longest
    let bucket = relativeBias.buckets[max(-longest, min(longest, distance)) + longest]
    return Int(bucket) * heads + head
  }

  /// The bias of the score of query `row` for the key at `position`.
  func bias(of row: Int, _ head: Int, _ position: Int, _ inputs: [Operand]) -> Double {
    biasIndex(of: row, head, position, inputs).map { inputs[4][$0] } ?? 0
  }

  /// The score after the soft cap.
  func capped(_ score: Double) -> Double {
    guard let softCap else { return score }
    return Double(softCap) * ActivationFunction.tanh.value(score / Double(softCap))
  }

  /// The slope of the soft cap where it gives `capped`.
  func capSlope(_ capped: Double) -> Double {
    guard let softCap else { return 1 }
    return 1 - capped / Double(softCap) * (capped / Double(softCap))
  }
}

extension AttentionGradient {
  /// `dq, dk, dv` and the table's gradient where it is wanted, with each weight computed anew as `exp(score − logSumExp)`.
  ///
  /// - Throws: ``BackendError`` for a range beyond the keys.
  func results(of inputs: [Operand], _ chance: Chance) throws(BackendError) -> [[Double]] {
    let q = inputs[0].elements
    let (k, v) = (inputs[1].elements, inputs[2].elements)
    let own = operandCount
    let (out, logSumExp) = (inputs[own].elements, inputs[own + 1].elements)
    let dout = inputs[own + 2].elements
    var dtable = [Double](repeating: 0, count: gradientOfBias ? inputs[4].shape.count : 0)
    let sizes = AttentionSizes(forward, inputs)
    let mask = AttentionMask(forward.dropout, sizes, chance)
    let (width, scale) = (forward.headDimension, Double(forward.scale))
    var dq = [Double](repeating: 0, count: q.count)
    var dk = [Double](repeating: 0, count: k.count)
    var dv = [Double](repeating: 0, count: v.count)
    for row in 0..<sizes.queryRows {
      let range = try forward.visibleKeys(of: row, inputs[3], sizes)
      for head in 0..<forward.heads {
        let query = sizes.query(row, head)
        let mean = dot(out, from: query, dout, from: query, count: width)
        for position in range {
          let key = sizes.key(row, head, position)
          let score = forward.capped(
            scale * dot(q, from: query, k, from: key, count: width)
              + forward.bias(of: row, head, position, inputs))
          let weight = exp(score - logSumExp[row * forward.heads + head])
          let kept = mask.factor(row, head, position)
          let dweight = dot(dout, from: query, v, from: key, count: width) * kept
          let slope = weight * (dweight - mean) * forward.capSlope(score)
          let dscore = slope * scale
          if gradientOfBias, let index = forward.biasIndex(of: row, head, position, inputs) {
            dtable[index] += slope
          }
          add(dscore, times: k, from: key, to: &dq, at: query, count: width)
          add(dscore, times: q, from: query, to: &dk, at: key, count: width)
          add(weight * kept, times: dout, from: query, to: &dv, at: key, count: width)
        }
      }
    }
    return [dq, dk, dv] + (gradientOfBias ? [dtable] : [])
  }
}

/// Where queries and keys lie for one attention.
struct AttentionSizes {
  let rule: Attention
  let queryRows: Int
  let queriesPerRow: Int
  let keysPerRow: Int

  init(_ rule: Attention, _ inputs: [Operand]) {
    self.rule = rule
    queryRows = inputs[0].shape[0]
    queriesPerRow = inputs[0].shape[0] / rule.batch
    keysPerRow = inputs[1].shape[0] / rule.batch
  }

  /// The first element of a head in row `row` of the queries.
  func query(_ row: Int, _ head: Int) -> Int { (row * rule.heads + head) * rule.headDimension }

  /// The first element of the key at `position` that `head` of query `row` looks at.
  func key(_ row: Int, _ head: Int, _ position: Int) -> Int {
    let group = head / (rule.heads / rule.keyValueHeads)
    let keyRow = row / queriesPerRow * keysPerRow + position
    return (keyRow * rule.keyValueHeads + group) * rule.headDimension
  }
}

/// What dropout leaves of the weights of one attention.
struct AttentionMask {
  private let random: RandomStream?
  private let rate: Float
  private let step: UInt64
  private let sizes: AttentionSizes

  init(_ dropout: Dropout?, _ sizes: AttentionSizes, _ chance: Chance) {
    random = dropout.map { RandomStream(seed: chance.seed, name: $0.stream) }
    rate = dropout?.rate ?? 0
    step = chance.randomStep
    self.sizes = sizes
  }

  /// What the weight of query `row` for the key at `position` is multiplied by.
  func factor(_ row: Int, _ head: Int, _ position: Int) -> Double {
    guard let random else { return 1 }
    let (batch, query) = row.quotientAndRemainder(dividingBy: sizes.queriesPerRow)
    let place = (batch * sizes.rule.heads + head) * sizes.queriesPerRow + query
    let element = place * sizes.keysPerRow + position
    return random.keeps(step: step, element: element, rate: rate) ? 1 / (1 - Double(rate)) : 0
  }
}
