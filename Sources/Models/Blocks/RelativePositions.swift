import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension StackDescription {
  /// Biases of scores by the distance between key and query, from a table of the first layer: T5.
  package struct RelativePositions: Hashable, Sendable {
    /// The rows of the table.
    package var buckets: Int
    /// The distance from which on all are alike.
    package var longest: Int
    /// Whether keys behind the query have buckets of their own.
    package var isBidirectional: Bool

    package init(buckets: Int, longest: Int, isBidirectional: Bool) {
      self.buckets = buckets
      self.longest = longest
      self.isBidirectional = isBidirectional
    }

    /// The rows for the distances from `-longest` to `longest`, key less query.
    ///
    /// Near distances have a bucket each, far ones share buckets that widen with the logarithm.
    /// Source: Raffel et al. 2020, arXiv 1910.10683; transformers, `T5Attention`, in float32.
    package var bucketsByDistance: [Int32] {
      let side = isBidirectional ? buckets / 2 : buckets
      let exact = side / 2
      let span = Float(log(Double(longest) / Double(exact)))
      return (-longest...longest).map { distance in
        let first = isBidirectional && distance > 0 ? side : 0
        let far = isBidirectional ? abs(distance) : max(0, -distance)
        if far < exact { return Int32(first + far) }
        let share = logf(Float(far) / Float(exact)) / span * Float(side - exact)
        return Int32(first + min(exact + Int(share), side - 1))
      }
    }
  }
}
