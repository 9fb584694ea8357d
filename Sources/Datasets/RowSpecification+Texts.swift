import JSONSyntax

extension RowSpecification {
  /// Calls `body` with every text of every row, as a tokenizer is to know them.
  ///
  /// Texts that a template forms come formed; of conversations the messages' contents count, of
  /// words each word. Rows of numbers have none.
  ///
  /// - Throws: what is wrong with the files or a row.
  package func forEachText(_ body: (String) -> Void) throws(DatasetError) {
    if case .matrices = task { return }
    let template = try template.map { text throws(DatasetError) in try RowTemplate(text) }
    for file in try dataFiles() {
      var reader = try RowReader(file)
      while let row = try reader.next() {
        for text in try texts(of: row, template) { body(text) }
      }
    }
  }

  private func texts(
    of row: SourceRow, _ template: RowTemplate?
  ) throws(DatasetError) -> [String] {
    func formed(_ role: String, _ column: String) throws(DatasetError) -> String {
      guard let template else { return try row.text(column) }
      return try template.render { (name) throws(DatasetError) -> String in
        try row.text(name == role ? column : name)
      }
    }
    switch columns {
    case .text(let column): return [try formed("text", column)]
    case .promptCompletion(let prompt, let completion):
      return [try formed("prompt", prompt), try row.text(completion)]
    case .sourceTarget(let source, let target):
      return [try formed("source", source), try row.text(target)]
    case .labelled(let text, let pair, _):
      let first = try formed("text", text)
      return try [first]
        + (pair.map { column throws(DatasetError) in [try row.text(column)] } ?? [])
    case .words(let tokens, _):
      return (try row.value(tokens).array ?? []).compactMap(\.string)
    case .messages(let column):
      return (try row.value(column).array ?? []).compactMap { $0["content"]?.string }
    }
  }
}
