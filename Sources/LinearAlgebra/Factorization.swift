import COpenBLAS

/// Two factors of a matrix, both row-major.
package struct MatrixFactors: Hashable, Sendable {
  /// The first columns of the left factor: `(rows, rank)`.
  package let left: [Float]
  /// The first rows of the right factor: `(rank, columns)`.
  package let right: [Float]
  /// What stands between them: `rank` numbers, all 1 where nothing does.
  package let middle: [Float]
}

/// Why a matrix has no factors.
package enum FactorizationError: Error, Hashable, Sendable {
  /// A side is longer than LAPACK's 32-bit sizes of work allow, or the rank is no size of a factor.
  case unsupportedExtent(rows: Int, columns: Int, rank: Int)
  /// The matrix holds a number that is none, or the iteration did not converge.
  case notConverged
}

/// Factorisations of dense float32 matrices, by LAPACK.
package enum Factorization {
  /// The longest side of the smaller kind that the sizes of work fit 32 bits for.
  package static let longestSide = 16_384

  /// The `rank` largest singular values of `matrix (rows, columns)`, row-major, and their vectors:
  /// `left · diag(middle) · right` is the nearest matrix of that rank.
  ///
  /// The signs of the vectors are LAPACK's. Cost: about `14·rows·columns·min(rows, columns)` FLOP and
  /// five matrices of scratch.
  ///
  /// - Throws: ``FactorizationError``.
  package static func singular(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, rank: Int
  ) throws(FactorizationError) -> MatrixFactors {
    let side = try smallerSide(rows, columns, rank)
    // LAPACK's matrices lie by columns: what it sees is the transpose, `v·s·uᵀ`.
    var elements = Array(UnsafeBufferPointer(start: matrix, count: rows * columns))
    var values = [Float](repeating: 0, count: side)
    var u = [Float](repeating: 0, count: columns * side)
    var vt = [Float](repeating: 0, count: side * rows)
    var integers = [Int32](repeating: 0, count: 8 * side)
    let (m, n, k) = ([Int32(columns)], [Int32(rows)], [Int32(side)])
    let least = 4 * side * side + 7 * side + max(rows, columns)
    var size = Int32(-1)
    var work: [Float] = [0]
    var info = Int32(0)
    for _ in 0..<2 {
      let count = [size]
      sgesdd_(
        "S", m, n, &elements, m, &values, &u, m, &vt, k, &work, count, &integers, &info)
      guard info == 0 else { throw .notConverged }
      if size < 0 {
        size = Int32(max(least, Int(work[0].rounded(.up))))
        work = [Float](repeating: 0, count: Int(size))
      }
    }
    guard values.allSatisfy(\.isFinite) else { throw .notConverged }
    var left = [Float](repeating: 0, count: rows * rank)
    for row in 0..<rows {
      for index in 0..<rank { left[row * rank + index] = vt[row * side + index] }
    }
    return MatrixFactors(
      left: left, right: Array(u[..<(rank * columns)]), middle: Array(values[..<rank]))
  }

  /// The first `rank` columns of Q and rows of R of `matrix (rows, columns) = Q·R`, row-major.
  ///
  /// The signs are those of Householder reflections, as LAPACK and torch choose them.
  ///
  /// - Throws: ``FactorizationError``.
  package static func orthogonal(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, rank: Int
  ) throws(FactorizationError) -> MatrixFactors {
    let side = try smallerSide(rows, columns, rank)
    var elements = [Float](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { elements[column * rows + row] = matrix[row * columns + column] }
    }
    let (m, n, k) = ([Int32(rows)], [Int32(columns)], [Int32(side)])
    var scales = [Float](repeating: 0, count: side)
    var size = Int32(-1)
    var work: [Float] = [0]
    var info = Int32(0)
    for _ in 0..<2 {
      let count = [size]
      sgeqrf_(m, n, &elements, m, &scales, &work, count, &info)
      guard info == 0 else { throw .notConverged }
      if size < 0 {
        // `sorgqr` wants no more than this either.
        size = Int32(max(columns, side, Int(work[0].rounded(.up))))
        work = [Float](repeating: 0, count: Int(size))
      }
    }
    var right = [Float](repeating: 0, count: rank * columns)
    for index in 0..<rank {
      for column in index..<columns {
        right[index * columns + column] = elements[column * rows + index]
      }
    }
    sorgqr_(m, k, k, &elements, m, scales, &work, [size], &info)
    guard info == 0, right.allSatisfy(\.isFinite) else { throw .notConverged }
    var left = [Float](repeating: 0, count: rows * rank)
    for row in 0..<rows {
      for index in 0..<rank { left[row * rank + index] = elements[index * rows + row] }
    }
    return MatrixFactors(
      left: left, right: right, middle: [Float](repeating: 1, count: rank))
  }

  private static func smallerSide(
    _ rows: Int, _ columns: Int, _ rank: Int
  ) throws(FactorizationError) -> Int {
    let side = min(rows, columns)
    guard side >= 1, rank >= 1, rank <= side, side <= longestSide,
      max(rows, columns) <= Int(Int32.max) / 4
    else { throw .unsupportedExtent(rows: rows, columns: columns, rank: rank) }
    return side
  }
}
