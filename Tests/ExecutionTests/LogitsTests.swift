import Artifacts
import Diagnostics
import Execution
import Foundation
import JSONSyntax
import Planning
import Testing

/// What `hone logits` computes of encoders and encoder–decoders, against transformers.
struct LogitsTests {
  private static let fixtures = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// Copies a model of the fixtures to `model`, with a tokenizer beside it as BERT's are.
  private func bring(_ name: String) throws -> JSONValue {
    try FileManager.default.copyItem(
      atPath: Self.fixtures.appendingPathComponent(name).path, toPath: place.path("model"))
    let words = (5..<40).map { "word\($0)\n" }.joined()
    try place.write("model/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n" + words)
    return try JSONFile.value(at: place.path("model/oracle.json"))
  }

  private func configure(_ changes: [String: JSONValue]) throws {
    let json = try JSONFile.value(at: place.path("model/config.json"))
    var members = try #require(json.object)
    for (key, value) in changes { members[key] = value }
    try place.write("model/config.json", JSONValue.object(members).text(.indented))
  }

  private func rows(_ json: JSONValue?) throws -> [[Int32]] {
    try #require(json?.array).map { row in
      (row.array ?? []).compactMap { $0.integer.map { Int32($0) } }
    }
  }

  /// The largest difference from transformers' logits `(B, T, V)`, over the first `lengths` of each row.
  private func difference(_ found: [[[Float]]], lengths: [Int]) throws -> Float {
    let file = try SafetensorsFile.open(place.path("model/oracle.safetensors"))
    let tensor = try #require(file.tensors.first { $0.name == "logits" })
    var expected = [Float](repeating: 0, count: tensor.shape.count)
    expected.withUnsafeMutableBufferPointer { tensor.readFloat32(into: $0) }
    let (length, width) = (tensor.shape.dimensions[1], tensor.shape.dimensions[2])
    var worst: Float = 0
    for (row, count) in lengths.enumerated() {
      try #require(found[row].count == count && found[row].allSatisfy { $0.count == width })
      for (place, value) in found[row].joined().enumerated() {
        worst = max(worst, abs(value - expected[row * length * width + place]))
      }
    }
    return worst
  }

  @Test(arguments: ["roberta-masked", "distilbert-masked"])
  func anEncoderSeesWhatFollowsAndHasItsHead(name: String) throws {
    let oracle = try bring("heads/\(name)")
    let lengths = try rows(oracle["attention_mask"]).map { $0.count { $0 == 1 } }
    let tokens = try zip(rows(oracle["input_ids"]), lengths).map { Array($0.prefix($1)) }
    let found = try LogitsComputation.logits(
      of: PreparedModel(path: place.path("model")), adapter: nil, tokens: tokens,
      backend: place.backend)
    #expect(try difference(found, lengths: lengths) <= 1e-4)
  }

  private func translated(_ oracle: JSONValue) throws -> Float {
    let lengths = try #require(oracle["target_lengths"]?.array).compactMap(\.integer)
    let sourceLengths = try rows(oracle["source_mask"]).map { $0.count { $0 == 1 } }
    let found = try LogitsComputation.logits(
      of: PreparedModel(path: place.path("model")), adapter: nil,
      tokens: zip(rows(oracle["decoder_input_ids"]), lengths).map { Array($0.prefix($1)) },
      sources: zip(rows(oracle["source_ids"]), sourceLengths).map { Array($0.prefix($1)) },
      backend: place.backend)
    return try difference(found, lengths: lengths)
  }

  @Test(arguments: ["bart", "t5", "t5-gated", "t5-untied"])
  func aDecoderReadsItsSource(name: String) throws {
    let oracle = try bring("seq2seq/\(name)")
    #expect(try translated(oracle) <= 1e-4)
  }

  /// transformers 5 writes this configuration for every T5 and goes by the weights.
  @Test func aHeadThatDiffersFromItsTableIsNotTied() throws {
    let oracle = try bring("seq2seq/t5-untied")
    try configure(["tie_word_embeddings": true, "scale_decoder_outputs": false])
    #expect(try translated(oracle) <= 1e-4)
    let model = try PreparedModel(path: place.path("model"))
    #expect(model.description.parameter("lm_head.weight")?.tiedTo == nil)
  }

  /// The stacks of a T5 have one table; a checkpoint with another for one of them is refused, not misread.
  @Test func aTableThatDiffersFromTheOneOfItsFamilyIsRefused() throws {
    _ = try bring("seq2seq/t5")
    let file = try SafetensorsFile.open(place.path("model/model.safetensors"))
    let table = try #require(file.tensors.first { $0.name == "shared.weight" })
    var values = [Float](repeating: 0, count: table.shape.count)
    values.withUnsafeMutableBufferPointer { table.readFloat32(into: $0) }
    let name = "encoder.embed_tokens.weight"
    let others = file.tensors.filter { $0.name != name }.map { TensorOutput($0, as: .float32) }
    func save(_ values: [Float]) throws {
      try SafetensorsWriter.write(
        others + [TensorOutput(name, table.shape, values)],
        to: place.path("model/other.safetensors"))
      try place.remove("model/model.safetensors")
      try place.copy("model/other.safetensors", to: "model/model.safetensors")
      try place.remove("model/other.safetensors")
    }
    try save(values)
    #expect(throws: Never.self) { try PreparedModel(path: place.path("model")) }
    values[7] += 1
    try save(values)
    let error = #expect(throws: DiagnosticError.self) {
      try PreparedModel(path: place.path("model"))
    }
    let finding = error?.diagnostics.first
    #expect(finding?.code == .invalidModelConfiguration)
    #expect(finding?.message.contains("`\(name)` has other values than `shared.weight`") == true)
  }

  @Test func sourcesBelongToModelsWithAnEncoderAndADecoder() throws {
    _ = try bring("seq2seq/bart")
    let model = try PreparedModel(path: place.path("model"))
    for sources in [[], [[]], [[5], [6]]] as [[[Int32]]] {
      let error = #expect(throws: DiagnosticError.self) {
        try LogitsComputation.logits(
          of: model, adapter: nil, tokens: [[2, 5]], sources: sources, backend: place.backend)
      }
      #expect(error?.diagnostics.first?.code == .invalidJSON)
    }
  }

  @Test func textsOfUnknownWordsHaveNothingToHide() throws {
    _ = try bring("heads/bert-masked")
    let (run, diagnostics) = place.prepare(
      place.text(
        model: "load: model\n  task: masked_lm",
        data: "rows: {load: rows.jsonl, columns: {text: text}}", "  - evaluate: {data: rows}"))
    let finding = try #require(diagnostics.first)
    #expect(run == nil)
    #expect(finding.code == .noSupervisedTokens)
    #expect(finding.help?.contains("do_lower_case") == true)
  }
}
