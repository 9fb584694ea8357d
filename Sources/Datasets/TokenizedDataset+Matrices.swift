extension TokenizedDataset {
  /// Reads two matrices and joins their rows by name, in the order of the first.
  ///
  /// A number that is missing in the second counts for nothing; in the first there must be none.
  /// Rows that only one of them has are left out and counted in ``reading``.
  ///
  /// - Throws: the first thing that is wrong with section, files or numbers.
  init(
    readingMatrices specification: RowSpecification, names: SeriesNames?, answers: SeriesAnswers
  ) throws(DatasetError) {
    let file = try specification.matrixFile()
    let source = try MatrixReader(path: file.path, format: file.format)
    let target = try MatrixReader(path: file.targetPath, format: file.targetFormat)
    let names = names ?? SeriesNames(inputs: source.columns, outputs: target.columns)
    let sourceOrder = try source.order(of: names.inputs)
    let targetOrder = try target.order(of: names.outputs)
    let layout = RowLayout.series(
      inputs: names.inputs.count, outputs: names.outputs.count, answers: answers)
    var targets = try Self.targetRows(target, specification, targetOrder, names.outputs)
    let firstTarget = targets.first
    var storage = RowStorage()
    var rows: [Row] = []
    var summary = ReadingSummary()
    var seen: [String: RowPlace] = [:]
    var firstSource: String?
    var number = 0
    while let row = try source.next() {
      firstSource = firstSource ?? row.name
      if let first = seen.updateValue(row.place, forKey: row.name) {
        throw .unpairedFiles(.repeatedSample(row.name, at: row.place, first: first))
      }
      defer { number += 1 }
      guard let known = targets.take(row.name) else {
        summary.unpairedSources.add(row.place)
        continue
      }
      var encoded = EncodedRow()
      for (name, column) in zip(names.inputs, sourceOrder) {
        let text = row.cells[column]
        let place = MatrixReader.place(of: column, in: row)
        guard let value = try CellNumber.value(text, column: name, at: place) else {
          throw .invalidNumber(text, column: name, .missing, at: place)
        }
        encoded.sourceValues.append(
          try CellNumber.changed(
            value, specification.sourceTransform, text, column: name, at: place))
      }
      encoded.values = known.values
      encoded.weights = known.weights
      guard
        storage.largestCount + max(names.inputs.count, names.outputs.count) <= Self.maximumTokens
      else { throw .tooManyTokens(section: specification.name, limit: Self.maximumTokens) }
      let origin = Origin(
        source: 0, number: Int32(clamping: number), line: Int32(clamping: row.place.line))
      let stored = storage.append(encoded, layout: layout, fate: .kept, origin: origin)
      rows.append(stored)
      summary.add(stored, at: row.place)
    }
    for place in targets.untaken { summary.unpairedTargets.add(place) }
    if rows.isEmpty, firstSource != nil, let firstTarget {
      throw .unpairedFiles(
        .noSharedSample(
          source: file.path, sourceSample: firstSource, target: file.targetPath,
          targetSample: firstTarget))
    }
    self.init(
      name: specification.name, layout: layout, labels: names.outputs, inputNames: names.inputs,
      storage: storage,
      sources: [
        Source(
          section: specification.name,
          file: DataFile(path: file.path, format: file.format, target: file.targetPath))
      ],
      sourceRows: rows)
    reading = summary
    try checkUsable()
  }

  /// The rows of the second matrix by name.
  private struct TargetRows {
    private var rows: [String: (values: [Float], weights: [Float], place: RowPlace)] = [:]
    private var names: [String] = []

    /// The name of the first row.
    var first: String? { names.first }

    /// Adds a row; gives the place of one that had its name before.
    mutating func add(
      _ name: String, _ values: [Float], _ weights: [Float], _ place: RowPlace
    ) -> RowPlace? {
      if let known = rows[name] { return known.place }
      rows[name] = (values, weights, place)
      names.append(name)
      return nil
    }

    /// The row of that name, once.
    mutating func take(_ name: String) -> (values: [Float], weights: [Float])? {
      rows.removeValue(forKey: name).map { ($0.values, $0.weights) }
    }

    /// Where the rows stand that were not taken.
    var untaken: [RowPlace] { names.compactMap { rows[$0]?.place } }
  }

  private static func targetRows(
    _ reader: MatrixReader, _ specification: RowSpecification, _ order: [Int], _ names: [String]
  ) throws(DatasetError) -> TargetRows {
    var rows = TargetRows()
    var count = 0
    while let row = try reader.next() {
      var values: [Float] = []
      var weights: [Float] = []
      for (name, column) in zip(names, order) {
        let text = row.cells[column]
        let place = MatrixReader.place(of: column, in: row)
        let value = try CellNumber.value(text, column: name, at: place)
        let changed = try value.map { (value) throws(DatasetError) -> Float in
          try CellNumber.changed(
            value, specification.targetTransform, text, column: name, at: place)
        }
        values.append(changed ?? 0)
        weights.append(changed == nil ? 0 : 1)
      }
      count += values.count
      guard count <= maximumTokens else {
        throw .tooManyTokens(section: specification.name, limit: maximumTokens)
      }
      if let first = rows.add(row.name, values, weights, row.place) {
        throw .unpairedFiles(.repeatedSample(row.name, at: row.place, first: first))
      }
    }
    return rows
  }
}

extension RowSpecification {
  /// The files of the rows, in their order; of files that are read side by side one.
  package func dataFiles() throws(DatasetError) -> [DataFile] {
    guard let targetFile else {
      return try DataFile.find(files, in: directory, format: format)
    }
    guard files.count == 1, let source = files.first else {
      throw .unpairedFiles(.shape(task: task.name, needsPair: false))
    }
    return [
      try DataFile.findPair(source: source, target: targetFile, in: directory, format: format)
    ]
  }

  /// The two matrices of the rows.
  ///
  /// - Throws: `unpairedFiles` where there are not two.
  func matrixFile() throws(DatasetError) -> MatrixFiles {
    guard targetFile != nil, let file = try dataFiles().first, let target = file.target,
      file.format.isTable
    else { throw .unpairedFiles(.shape(task: task.name, needsPair: true)) }
    return MatrixFiles(
      path: file.path, format: file.format, targetPath: target,
      targetFormat: format ?? DataFormat(suffixOf: target) ?? file.format)
  }
}

/// Two matrices and how each is written.
struct MatrixFiles: Hashable, Sendable {
  let path: String
  let format: DataFormat
  let targetPath: String
  let targetFormat: DataFormat
}
