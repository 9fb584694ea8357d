import Datasets
import Diagnostics
import Pipelines

/// No row begins twice: a template or a file writes the beginning token that the tokenizer adds.
enum RowsBeginOnce {
  static func findings(_ stages: CheckedStages) -> [Diagnostic] {
    guard let beginning = stages.model.tokenizer.beginningID else { return [] }
    return stages.pipeline.data.compactMap { section -> Diagnostic? in
      guard case .load = section.source else { return nil }
      let sets = stages.data[section.name].map { [$0] } ?? []
      var (all, count) = (0, 0)
      var first: RowPlace?
      for set in sets where set.layout == .nextToken {
        all += set.rows.count
        for row in set.rows where set.tokens[row.range].prefix(2) == [beginning, beginning] {
          if count == 0 { first = set.place(of: row) }
          count += 1
        }
      }
      guard count > 0 else { return nil }
      let token = stages.model.tokenizer.token(of: beginning) ?? "\(beginning)"
      let place =
        section.template.flatMap { template in template.span.map { ($0, template.path) } }
        ?? section.columns.firstPlace
      return Diagnostic(
        .warning, .doubledBeginning,
        "\(DataChecks.share(count, of: all)) of `\(section.name)` begin with `\(token)` twice",
        at: place?.0 ?? section.span, path: place?.1 ?? section.path,
        help: "leave it out of the template and the files: the tokenizer puts it there",
        notes: first.map { [Diagnostic.Note("the first of them is here", at: $0.span)] } ?? [])
    }
  }
}
