import Artifacts
package import Datasets
import Diagnostics
import Pipelines
import Tokenizers

/// The rows of a pipeline's sections, read and tokenized, by the names that stages use.
package struct PreparedData: Sendable {
  /// `section` or `section.part` to its rows.
  package private(set) var sets: [String: TokenizedDataset] = [:]
  /// The names in the order of the pipeline; of a section with parts its own only where a stage uses it.
  package private(set) var names: [String] = []

  /// The rows that a stage names.
  package subscript(name: String) -> TokenizedDataset? { sets[name] }

  /// What the rows are for.
  package let task: RowTask

  /// All tokens held in memory, in bytes.
  package private(set) var byteCount = 0

  /// Reads every section but those in `refused`, by path; what is wrong with one does not keep the
  /// others from being read.
  init(
    _ pipeline: Pipeline, paths: InputPaths, tokenizer: Tokenizer, task: RowTask = .causalLM,
    refused: Set<String> = [], diagnostics: inout DiagnosticBag
  ) {
    self.task = task
    let used = pipeline.dataOfStages
    var rowTask = task
    for section in pipeline.data where !refused.contains(section.path) {
      do throws(DatasetError) {
        switch section.source {
        case .load, .pair:
          let all = try TokenizedDataset(
            reading: section.rowSpecification(
              paths, task: rowTask.hiding(section.maskProbability.value)),
            encoder: tokenizer)
          // The columns of later matrices have the numbers that the first ones gave them.
          if case .series(_, _, let answers) = all.layout {
            rowTask = .matrices(
              SeriesNames(inputs: all.inputNames, outputs: all.labels), answers: answers)
          }
          let findings = DataChecks.findings(section, all)
          for finding in findings { diagnostics.report(finding) }
          if findings.contains(where: { $0.severity == .error }) { continue }
          try add(all, section, used, seed: pipeline.seed.value)
        case .mix(let parts):
          var mixed: [(dataset: TokenizedDataset, weight: Double)] = []
          for part in parts {
            guard let dataset = sets[part.data.value] else { continue }
            mixed.append((dataset, part.weight.value))
          }
          guard mixed.count == parts.count else { continue }
          let all = try TokenizedDataset.mixing(
            mixed, name: section.name, seed: UInt64(pipeline.seed.value))
          try add(all, section, used, seed: pipeline.seed.value)
        }
      } catch {
        let (span, path) = section.place(of: error)
        diagnostics.report(error.diagnostic.located(at: span, path: path))
      }
    }
  }

  private mutating func add(
    _ dataset: TokenizedDataset, _ section: DataSection, _ used: Set<String>, seed: Int
  ) throws(DatasetError) {
    byteCount += dataset.byteCount
    sets[section.name] = dataset
    if section.split.isEmpty || used.contains(section.name) { names.append(section.name) }
    if section.split.isEmpty { return }
    let parts = try dataset.split(
      section.split.map { (name: $0.name, fraction: $0.fraction.value) }, seed: UInt64(seed))
    for part in parts {
      names.append(part.name)
      sets[part.name] = part
    }
  }

}

extension DataSection {
  /// What the section says about its rows, which are for `task`; without `paths` no file is named.
  func rowSpecification(_ paths: InputPaths? = nil, task: RowTask) -> RowSpecification {
    var files: [String] = []
    var targetFile: String?
    if let paths {
      switch source {
      case .load(let settings): files = settings.map { paths.resolve($0) }
      case .pair(let source, let target):
        files = [paths.resolve(source)]
        targetFile = paths.resolve(target)
      case .mix: break
      }
    }
    let columns: RowSpecification.Columns =
      switch columns {
      case .text(let column): .text(column.value)
      case .promptCompletion(let prompt, let completion):
        .promptCompletion(prompt: prompt.value, completion: completion.value)
      case .messages(let column): .messages(column.value)
      case .sourceTarget(let source, let target):
        .sourceTarget(source: source.value, target: target.value)
      case .labelled(let text, let pair, let label):
        .labelled(text: text.value, pair: pair?.value, label: label.map(\.value))
      case .words(let tokens, let tags): .words(tokens: tokens.value, tags: tags.value)
      }
    let lossOn: RowSpecification.LossOn =
      switch lossOn.value {
      case .all: .all
      case .completion: .completion
      case .assistant: .assistant
      }
    let overlong: RowSpecification.Overlong =
      switch overlong.value {
      case .truncate: .truncate
      case .drop: .drop
      case .error: .error
      }
    return RowSpecification(
      name: name, files: files, targetFile: targetFile, format: dataFormat, columns: columns,
      task: task, template: template?.value, lossOn: lossOn, maxLength: maxLength?.value,
      maxSourceLength: maxSourceLength?.value, overlong: overlong, endToken: endToken.value,
      sourceTransform: sourceTransform.value.rule, targetTransform: targetTransform.value.rule)
  }

  /// The format that the section says its files have.
  var dataFormat: DataFormat? {
    format.map {
      switch $0.value {
      case .jsonl: .jsonl
      case .json: .json
      case .csv: .csv
      case .tsv: .tsv
      case .text: .text
      case .fasta: .fasta
      }
    }
  }

  /// The setting that an error of the section's rows is about; the section itself where none is.
  fileprivate func place(of error: DatasetError) -> (span: SourceSpan?, path: String) {
    switch error {
    case .noSupervisedTokens(_, let truncated) where truncated > 0:
      (maxLength?.span ?? span, maxLength?.path ?? path)
    case .unknownColumn, .unknownLabel, .columnsUnfit:
      (columns.first.span ?? span, columns.first.span == nil ? path : columns.first.path)
    case .missingEndToken: (endToken.span ?? span, endToken.path)
    case .invalidTemplate: (template?.span ?? span, template?.path ?? path)
    case .missingFile, .noMatch, .unreadableFile, .unknownFormat, .invalidRow,
      .lossOnAbsentPart, .noRows, .emptyPart, .noSupervisedTokens, .nothingToHide,
      .rowTooLong, .fewerRowsThanBatch, .tooManyTokens, .batchTooLarge, .conversation,
      .tooManyLabels, .invalidNumber, .unpairedFiles, .unlikeParts, .packingUnfit,
      .unlikeColumns:
      (span, path)
    }
  }
}

extension DataSection.Transform {
  /// The rule that it names.
  fileprivate var rule: RowSpecification.Transform {
    switch self {
    case .none: .none
    case .log1p: .log1p
    }
  }
}

extension TokenizedDataset {
  /// What the plan says of the rows.
  var facts: DataFacts {
    let digest = SHA256Hasher()
    func add<Number>(_ numbers: ArraySlice<Number>) {
      numbers.withUnsafeBytes { digest.update($0) }
    }
    for index in rows.indices {
      add(tokens(ofRow: index))
      add(isSupervised(inRow: index))
      add(targets(ofRow: index))
      add(sourceTokens(ofRow: index))
      add(sourceValues(ofRow: index))
      add(values(ofRow: index))
      add(weights(ofRow: index))
      let row = rows[index]
      if row.label >= 0 { add([row.label]) }
      if let second = row.secondStart { add([Int32(clamping: second)]) }
      digest.update([0xFF])
    }
    return DataFacts(
      name: name, rows: statistics.rows, tokens: statistics.tokens,
      supervisedTokens: statistics.supervisedTokens, truncatedRows: statistics.truncatedRows,
      droppedRows: statistics.droppedRows, longestRow: statistics.longestRow,
      sourceTokens: statistics.sourceTokens, missingValues: statistics.missingValues,
      labels: zip(labels, labelCounts).prefix(DataFacts.labelLimit).map {
        DataFacts.LabelCount(name: $0, count: $1)
      },
      identity: digest.finish().hex)
  }
}
