import Diagnostics
import YAMLSyntax

extension PipelineDecoder {
  /// The entries of `data`, in the order of the text.
  func data(_ reader: SectionReader) -> [DataSection] {
    guard let entry = reader.entry("data"), !entry.value.isNull else {
      if reader.isBroken { findings.markBroken("data") }
      return []
    }
    guard let entries = entry.value.entries else {
      let place = reader.place("data")
      findings.wrongType(
        entry.value, "a mapping of names to sources", place,
        help: "give the source a name: `data: {rows: {load: …}}`")
      findings.markBroken("data")
      return []
    }
    return entries.map { entry in
      checkName(entry.key, "data", at: entry.keySpan, path: "data.\(entry.key)")
      let section = SectionReader(
        DataTable.table.named(entry.key), entry.value, path: "data.\(entry.key)",
        keySpan: entry.keySpan, findings: findings)
      return self.section(section, name: entry.key)
    }
  }

  private func checkName(_ name: String, _ owner: String, at span: SourceSpan, path: String) {
    guard !NameRule.accepts(name, dots: false) else { return }
    findings.report(
      .valueOutOfRange,
      "a name in `\(owner)` is made of letters, digits and \(NameRule.signs(dots: false)); "
        + "found `\(Findings.excerpt(name))`", at: span, path,
      help: NameRule.suggestion(name, dots: false).map { "for example `\($0)`" })
  }

  private func section(_ section: SectionReader, name: String) -> DataSection {
    let columns = columns(section)
    let source = source(section)
    if section.isBroken { findings.markBroken(section.path(of: "split")) }
    return DataSection(
      name: name, source: source,
      format: section.optional(DataTable.format),
      columns: columns,
      template: section.optional(DataTable.template),
      lossOn: section.optional(DataTable.lossOn)
        ?? Setting(
          Self.defaultLoss(columns), path: section.path(of: "loss_on"), origin: .default),
      maxLength: section.optional(DataTable.maxLength),
      overlong: section.value(DataTable.overlong),
      endToken: section.value(DataTable.endToken),
      split: split(section),
      span: section.span, path: section.path)
  }

  private static func defaultLoss(_ columns: DataSection.Columns) -> DataSection.LossOn {
    switch columns {
    case .text: .all
    case .promptCompletion: .completion
    case .messages: .assistant
    }
  }

  private func columns(_ section: SectionReader) -> DataSection.Columns {
    let path = section.path(of: "columns")
    guard let columns = section.section("columns", ColumnsTable.table) else {
      return .text(Setting("text", path: "\(path).text", origin: .default))
    }
    let isPair = columns.entry("prompt") != nil || columns.entry("completion") != nil
    if columns.entry("text") == nil, isPair {
      let prompt = columns.value(ColumnsTable.prompt)
      let completion = columns.value(ColumnsTable.completion)
      _ = columns.optional(ColumnsTable.messages)
      return .promptCompletion(prompt: prompt, completion: completion)
    }
    if columns.entry("text") == nil, let messages = columns.optional(ColumnsTable.messages) {
      return .messages(messages)
    }
    if columns.entry("text") == nil { findings.markBroken(path) }
    return .text(columns.value(ColumnsTable.text))
  }

  private func source(_ section: SectionReader) -> DataSection.Source {
    if let entry = section.entry("mix"), section.entry("load") == nil {
      return .mix(mix(entry, section))
    }
    guard let entry = section.entry("load") else { return .load([]) }
    let place = section.place("load")
    if entry.value.elements != nil {
      return .load(
        findings.list(
          entry.value, of: DataTable.path, count: 1...10_000, isSet: true, place) ?? [])
    }
    return .load(
      DataTable.path.decode(entry.value, place, findings).map {
        [Setting($0, path: place.path, origin: entry.value.origin)]
      } ?? [])
  }

  private func mix(_ entry: SyntaxEntry, _ section: SectionReader) -> [DataSection.MixPart] {
    let place = section.place("mix")
    guard let nodes = entry.value.elements, !nodes.isEmpty else {
      findings.wrongType(
        entry.value, "a list of parts", place, help: "write `mix: [{data: …}, {data: …}]`")
      return []
    }
    return nodes.enumerated().map { index, node in
      let part = SectionReader(
        MixTable.table, node, path: place.element(index).path, keySpan: nil, findings: findings)
      return DataSection.MixPart(
        data: part.value(MixTable.data), weight: part.value(MixTable.weight))
    }
  }

  private func split(_ section: SectionReader) -> [DataSection.SplitPart] {
    section.map("split", DataTable.fraction).map { name, span, fraction in
      checkName(name, "split", at: span, path: fraction.path)
      return DataSection.SplitPart(name: name, fraction: fraction)
    }
  }
}

extension SectionTable {
  /// The same table for an entry that the user named.
  func named(_ name: String) -> SectionTable {
    SectionTable(name, identifier: identifier, summary, rules: rules, fields)
  }
}
