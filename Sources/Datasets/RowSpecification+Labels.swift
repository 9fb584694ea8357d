extension RowSpecification {
  /// The names of the classes, or of the numbers that are learned, in the order of their numbers.
  package var labelNames: [String] {
    switch (task, columns) {
    case (.sequenceClassification(let labels, _), _), (.tokenClassification(let labels), _): labels
    case (.regression, .labelled(_, _, let label)): label
    case (.causalLM, _), (.seq2seqLM, _), (.maskedLM, _), (.regression, _),
      (.matrices, _):
      []
    }
  }

  /// What a batch holds of these rows; that of matrices follows from their columns.
  var layout: RowLayout {
    switch task {
    case .causalLM: .nextToken
    case .seq2seqLM: .sourceAndTarget
    case .maskedLM(let rule): .masked(rule)
    case .sequenceClassification(let labels, multiLabel: true): .rowLabels(count: labels.count)
    case .sequenceClassification(let labels, multiLabel: false): .rowLabel(count: labels.count)
    case .tokenClassification(let labels): .tokenLabels(count: labels.count)
    case .regression: .rowValues(count: labelNames.count)
    case .matrices(let names, let answers):
      .series(
        inputs: names?.inputs.count ?? 0, outputs: names?.outputs.count ?? 0, answers: answers)
    }
  }

  /// The labels that the rows of several sections have, each once: numbers by their value, then
  /// names by their bytes.
  ///
  /// Of sections whose task has no labels nothing is read; tags of −100 are none. Cost: a pass over
  /// the files.
  ///
  /// - Throws: what is wrong with the files; `limitExceeded` where there are more than `limit`.
  package static func collectedLabels(
    of sections: [RowSpecification], limit: Int = 65_536
  ) throws(DatasetError) -> [String] {
    var found: Set<String> = []
    for section in sections {
      guard let names = section.labelReader else { continue }
      for file in try section.dataFiles() {
        var reader = try RowReader(file)
        while let row = try reader.next() {
          found.formUnion(try names(row))
          guard found.count <= limit else {
            throw .tooManyLabels(section: section.name, limit: limit, at: row.place)
          }
        }
      }
    }
    return found.sorted(by: labelPrecedes)
  }

  /// What gives the labels of a row; nil where the task has none in its rows.
  private var labelReader: ((SourceRow) throws(DatasetError) -> [String])? {
    switch (task, columns) {
    case (.sequenceClassification(_, multiLabel: true), .labelled(_, _, let columns)):
      guard columns.count == 1, let column = columns.first else { return { _ in columns } }
      return { (row) throws(DatasetError) in try LabelCells.names(of: row, column: column) }
    case (.sequenceClassification(_, multiLabel: false), .labelled(_, _, let columns)):
      guard let column = columns.first else { return nil }
      return { (row) throws(DatasetError) in
        let text = try row.text(column)
        return text.isEmpty ? [] : [text]
      }
    case (.tokenClassification, .words(_, let tags)):
      return { (row) throws(DatasetError) in
        try LabelCells.texts(of: row, column: tags).filter { $0 != "-100" }
      }
    case (.sequenceClassification, _), (.tokenClassification, _), (.causalLM, _), (.seq2seqLM, _),
      (.maskedLM, _), (.regression, _), (.matrices, _):
      return nil
    }
  }

  private static func labelPrecedes(_ left: String, _ right: String) -> Bool {
    func number(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }
    switch (number(left), number(right)) {
    case (let first?, let second?) where first != second: return first < second
    case (.some, nil): return true
    case (nil, .some): return false
    case (.some, .some), (nil, nil): return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
  }
}
