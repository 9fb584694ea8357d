import Datasets
import Diagnostics
import Pipelines

/// No row that a model is measured on is one that it was trained on.
enum RowsAreHeldOut {
  /// Above so many rows comparing them would be felt.
  private static let rowLimit = 2_000_000

  static func findings(_ stages: CheckedStages) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    var trained: [Setting<String>] = []
    var reported: Set<String> = []
    func compare(_ data: Setting<String>) {
      guard let known = trained.first(where: { $0.value != data.value }), data.span != nil,
        !trained.contains(where: { $0.value == data.value }), reported.insert(data.value).inserted
      else { return }
      findings += finding(data, known, trained.map(\.value), stages.data)
    }
    for stage in stages.pipeline.stages {
      switch stage.work {
      case .train(let train):
        trained.append(train.data)
        if let evaluation = train.evaluate { compare(evaluation.data) }
      case .evaluate(let evaluate): compare(evaluate.data)
      case .generate, .export: continue
      }
    }
    return findings
  }

  private static func finding(
    _ data: Setting<String>, _ training: Setting<String>, _ names: [String], _ sets: PreparedData
  ) -> [Diagnostic] {
    guard let measured = sets[data.value] else { return [] }
    let all = names.compactMap { sets[$0] }
    guard all.reduce(measured.rows.count, { $0 + $1.rows.count }) <= rowLimit else { return [] }
    let measuredRows = Set(measured.rows.indices.map { measured.inputs(ofRow: $0) })
    var found: Set<RowInputs> = []
    for set in all {
      for index in set.rows.indices {
        let row = set.inputs(ofRow: index)
        if measuredRows.contains(row) { found.insert(row) }
      }
    }
    guard !found.isEmpty else { return [] }
    let shared = measured.rows.indices.filter { found.contains(measured.inputs(ofRow: $0)) }
    let first = shared.first.flatMap { measured.place(of: measured.rows[$0]) }
    return [
      Diagnostic(
        .warning, .leakedRows,
        "\(DataChecks.share(shared.count, of: measured.rows.count)) of `\(data.value)` are trained on too",
        at: data.span, path: data.path,
        help:
          "take doubled rows out of the files, so that what is measured was not learned by heart",
        notes: [Diagnostic.Note("rows are trained on here", at: training.span)]
          + (first.map { [Diagnostic.Note("the first of them is here", at: $0.span)] } ?? []))
    ]
  }
}
