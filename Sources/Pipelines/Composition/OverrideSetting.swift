import Diagnostics
import YAMLSyntax

/// Sets the value of one `--set` in a tree, along the field table.
struct OverrideSetting {
  let override: OverridePath
  /// What is wrong with the path, once it has been found.
  private(set) var problem: Diagnostic?

  init(_ override: OverridePath) { self.override = override }

  /// The tree with the value set; nil where the path leads nowhere, which `problem` explains.
  mutating func set(in root: SyntaxNode) -> SyntaxNode? {
    if let first = override.steps.first, first.part == .key("extends") {
      return refuse(
        .conflictingKeys, "`extends` cannot be set here", first,
        "`--set` changes what the files say together; name another pipeline instead", "extends")
    }
    return node(root, .section(PipelineTable.table), override.steps[...], path: "")
  }

  private mutating func node(
    _ node: SyntaxNode?, _ form: ValueForm?, _ steps: ArraySlice<OverridePath.Step>, path: String
  ) -> SyntaxNode? {
    guard let step = steps.first else { return override.value }
    switch step.part {
    case .key(let key):
      return mapping(node, form, key, step, steps.dropFirst(), path: path)
    case .index(let index):
      guard let elements = elements(node, form, step, path: path) else { return nil }
      guard elements.indices.contains(index) else {
        let range =
          elements.isEmpty
          ? "it has no elements to change; set the whole list"
          : elements.count == 1
            ? "there is only `[0]`" : "they are counted from `[0]` to `[\(elements.count - 1)]`"
        return refuse(
          .valueOutOfRange,
          "`\(path)` has \(elements.count) element\(elements.count == 1 ? "" : "s"); "
            + "there is no `[\(index)]`", step, range, path)
      }
      return list(node, elements, form, index, steps.dropFirst(), path: path)
    case .name(let name):
      guard let elements = elements(node, form, step, path: path) else { return nil }
      guard form?.element?.table?.identifier == StageTable.table.identifier else {
        return refuse(
          .wrongType, "the elements of `\(path)` have no names", step,
          "count them from 0: `\(path)[0]`", path)
      }
      let names = Self.stageNames(elements)
      guard let index = names.firstIndex(of: name) else {
        let near = Suggestion.nearest(to: name, among: names)
        return refuse(
          .unknownKey, "no stage is called `\(Findings.excerpt(name))`", step,
          near.map { "did you mean `\($0)`?" }
            ?? "the stages are " + names.map { "`\($0)`" }.joined(separator: ", "), path)
      }
      return list(node, elements, form, index, steps.dropFirst(), path: path)
    }
  }

  // MARK: Mappings

  private mutating func mapping(
    _ node: SyntaxNode?, _ form: ValueForm?, _ key: String, _ step: OverridePath.Step,
    _ rest: ArraySlice<OverridePath.Step>, path: String
  ) -> SyntaxNode? {
    let inner = path.isEmpty ? key : "\(path).\(key)"
    let node = node.map { TreeMerge.expanded($0, form) }
    let entries = node?.entries ?? []
    if let form, !key.hasPrefix("x-") || form.table == nil {
      if form.table == nil, !form.isMap, !form.isAnything {
        return refuseKey(key, form, node, step, path: path)
      }
      if let table = form.table, table.field(key) == nil, !form.isMap {
        let advice = KeyAdvice(for: key, in: table, written: [])
        return refuse(
          .unknownKey, "unknown key `\(Findings.excerpt(key))` in \(title(table, path))", step,
          advice.help, inner)
      }
      let names = entries.map(\.key)
      if form.isMap, !names.contains(key), let slip = Suggestion.slip(of: key, among: names) {
        return refuse(
          .unknownKey, "`\(path)` has no `\(Findings.excerpt(key))`", step,
          "did you mean `\(slip)`?", inner)
      }
    }
    if let text = node?.scalar?.text, text.utf8.contains(UInt8(ascii: "$")),
      ReferenceText.mayHold(text)
    {
      return refuse(
        .conflictingKeys, "`\(path)` is `\(Findings.excerpt(text))`, a variable", step,
        "set the variable, or the whole of `\(path)`", inner)
    }
    var kept = TreeMerge.kept(entries, beside: [key], form)
    let index = kept.firstIndex { $0.key == key }
    guard
      let value = self.node(
        index.map { kept[$0].value }, form?.member(key), rest, path: inner)
    else { return nil }
    let keySpan = rest.isEmpty ? step.span : index.map { kept[$0].keySpan } ?? step.span
    let entry = SyntaxEntry(key: key, keySpan: keySpan, value: value)
    if let index { kept[index] = entry } else { kept.append(entry) }
    return SyntaxNode(.mapping(kept), span: node?.span ?? step.span)
  }

  private mutating func refuseKey(
    _ key: String, _ form: ValueForm, _ node: SyntaxNode?, _ step: OverridePath.Step, path: String
  ) -> SyntaxNode? {
    guard let element = form.element else {
      return refuse(
        .unknownKey, "`\(path)` has no keys", step, "it takes \(form.noun): `\(path)=…`", path)
    }
    let isStages = element.table?.identifier == StageTable.table.identifier
    let names = isStages ? Self.stageNames(node?.elements ?? []) : []
    let near = names.first { $0 == key } ?? names.first
    return refuse(
      .unknownKey, "`\(path)` is a list and has no `\(Findings.excerpt(key))`", step,
      near.map { "write `\(path)[\($0)]`, or count from `\(path)[0]`" }
        ?? "count its elements from `\(path)[0]`", path)
  }

  // MARK: Lists

  private mutating func elements(
    _ node: SyntaxNode?, _ form: ValueForm?, _ step: OverridePath.Step, path: String
  ) -> [SyntaxNode]? {
    if let elements = node?.elements { return elements }
    if form?.element != nil {
      _ = refuse(
        .valueOutOfRange,
        node == nil ? "`\(path)` is not written" : "`\(path)` is no list here", step,
        "set all of it: `\(path)=[…]`", path)
    } else {
      _ = refuse(
        .wrongType, "`\(path)` is no list", step,
        form?.table.flatMap(\.fields.first).map { "its keys follow a dot: `\(path).\($0.key)`" }
          ?? "set all of it: `\(path)=…`", path)
    }
    return nil
  }

  private mutating func list(
    _ node: SyntaxNode?, _ elements: [SyntaxNode], _ form: ValueForm?, _ index: Int,
    _ rest: ArraySlice<OverridePath.Step>, path: String
  ) -> SyntaxNode? {
    var elements = elements
    guard let node,
      let value = self.node(elements[index], form?.element, rest, path: "\(path)[\(index)]")
    else { return nil }
    elements[index] = value
    return SyntaxNode(.sequence(elements), span: node.span)
  }

  /// What the stages are called: by their own names, else by their kind, numbered.
  static func stageNames(_ stages: [SyntaxNode]) -> [String] {
    let drafts = stages.map { stage -> (kind: String, name: String?) in
      let kind = stage.entries?.first { Stage.Kind(rawValue: $0.key) != nil }
      let name = kind?.value.entries?.first { $0.key == "name" }?.value.scalar?.text
      return (kind?.key ?? "", name)
    }
    var taken = Set(drafts.compactMap(\.name))
    return drafts.map { kind, name in
      if let name { return name }
      var own = kind
      var number = 1
      while !taken.insert(own).inserted {
        number += 1
        own = "\(kind)-\(number)"
      }
      return own
    }
  }

  // MARK: Findings

  private func title(_ table: SectionTable, _ path: String) -> String {
    path.isEmpty ? table.title : "`\(path)`"
  }

  private mutating func refuse(
    _ code: DiagnosticCode, _ message: String, _ step: OverridePath.Step, _ help: String,
    _ path: String
  ) -> SyntaxNode? {
    problem = Diagnostic(
      .error, code, message, at: step.span, path: path.isEmpty ? nil : path, help: help)
    return nil
  }
}
