import Diagnostics
import JSONSyntax
import Pipelines
import Testing
import YAMLSyntax

/// A setting of any value, as a walk through a pipeline meets it.
private struct SeenSetting: Hashable {
  let path: String
  let span: SourceSpan?
}

/// A key that is accepted is a key that is used.
@Suite struct FieldTableTests {
  /// Every setting that a pipeline holds, found by reflection.
  private static func settings(in value: Any) -> [SeenSetting] {
    var found: [SeenSetting] = []
    func visit(_ value: Any) {
      let mirror = Mirror(reflecting: value)
      let children = Dictionary(
        mirror.children.compactMap { child in child.label.map { ($0, child.value) } },
        uniquingKeysWith: { first, _ in first })
      if let path = children["path"] as? String, let origin = children["origin"] as? Origin {
        if case .file(let span) = origin { found.append(SeenSetting(path: path, span: span)) }
        return
      }
      for child in mirror.children { visit(child.value) }
    }
    visit(value)
    return found
  }

  /// The scalars of a tree with their paths.
  private static func scalars(_ node: SyntaxNode, _ path: String) -> [SeenSetting] {
    switch node.content {
    case .scalar: return [SeenSetting(path: path, span: node.span)]
    case .sequence(let elements):
      return elements.enumerated().flatMap { scalars($1, "\(path)[\($0)]") }
    case .mapping(let entries):
      return entries.filter { !$0.key.hasPrefix("x-") }.flatMap {
        scalars($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)")
      }
    }
  }

  @Test(arguments: ["support-lora.yaml", "every-key.yaml"])
  func everyValueThatIsWrittenReachesThePipelineWithItsPlace(name: String) throws {
    let source = SourceText(file: name, bytes: fixture(name))
    let root = try #require(SyntaxParser.parse(source).root)
    let pipeline = try #require(PipelineReader.read(source).pipeline)
    let settings = Set(Self.settings(in: pipeline))
    for scalar in Self.scalars(root, "") where scalar.path != "hone" {
      // `clip_norm: none` leaves clipping out, so there is no setting.
      if scalar.path == "stages[0].train.clip_norm", name == "every-key.yaml" { continue }
      // Of a word that chooses a shape (`backend: cpu`) and a list that is one value, the whole counts.
      let isThere = settings.contains { setting in
        guard let span = setting.span, let place = scalar.span else { return false }
        let covers = span.start <= place.start && place.end <= span.end
        return covers && scalar.path.hasPrefix(setting.path)
      }
      #expect(isThere, "\(scalar.path)")
    }
  }

  /// The keys that the schema knows, as `definition.key`.
  private static func schemaKeys() -> Set<String> {
    let schema = PipelineReference.jsonSchema()
    var keys: Set<String> = []
    func add(_ object: JSONValue, _ name: String) {
      for (key, _) in object["properties"]?.object?.members ?? [] { keys.insert("\(name).\(key)") }
    }
    for (name, definition) in schema["definitions"]?.object?.members ?? []
    where !name.hasSuffix("_overlay") {
      add(definition, name)
    }
    return keys
  }

  @Test func theFixtureHoldsEveryKeyOfTheLanguage() throws {
    let schema = PipelineReference.jsonSchema()
    var used: Set<String> = []
    /// Follows a schema along a node and notes each key.
    func visit(_ node: SyntaxNode, _ form: JSONValue) {
      if let reference = form["$ref"]?.string, let name = reference.split(separator: "/").last {
        if let definition = schema["definitions"]?[String(name)] {
          section(node, definition, String(name))
        }
        return
      }
      for branch in (form["anyOf"]?.array ?? []) + (form["allOf"]?.array ?? []) {
        visit(node, branch)
      }
      if let items = form["items"] { for element in node.elements ?? [] { visit(element, items) } }
      if let values = form["additionalProperties"], values.object != nil {
        for entry in node.entries ?? [] { visit(entry.value, values) }
      }
    }
    func section(_ node: SyntaxNode, _ definition: JSONValue, _ name: String) {
      for entry in node.entries ?? [] {
        guard let property = definition["properties"]?[entry.key] else { continue }
        used.insert("\(name).\(entry.key)")
        visit(entry.value, property)
      }
    }
    for fixtureName in [
      "every-key.yaml", "support-lora.yaml", "creation.yaml", "founding.yaml",
      "classification.yaml",
      "translation.yaml", "made-tokenizer.yaml",
      "masking.yaml", "tagging.yaml", "expression.yaml",
    ] {
      let source = SourceText(file: fixtureName, bytes: fixture(fixtureName))
      let root = try #require(SyntaxParser.parse(source).root)
      section(root, try #require(schema["definitions"]?["pipeline"]), "pipeline")
    }
    // `reference` is the other backend, `constant` and `linear` are shapes without settings.
    // What composes a pipeline leaves no setting of its own.
    let unused: Set = [
      "backend.reference", "schedule.constant", "schedule.linear", "pipeline.extends",
      "pipeline.vars", "pipeline.matrix",
    ]
    #expect(Self.schemaKeys().subtracting(used) == unused)
  }

  @Test func settingsThatAreNotWrittenHaveTheirDefaults() throws {
    let text = """
      hone: 1
      name: demo
      model: {load: m}
      data: {rows: {load: r.jsonl}}
      stages:
        - train: {data: rows, method: {lora: {r: 8, alpha: 16}}, epochs: 1, optimizer: {adamw: {learning_rate: 1}}}
        - evaluate: {data: rows}
        - generate: {prompts: [a]}
      """
    let (read, diagnostics) = PipelineReader.read(file: "t", text: Array(text.utf8))
    #expect(diagnostics.isEmpty)
    let pipeline = try #require(read)
    #expect(pipeline.seed == Setting(42, path: "seed", origin: .default))
    #expect(pipeline.output == Setting("runs/demo", path: "output", origin: .default))
    #expect(pipeline.model.task.value == .causalLM)
    #expect(pipeline.model.dtype.value == .float32)
    let rows = try #require(pipeline.data.first)
    #expect(
      rows.columns == .text(Setting("text", path: "data.rows.columns.text", origin: .default)))
    #expect(rows.lossOn.value == .all)
    #expect(rows.overlong.value == .truncate)
    #expect(rows.endToken.value)
    #expect(rows.maxLength == nil && rows.template == nil && rows.split.isEmpty)
    guard case .train(let train) = pipeline.stages[0].work, case .lora(let lora) = train.method,
      case .adamw(let adam) = train.optimizer.kind,
      case .evaluate(let evaluate) = pipeline.stages[1].work,
      case .generate(let generate) = pipeline.stages[2].work
    else {
      Issue.record("other stages")
      return
    }
    #expect(lora.dropout.value == 0 && lora.bias.value == .none && !lora.useRSLoRA.value)
    #expect(lora.targetModules == .familyDefault && lora.excludeModules == nil)
    #expect(lora.rankPattern.isEmpty && lora.modulesToSave.isEmpty && lora.initialAdapter == nil)
    #expect(train.batch.size.value == 8 && train.batch.accumulate.value == 1)
    #expect(!train.batch.dropLast.value && !train.batch.packing.value)
    #expect(
      train.batch.order
        == .shuffle(Setting(true, path: "stages[0].train.batch.shuffle", origin: .default)))
    #expect(train.startEpoch.value == 0)
    #expect(adam.beta1.value == 0.9 && adam.beta2.value == 0.999 && adam.epsilon.value == 1e-8)
    #expect(!adam.amsgrad.value && train.optimizer.weightDecay.value == 0.01)
    #expect(train.schedule.kind == .linear && train.schedule.warmup.value == .steps(0))
    #expect(train.clipNorm == Setting(1, path: "stages[0].train.clip_norm", origin: .default))
    #expect(train.checkpoint == nil && train.evaluate == nil)
    #expect(evaluate.measurement.metrics.map(\.value) == [.loss, .perplexity])
    #expect(evaluate.batchSize.value == 8)
    #expect(generate.maxNewTokens.value == 64 && generate.temperature.value == 0)
    #expect(generate.topK == nil && generate.topP == nil && !generate.chat.value)
  }
}
