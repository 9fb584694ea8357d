import Datasets
import Pipelines
import Tokenizers

/// Makes the preview of one set of rows.
struct PreviewMaker {
  /// A row that is to be shown.
  private struct Choice {
    let row: TokenizedDataset.Row
    let sequence: PreviewedRow.Sequence?
  }

  private let run: PreparedRun
  private let dataset: TokenizedDataset
  private let request: PreviewRequest
  private let sections: [String: DataSection]

  init(_ run: PreparedRun, _ dataset: TokenizedDataset, _ request: PreviewRequest) {
    self.run = run
    self.dataset = dataset
    self.request = request
    sections = Dictionary(
      run.pipeline.data.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private var tokenizer: Tokenizer { run.model.tokenizer }

  /// The first rows of the set, and what is to be said of all.
  func set(_ name: String, uses: [PreviewedSet.Use]) -> PreviewedSet {
    let training = uses.first { $0.purpose == .train }.flatMap { use in
      planner(of: use.stage).map { (stage: use.stage, planner: $0) }
    }
    let chosen =
      training.map { choices(of: $0.planner) }
      ?? dataset.rows.prefix(request.rowCount).map { Choice(row: $0, sequence: nil) }
    let known = parts(of: chosen.map(\.row))
    return PreviewedSet(
      name: name, uses: uses, order: training.map { .training(stage: $0.stage) } ?? .files,
      statistics: dataset.statistics,
      findings: PreviewFindings(dataset, tokenizer: tokenizer, sections: sections).all(),
      rows: chosen.map { previewed($0, known) })
  }

  private func planner(of stage: String) -> BatchPlanner? {
    for prepared in run.stages where prepared.name == stage {
      if case .train(let training) = prepared.work { return training.planner }
    }
    return nil
  }

  /// The rows that the first steps take.
  private func choices(of planner: BatchPlanner) -> [Choice] {
    var choices: [Choice] = []
    var sequences = 0
    for microBatch in planner.epoch(0).steps.lazy.flatMap(\.microBatches) {
      for rows in microBatch.rows {
        let lengths = rows.map { dataset.rows[$0].range.count }
        for (place, row) in rows.enumerated() {
          guard choices.count < request.rowCount else { return choices }
          let sequence = planner.packing.map { _ in
            PreviewedRow.Sequence(
              number: sequences, length: planner.longestLength, rowLengths: lengths, row: place)
          }
          choices.append(Choice(row: dataset.rows[row], sequence: sequence))
        }
        sequences += 1
      }
    }
    return choices
  }

  // MARK: one row

  private func previewed(
    _ choice: Choice, _ known: [TokenizedDataset.Origin: RowParts]
  ) -> PreviewedRow {
    let row = choice.row
    let tokens = dataset.tokens[row.range]
    var parts = row.origin.flatMap { known[$0] }
    if parts?.ids.starts(with: tokens) == false { parts = nil }
    let clipped = (parts?.parts ?? []).compactMap { part -> RowParts.Part? in
      let range = part.range.clamped(to: 0..<tokens.count)
      return range.isEmpty ? nil : RowParts.Part(name: part.name, range: range)
    }
    let limit = section(of: row)?.maxLength?.value ?? tokens.count
    return PreviewedRow(
      place: dataset.place(of: row), tokenCount: tokens.count,
      supervisedCount: row.supervisedCount,
      cut: row.fate == .truncated
        ? .init(tokenCount: parts.map { $0.wholeCount - tokens.count }, limit: limit) : nil,
      sequence: choice.sequence, parts: clipped,
      pieces: pieces(of: row, partStarts: clipped.dropFirst().map(\.range.lowerBound)),
      source: source(of: row), labels: labels(of: row),
      inputs: numbers(
        zip(dataset.inputNames, row.sourceValueRange.map { Optional(dataset.sourceValues[$0]) })),
      numbers: learnedNumbers(of: row))
  }

  // MARK: what is beside the tokens

  private func source(of row: TokenizedDataset.Row) -> PreviewedRow.Source? {
    guard case .sourceAndTarget = dataset.layout else { return nil }
    let range = row.sourceRange
    return PreviewedRow.Source(
      tokenCount: range.count,
      pieces: pieces(
        dataset.sourceTokens[range], flags: Array(repeating: false, count: range.count)[...],
        partStarts: []))
  }

  private func labels(of row: TokenizedDataset.Row) -> [String]? {
    switch dataset.layout {
    case .rowLabel: return name(ofLabel: row.label).map { [$0] } ?? []
    case .rowLabels:
      return zip(dataset.labels, row.valueRange).filter { dataset.values[$1] == 1 }.map(\.0)
    case .nextToken, .masked, .sourceAndTarget, .tokenLabels, .rowValues, .series: return nil
    }
  }

  private func name(ofLabel label: Int32) -> String? {
    dataset.labels.indices.contains(Int(label)) ? dataset.labels[Int(label)] : nil
  }

  private func learnedNumbers(of row: TokenizedDataset.Row) -> [PreviewedNumber] {
    switch dataset.layout {
    case .rowValues, .series:
      numbers(
        zip(
          dataset.labels,
          row.valueRange.map { dataset.weights[$0] == 0 ? nil : dataset.values[$0] }))
    case .nextToken, .masked, .sourceAndTarget, .tokenLabels, .rowLabel, .rowLabels: []
    }
  }

  private func numbers(_ cells: some Sequence<(String, Float?)>) -> [PreviewedNumber] {
    cells.prefix(PreviewedNumber.limit).map { PreviewedNumber(name: $0, value: $1) }
  }

  private func section(of row: TokenizedDataset.Row) -> DataSection? {
    guard let source = row.origin.map({ Int($0.source) }), dataset.sources.indices.contains(source)
    else { return nil }
    return sections[dataset.sources[source].section]
  }

  /// The row's tokens; of a target those that are learned, not those that the decoder is given.
  private func pieces(of row: TokenizedDataset.Row, partStarts: [Int]) -> [PreviewedRow.Piece] {
    let flags = dataset.isSupervised[row.range]
    switch dataset.layout {
    case .series: return []
    case .sourceAndTarget:
      return pieces(dataset.targets[row.range], flags: flags, partStarts: partStarts)
    case .tokenLabels:
      return pieces(
        dataset.tokens[row.range], flags: flags, labels: dataset.targets[row.range],
        partStarts: partStarts)
    case .nextToken, .masked, .rowLabel, .rowLabels, .rowValues:
      return pieces(dataset.tokens[row.range], flags: flags, partStarts: partStarts)
    }
  }

  private func pieces(
    _ tokens: ArraySlice<Int32>, flags: ArraySlice<Bool>, labels: ArraySlice<Int32> = [],
    partStarts: [Int]
  ) -> [PreviewedRow.Piece] {
    let (tokens, flags, labels) = (Array(tokens), Array(flags), Array(labels))
    // What is learned may change at every word: only where whole parts are learned is it a border.
    let changes =
      labels.isEmpty ? flags.indices.dropFirst().filter { flags[$0] != flags[$0 - 1] } : []
    let shown =
      request.isWhole
      ? [0..<tokens.count]
      : PreviewWindows.ranges(
        count: tokens.count, boundaries: Set(changes + partStarts).sorted())
    var pieces: [PreviewedRow.Piece] = []
    var end = 0
    func omit(to start: Int) {
      guard end < start else { return }
      let range = end..<start
      pieces.append(
        .omitted(
          PreviewedGap(
            range: range,
            supervisedCount: range.count { flags[$0] },
            boundaryCount: changes.count { $0 > range.lowerBound && $0 < range.upperBound })))
    }
    for range in shown {
      omit(to: range.lowerBound)
      for position in range {
        let id = tokens[position]
        pieces.append(
          .token(
            PreviewedToken(
              position: position, id: id, bytes: tokenizer.bytes(ofToken: id),
              isSpecial: tokenizer.isSpecial(id), isSupervised: flags[position],
              label: labels.isEmpty ? nil : name(ofLabel: labels[position]))))
      }
      end = range.upperBound
    }
    omit(to: tokens.count)
    return pieces
  }

  // MARK: the files

  /// What the tokens of rows are parts of; rows that can no longer be read are left out.
  private func parts(
    of rows: [TokenizedDataset.Row]
  ) -> [TokenizedDataset.Origin: RowParts] {
    var result: [TokenizedDataset.Origin: RowParts] = [:]
    let origins = Set(rows.compactMap(\.origin))
    for (index, source) in dataset.sources.enumerated() {
      let wanted = origins.filter { Int($0.source) == index }
      guard let last = wanted.map(\.number).max(), let section = sections[source.section] else {
        continue
      }
      let byNumber = Dictionary(
        wanted.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
      do throws(DatasetError) {
        let rowTokenizer = try RowTokenizer(
          section.rowSpecification(task: run.data.task), encoder: tokenizer)
        var reader = try RowReader(source.file)
        var number: Int32 = 0
        while number <= last, let row = try reader.next() {
          if let origin = byNumber[number] { result[origin] = try rowTokenizer.parts(of: row) }
          number += 1
        }
      } catch {
        // The file has changed since it was tokenized: its rows are shown without their parts.
        continue
      }
    }
    return result
  }
}
