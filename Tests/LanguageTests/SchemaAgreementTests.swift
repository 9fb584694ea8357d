import Diagnostics
import JSONSyntax
import Pipelines
import SchemaChecker
import Testing
import YAMLSyntax

/// The schema that editors use, held against what the reader accepts.
@Suite struct SchemaAgreementTests {
  private static let schema = Result { try JSONSchema(PipelineReference.jsonSchema()) }

  /// What a schema can see: names, kinds and ranges of values, and which keys stand together.
  private static let visible: Set<DiagnosticCode> = [
    .unknownKey, .missingKey, .wrongType, .unknownChoice, .valueOutOfRange, .conflictingKeys,
    .unsupportedVersion,
  ]

  /// Where the reader compares settings or counts what a schema cannot, and so refuses more.
  private static let beyondSchema: [String] = [
    "model.create", "model.tokenizer", "data.pairs.split", "data.both.split",
    "data.prose.split", "data.talk.split", "stages[1].train.schedule.polynomial.lr_end",
    "stages[0].train.batch.sampler.distributed.rank",
  ]

  private static func value(_ bytes: [UInt8]) -> JSONValue? {
    SyntaxParser.parse(SourceText(file: "t", bytes: bytes)).root.map {
      JSONValue(coreValueOf: $0)
    }
  }

  // MARK: Whole pipelines

  @Test(arguments: FixturePipeline.files)
  func aPipelineThatTheReaderAcceptsFitsTheSchema(fixture: FixturePipeline) throws {
    let source = SourceText(file: fixture.name, bytes: fixture.bytes)
    let reading = PipelineReader.read(source, in: PipelineSurroundings(readFile: Self.readFile))
    guard !reading.diagnostics.contains(where: { $0.severity == .error }) else { return }
    let value = try #require(Self.value(fixture.bytes))
    #expect(try Self.schema.get().problems(in: value) == [], "\(fixture.name)")
  }

  private static let readFile: @Sendable (String) throws(DiagnosticError) -> SourceText = {
    (path: String) throws(DiagnosticError) -> SourceText in
    SourceText(file: path, bytes: projectFile(path))
  }

  @Test(arguments: FixturePipeline.examples)
  func anExampleIsRefusedBySchemaAndReaderAlikeWhereASchemaCanSee(
    fixture: FixturePipeline
  ) throws {
    let schema = try Self.schema.get()
    guard let value = Self.value(fixture.bytes) else { return }
    switch fixture.expectation {
    case .nothing, nil: #expect(schema.problems(in: value) == [])
    case .finding(let code):
      let source = SourceText(file: fixture.name, bytes: fixture.bytes)
      let isWarning = PipelineReader.read(source).diagnostics.allSatisfy { $0.severity == .warning }
      let isSeen = Self.visible.contains(code) && !Self.unseenExamples.contains(code)
      if isSeen && !isWarning { #expect(!schema.accepts(value), "\(fixture.name)") }
    }
  }

  /// Examples of visible codes whose mistake lies between settings.
  private static let unseenExamples: Set<DiagnosticCode> = []

  @Test func theSchemaIsDraft7AndRefusesWhatIsNoPipeline() throws {
    let json = PipelineReference.jsonSchema()
    #expect(json["$schema"]?.string == "http://json-schema.org/draft-07/schema#")
    let schema = try Self.schema.get()
    for value in [JSONValue.null, "hone: 1", [], [:], ["hone": 2, "name": "a"]] {
      #expect(!schema.accepts(value), "\(value)")
    }
  }

  @Test func everyPropertyIsDescribedAndWordsAreExplainedOneByOne() {
    var described = 0
    func visit(_ value: JSONValue) {
      for branch in value["oneOf"]?.array ?? [] where branch["const"] != nil {
        #expect(branch["description"]?.string?.isEmpty == false)
        described += 1
      }
      #expect(value["enum"] == nil)
      for (key, inner) in value.object?.members ?? [] {
        if key == "properties" {
          for (name, property) in inner.object?.members ?? [] where property.object != nil {
            #expect(property["description"]?.string?.isEmpty == false, "\(name)")
          }
        }
        visit(inner)
      }
      for inner in value.array ?? [] { visit(inner) }
    }
    let json = PipelineReference.jsonSchema()
    visit(json)
    #expect(described > 15)
    let batch = json["definitions"]?["batch"]?["properties"]?["size"]
    #expect(batch?["default"]?.integer == 8)
    #expect(batch?["x-unit"]?.string == "rows")
    #expect(batch?["examples"]?.array == [8])
  }

  // MARK: Every field, every kind of value

  /// Values of every kind, at and beyond the ends of ranges.
  private static let candidates: [JSONValue] = [
    .null, true, -1, 0, 1, 3, 0.5, 1.5, 1_000_000_000_000_000_000, "word", "a b/ü", "", "8", "10%",
    "5 steps", "0 steps", "1 epoch", "linear", "none", [], ["word"], [1, 2], [0.5, 0.9], [0.5, 2],
    [["word"]], [:], ["word": 1], ["learning_rate": 1], ["x-mine": 1],
  ]

  /// Pipelines that hold every key between them, as values.
  private static func wholePipelines() throws -> [JSONValue] {
    try [
      "every-key.yaml", "creation.yaml", "founding.yaml",
      "classification.yaml", "translation.yaml", "masking.yaml",
      "tagging.yaml", "made-tokenizer.yaml",
      "expression.yaml",
    ].map { try #require(value(fixture($0))) }
  }

  @Test(arguments: PipelineReference.fields())
  func aFieldsExampleFitsTheSchema(field: PipelineField) throws {
    guard !field.example.contains("…") else { return }
    let schema = PipelineReference.jsonSchema()
    let example = try #require(Self.value(Array(field.example.utf8)))
    let rule = try #require(Self.rule(for: field.path, in: schema))
    var root = rule.object ?? JSONObject()
    root["definitions"] = schema["definitions"]
    #expect(try JSONSchema(.object(root)).problems(in: example) == [], "\(field.path)")
  }

  /// The property of the schema at a path of the field table.
  private static func rule(for path: String, in schema: JSONValue) -> JSONValue? {
    var rules: [JSONValue] = [schema]
    for step in path.split(separator: ".") {
      let key = step.prefix { $0 != "[" }
      rules = rules.flatMap { expanded($0, schema) }.compactMap { rule in
        key == "<name>" ? rule["additionalProperties"] : rule["properties"]?[String(key)]
      }.filter { $0.object != nil }
      if step.hasSuffix("[]") {
        rules = rules.flatMap { expanded($0, schema) }.compactMap { $0["items"] }
      }
    }
    return rules.first
  }

  /// A rule and all that it refers to.
  private static func expanded(_ rule: JSONValue, _ schema: JSONValue) -> [JSONValue] {
    var found = [rule]
    if let name = rule["$ref"]?.string?.split(separator: "/").last,
      let target = schema["definitions"]?[String(name)]
    {
      found += expanded(target, schema)
    }
    let branches =
      (rule["anyOf"]?.array ?? []) + (rule["allOf"]?.array ?? [])
      + [rule["else"]].compactMap { $0 }
    return found + branches.flatMap { expanded($0, schema) }
  }

  @Test(arguments: PipelineReference.fields())
  func schemaAndReaderRefuseTheSameValuesOfAField(field: PipelineField) throws {
    let schema = try Self.schema.get()
    let wholes = try Self.wholePipelines()
    // What a fixture cannot hold at once lies in another or has no settings.
    guard
      let whole = wholes.first(where: { !Self.places(of: field.path, in: $0).isEmpty }),
      let place = Self.places(of: field.path, in: whole).first
    else {
      #expect(Self.absent.contains(field.path), "\(field.path) is in no fixture")
      return
    }
    var refused = 0
    for candidate in Self.candidates {
      let changed = Self.replacing(place[...], with: candidate, in: whole)
      let path = Self.text(of: place)
      let found = PipelineReader.read(file: "t", text: Array(changed.text().utf8)).diagnostics
      let errors = found.filter { $0.severity == .error }
      let problems = schema.problems(in: changed)
      if problems.isEmpty {
        let seen = errors.filter { finding in
          guard let place = finding.path, Self.visible.contains(finding.code) else { return false }
          return place.hasPrefix(path) && !Self.beyondSchema.contains { path.hasPrefix($0) }
        }
        #expect(seen.isEmpty, "the schema accepts \(path): \(candidate.text())")
      } else {
        refused += 1
        #expect(!errors.isEmpty, "the reader accepts \(path): \(candidate.text()); \(problems)")
      }
    }
    #expect(refused > 0, "no value of \(field.path) is refused")
  }

  /// Keys that no fixture holds.
  private static let absent: Set<String> = [
    "model.load", "backend.reference", "stages[].train.schedule.constant",
    "stages[].train.schedule.linear", "extends", "vars", "matrix",
  ]

  private enum Step: Hashable {
    case key(String)
    case index(Int)
  }

  /// The places in a value that a path of the field table names.
  private static func places(of path: String, in value: JSONValue) -> [[Step]] {
    var places: [(steps: [Step], value: JSONValue)] = [([], value)]
    for piece in path.split(separator: ".") {
      let key = String(piece.prefix { $0 != "[" })
      places = places.flatMap { place -> [(steps: [Step], value: JSONValue)] in
        let members = place.value.object?.members ?? []
        return members.filter { key == "<name>" || $0.key == key }.map {
          (place.steps + [.key($0.key)], $0.value)
        }
      }
      if piece.hasSuffix("[]") {
        places = places.flatMap { place in
          (place.value.array ?? []).enumerated().map { (place.steps + [.index($0)], $1) }
        }
      }
    }
    return places.map(\.steps)
  }

  private static func replacing(
    _ steps: ArraySlice<Step>, with new: JSONValue, in value: JSONValue
  ) -> JSONValue {
    switch steps.first {
    case nil: return new
    case .key(let key):
      var object = value.object ?? JSONObject()
      object[key] = replacing(steps.dropFirst(), with: new, in: object[key] ?? .null)
      return .object(object)
    case .index(let index):
      var elements = value.array ?? []
      if elements.indices.contains(index) {
        elements[index] = replacing(steps.dropFirst(), with: new, in: elements[index])
      }
      return .array(elements)
    }
  }

  /// A place as findings name it.
  private static func text(of steps: [Step]) -> String {
    steps.reduce("") { text, step in
      switch step {
      case .key(let key): text.isEmpty ? key : "\(text).\(key)"
      case .index(let index): "\(text)[\(index)]"
      }
    }
  }
}
