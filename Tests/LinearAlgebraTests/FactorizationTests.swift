import LinearAlgebra
import Testing

/// Factors multiply to the matrix, are orthogonal, and come largest first.
struct FactorizationTests {
  static let extents = [(1, 1), (3, 7), (7, 3), (32, 32), (48, 20), (1, 9), (9, 1)]

  /// Numbers that have no pattern.
  static func matrix(_ rows: Int, _ columns: Int) -> [Float] {
    var state: UInt32 = 12_345
    return (0..<rows * columns).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 23) - 1
    }
  }

  /// `left · diag(middle) · right`.
  static func product(_ factors: MatrixFactors, _ rows: Int, _ columns: Int) -> [Float] {
    let rank = factors.middle.count
    return (0..<rows).flatMap { row in
      (0..<columns).map { column in
        (0..<rank).reduce(Float(0)) {
          $0 + factors.left[row * rank + $1] * factors.middle[$1]
            * factors.right[$1 * columns + column]
        }
      }
    }
  }

  static func isNear(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 }
  }

  /// Whether the columns of `q (rows, rank)` are orthonormal.
  static func isOrthonormal(_ q: [Float], _ rows: Int, _ rank: Int) -> Bool {
    (0..<rank).allSatisfy { i in
      (0..<rank).allSatisfy { j in
        let dot = (0..<rows).reduce(Float(0)) { $0 + q[$1 * rank + i] * q[$1 * rank + j] }
        return abs(dot - (i == j ? 1 : 0)) <= 1e-5
      }
    }
  }

  @Test(arguments: extents)
  func allSingularVectorsMakeTheMatrix(rows: Int, columns: Int) throws {
    let matrix = Self.matrix(rows, columns)
    let factors = try Factorization.singular(
      matrix, rows: rows, columns: columns, rank: min(rows, columns))
    #expect(Self.isNear(Self.product(factors, rows, columns), matrix))
    #expect(Self.isOrthonormal(factors.left, rows, factors.middle.count))
    #expect(factors.middle == factors.middle.sorted(by: >))
  }

  @Test func theLargestTripletsComeFirst() throws {
    // diag(1, 5, 3) in the middle columns.
    let matrix: [Float] = [0, 1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 3]
    let factors = try Factorization.singular(matrix, rows: 3, columns: 4, rank: 2)
    #expect(Self.isNear(factors.middle, [5, 3]))
    #expect(Self.isNear(Self.product(factors, 3, 4), [0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 3]))
  }

  @Test(arguments: extents)
  func orthogonalFactorsMakeTheMatrix(rows: Int, columns: Int) throws {
    let matrix = Self.matrix(rows, columns)
    let side = min(rows, columns)
    let factors = try Factorization.orthogonal(
      matrix, rows: rows, columns: columns, rank: side)
    #expect(Self.isNear(Self.product(factors, rows, columns), matrix))
    #expect(Self.isOrthonormal(factors.left, rows, side))
    for row in 0..<side {
      for column in 0..<row { #expect(factors.right[row * columns + column] == 0) }
    }
    let first = try Factorization.orthogonal(matrix, rows: rows, columns: columns, rank: 1)
    #expect(first.left == (0..<rows).map { factors.left[$0 * side] })
    #expect(first.right == Array(factors.right[..<columns]))
  }

  @Test func aRankBeyondTheMatrixAndNumbersThatAreNoneAreRefused() {
    let matrix: [Float] = [1, .nan, 2, 3]
    #expect(throws: FactorizationError.unsupportedExtent(rows: 2, columns: 2, rank: 3)) {
      try Factorization.singular(matrix, rows: 2, columns: 2, rank: 3)
    }
    #expect(throws: FactorizationError.notConverged) {
      try Factorization.singular(matrix, rows: 2, columns: 2, rank: 1)
    }
    #expect(throws: FactorizationError.notConverged) {
      try Factorization.orthogonal(matrix, rows: 2, columns: 2, rank: 2)
    }
  }
}
