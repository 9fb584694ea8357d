import Tensors

/// Sines of positions in the first half of the columns and cosines in the second, computed anew:
/// positions `(N)` give `(N, D)`.
///
/// Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.5; transformers,
/// `MarianSinusoidalPositionalEmbedding`.
struct SinusoidalPositions: OutlineModule {
  let path: String
  /// The rows of transformers' table, which this takes the place of.
  let count: Int
  let dimension: Int

  func declare(in outline: inout ModelOutline) {
    outline.module(
      Module(path: path, kind: .function),
      [
        ParameterDescription(
          name: path + ".weight", shape: Shape(count, dimension), initialisation: .zeros,
          module: path, role: .computed)
      ])
  }

  func apply(to positions: ValueID, in program: inout ForwardBuilder)
    throws(ProgramError) -> ValueID
  {
    let half = dimension / 2
    let table = RotaryTable(
      inverseFrequencies: RopeScaling.none.inverseFrequencies(
        theta: 10_000, dimension: dimension))
    let turned = try program.append(.rotaryTable(table), [positions], label: path)
    let cosines = try program.append(
      .selectColumns(SelectColumns(start: 0, width: half)), [turned], label: path)
    let sines = try program.append(
      .selectColumns(SelectColumns(start: half, width: half)), [turned], label: path)
    let placed = try program.append(
      .placeColumns(PlaceColumns(start: 0, groupWidth: dimension)), [sines], label: path)
    return try program.append(
      .placeColumns(PlaceColumns(start: half, groupWidth: dimension)), [cosines, placed],
      label: path)
  }
}
