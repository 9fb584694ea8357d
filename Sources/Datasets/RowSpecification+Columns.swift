extension RowSpecification {
  /// Which of a section's settings names a column.
  package enum Part: String, CaseIterable, Sendable {
    case text, prompt, completion, messages, template
  }

  /// The columns that every row must have, and what names each.
  ///
  /// A template that cannot be read names none.
  package var neededColumns: [(column: String, part: Part)] {
    switch columns {
    case .text(let column): parts(of: column, .text)
    case .promptCompletion(let prompt, let completion):
      parts(of: prompt, .prompt) + [(completion, .completion)]
    case .messages(let column): [(column, .messages)]
    }
  }

  /// The columns that make one part of a row: the template's where there is one.
  private func parts(of column: String, _ part: Part) -> [(column: String, part: Part)] {
    guard let template else { return [(column, part)] }
    guard let variables = try? RowTemplate(template).variables else { return [] }
    return variables.map { $0 == part.rawValue ? (column, part) : ($0, .template) }
  }
}
