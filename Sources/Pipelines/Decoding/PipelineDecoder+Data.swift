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
    let source = source(section)
    let columns = columns(section, source)
    let (maxLength, maxSourceLength) = maxLengths(section)
    let transform = section.sectionOrDefault("transform", TransformTable.table)
    if section.isBroken { findings.markBroken(section.path(of: "split")) }
    return DataSection(
      name: name, source: source,
      format: section.optional(DataTable.format),
      columns: columns,
      template: section.optional(DataTable.template),
      lossOn: section.optional(DataTable.lossOn)
        ?? Setting(
          Self.defaultLoss(columns), path: section.path(of: "loss_on"), origin: .default),
      maxLength: maxLength, maxSourceLength: maxSourceLength,
      overlong: section.value(DataTable.overlong),
      endToken: section.value(DataTable.endToken),
      maskProbability: section.value(DataTable.maskProbability),
      sourceTransform: transform.value(TransformTable.source),
      targetTransform: transform.value(TransformTable.target),
      split: split(section),
      span: section.span, path: section.path)
  }

  private static func defaultLoss(_ columns: DataSection.Columns) -> DataSection.LossOn {
    switch columns {
    case .text: .all
    case .promptCompletion: .completion
    case .messages: .assistant
    case .sourceTarget, .labelled, .words: .all
    }
  }

  /// The limits on targets, which are those of rows where there is no source, and on sources.
  private func maxLengths(_ section: SectionReader) -> (Setting<Int>?, Setting<Int>?) {
    guard let entry = section.entry("max_length") else { return (nil, nil) }
    if entry.value.entries != nil,
      let limits = section.section("max_length", MaxLengthTable.table)
    {
      return (limits.optional(MaxLengthTable.target), limits.optional(MaxLengthTable.source))
    }
    let place = section.place("max_length")
    guard let value = DataTable.length.decode(entry.value, place, findings) else {
      findings.markBroken(place.path)
      return (nil, nil)
    }
    let setting = Setting(value, path: place.path, origin: entry.value.origin)
    return (setting, setting)
  }

  private func columns(
    _ section: SectionReader, _ source: DataSection.Source
  ) -> DataSection.Columns {
    let path = section.path(of: "columns")
    guard let columns = section.section("columns", ColumnsTable.table) else {
      if case .pair = source {
        return .sourceTarget(
          source: Setting("source", path: "\(path).source", origin: .default),
          target: Setting("target", path: "\(path).target", origin: .default))
      }
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
    if columns.entry("text") == nil, let given = columns.optional(ColumnsTable.source) {
      return .sourceTarget(source: given, target: columns.value(ColumnsTable.target))
    }
    if columns.entry("text") == nil, let tokens = columns.optional(ColumnsTable.tokens) {
      return .words(tokens: tokens, tags: columns.value(ColumnsTable.tags))
    }
    if columns.entry("text") == nil { findings.markBroken(path) }
    let text = columns.value(ColumnsTable.text)
    let pair = columns.optional(ColumnsTable.textPair)
    guard let label = labelColumns(columns) else { return .text(text) }
    return .labelled(text: text, pair: pair, label: label)
  }

  /// The columns that hold labels or numbers; nil where the key is not written.
  private func labelColumns(_ columns: SectionReader) -> [Setting<String>]? {
    guard let entry = columns.entry("label") else { return nil }
    let place = columns.place("label")
    if entry.value.elements != nil {
      let found = findings.list(
        entry.value, of: ColumnsTable.labelColumn, count: 1...65_536, isSet: true, place)
      if found == nil { findings.markBroken(place.path) }
      return found ?? []
    }
    guard let name = ColumnsTable.labelColumn.decode(entry.value, place, findings) else {
      findings.markBroken(place.path)
      return []
    }
    return [Setting(name, path: place.path, origin: entry.value.origin)]
  }

  private func source(_ section: SectionReader) -> DataSection.Source {
    if let entry = section.entry("mix"), section.entry("load") == nil {
      return .mix(mix(entry, section))
    }
    guard let entry = section.entry("load") else { return .load([]) }
    let place = section.place("load")
    if entry.value.entries != nil, let pair = section.section("load", PairTable.table) {
      return .pair(
        source: pair.value(PairTable.source), target: pair.value(PairTable.target))
    }
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
