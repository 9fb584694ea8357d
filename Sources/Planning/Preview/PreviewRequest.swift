import Datasets
package import Diagnostics
import Pipelines
import Tokenizers

/// Which rows to show.
package struct PreviewRequest: Hashable, Sendable {
  /// Rows of each set.
  package let rowCount: Int
  /// `section`, with all its parts, or `section.part`; nil is everything that stages use.
  package let data: String?
  /// Show long rows whole.
  package let isWhole: Bool

  package init(rowCount: Int, data: String? = nil, isWhole: Bool = false) {
    self.rowCount = rowCount
    self.data = data
    self.isWhole = isWhole
  }
}

extension PreparedRun {
  /// The rows that `request` asks for; nothing is trained or computed.
  ///
  /// Rows for training come as the stage's first epoch takes them, others in the order of the
  /// files. The files are read again up to the last row that is shown, to tell its parts.
  ///
  /// - Throws: `unknown-data` where the section is not one of the pipeline's.
  package func preview(_ request: PreviewRequest) throws(DiagnosticError) -> Preview {
    let names = try names(for: request)
    let uses = uses
    return Preview(
      sets: names.compactMap { name in
        data[name].map { dataset in
          PreviewMaker(self, dataset, request).set(name, uses: uses[name] ?? [])
        }
      })
  }

  private func names(for request: PreviewRequest) throws(DiagnosticError) -> [String] {
    guard let wanted = request.data else {
      let uses = uses
      return data.names.filter { uses[$0] != nil }
    }
    let names = data.names.filter { $0 == wanted || $0.hasPrefix(wanted + ".") }
    if !names.isEmpty { return names }
    let known = data.names
    let near = Suggestion.nearest(to: wanted, among: known + pipeline.data.map(\.name))
    throw DiagnosticError(
      Diagnostic(
        .error, .unknownData, "the pipeline has no data `\(wanted)` to show",
        help: near.map { "did you mean `\($0)`?" }
          ?? "it has \(known.map { "`\($0)`" }.joined(separator: ", "))"))
  }

  /// What the stages do with each set.
  private var uses: [String: [PreviewedSet.Use]] {
    var uses: [String: [PreviewedSet.Use]] = [:]
    for stage in pipeline.stages {
      let name = stage.name.value
      switch stage.work {
      case .train(let train):
        uses[train.data.value, default: []].append(.init(stage: name, purpose: .train))
        if let evaluate = train.evaluate {
          uses[evaluate.data.value, default: []].append(.init(stage: name, purpose: .evaluate))
        }
      case .evaluate(let evaluate):
        uses[evaluate.data.value, default: []].append(.init(stage: name, purpose: .evaluate))
      case .generate, .export: break
      }
    }
    return uses
  }
}
