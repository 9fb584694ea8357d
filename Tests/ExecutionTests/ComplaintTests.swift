import CPUBackend
import Diagnostics
import Foundation
import Pipelines
import Planning
import Testing

/// What people asked other trainers to catch, each with the threads where they did.
///
/// `Tests/Fixtures/complaints/<name>` holds a pipeline with exactly the findings that `expected`
/// lists, and one with none; `hone plan` shows them as a user sees them.
struct Complaint: CustomTestStringConvertible {
  let name: String
  let threads: String

  init(_ name: String, _ threads: String) {
    self.name = name
    self.threads = threads
  }

  var testDescription: String { "\(name): \(threads)" }

  static let all = [
    Complaint("01-misspelt-target", "huggingface/peft#1959"),
    Complaint("02-seven-percent-of-layers", "huggingface/peft#3554"),
    Complaint("03-subset-of-layers", "huggingface/peft#3658"),
    Complaint("03-subset-by-exclusion", "huggingface/peft#3658"),
    Complaint("04-dead-names-of-an-example", "huggingface/trl#6773"),
    Complaint("05-pattern-in-a-list", "huggingface/peft#1206"),
    Complaint("05-layers-beside-a-pattern", "huggingface/peft#1024"),
    Complaint("05-layers-of-what-is-in-none", "huggingface/peft#1024"),
    Complaint("06-fused-name", "ml-explore/mlx-lm#90"),
    Complaint("06-nothing-trainable", "ml-explore/mlx-lm#90"),
    Complaint(
      "07-stale-keys", "ml-explore/mlx-examples#1067, mlx-examples#1313, ml-explore/mlx-lm#765"),
    Complaint("08-argument-of-another-optimizer", "meta-pytorch/torchtune#1646"),
    Complaint("09-typing-mistake", "MakazhanAlpamys/Soup#627"),
    Complaint(
      "10-quoted-learning-rate",
      "hiyouga/LlamaFactory#4149, LlamaFactory#4014, LlamaFactory#7793, huggingface/trl#1450"),
    Complaint("11-best-model", "hiyouga/LlamaFactory#8133, huggingface/transformers#12685"),
    Complaint("11-never-saved", "hiyouga/LlamaFactory#8133, huggingface/transformers#12685"),
    Complaint("12-nothing-left-to-learn", "huggingface/trl#4147, marin#7237"),
    Complaint("12-nothing-masked", "NVIDIA-NeMo/Megatron-Bridge#3359"),
    Complaint("12-some-without-an-answer", "huggingface/trl#4879, QwenLM/Qwen3#1522"),
    Complaint("12-answers-cut-off", "huggingface/trl#3927"),
    Complaint(
      "13-role-of-the-assistant", "unslothai/unsloth#2900, unsloth#2095, unsloth#2117"),
    Complaint("13-sharegpt-keys", "unslothai/unsloth#2364, unsloth#1128, unsloth#3041"),
    Complaint("14-limit-in-the-wrong-place", "unslothai/unsloth#2904"),
    Complaint("15-no-end-token", "axolotl#1608"),
    Complaint("16-no-such-column", "axolotl#1028, axolotl#879"),
    Complaint("16-default-column", "axolotl#618, axolotl#3655"),
    Complaint("16-template-variable", "axolotl#2757"),
    Complaint("22-tied-head-saved", "huggingface/peft#2777, huggingface/peft#2018"),
    Complaint(
      "22-tied-embedding-adapted", "huggingface/transformers#45127, hiyouga/LlamaFactory#6749"),
    Complaint("23-classifier", "huggingface/peft#2203, huggingface/peft#2243"),
    Complaint("23-encoder-decoder", "huggingface/peft#1596"),
    Complaint(
      "27-no-chat-template", "hiyouga/LlamaFactory#2509, LlamaFactory#5453, LlamaFactory#6214"),
    Complaint("27-no-template-for-a-prompt", "hiyouga/LlamaFactory#8356"),
    Complaint("28-rows-cut-in-silence", "huggingface/transformers#30998"),
    Complaint("rule-duplicate-key", "a key twice"),
    Complaint("rule-rank-above-dimensions", "a rank above the smaller side of a module"),
    Complaint("rule-context", "a limit above the model's context"),
    Complaint("rule-warm-up-of-all-steps", "a schedule that never leaves its warm-up"),
    Complaint("rule-rate-never-falls", "a schedule that never falls"),
    Complaint("rule-drop-last", "fewer rows than a batch"),
    Complaint("rule-measured-rows-are-trained-on", "held-out rows among those trained on"),
    Complaint("rule-exports-inside-each-other", "exports that replace each other"),
  ]
}

/// Complaints about running, resuming and exchanging files, by the tests that hold them.
///
/// `(row, threads, file, function)`.
private let heldElsewhere: [(Int, String, String, String)] = [
  (17, "axolotl#1813", "Tests/ExecutionTests/MachineTests.swift", "saysThatTheMemoryIsTooSmall"),
  (18, "caikit/caikit-nlp#226", "Tests/CommandTests/MemoryTests.swift", ""),
  (19, "huggingface/transformers#11323", "Tests/ExecutionTests/ResumptionTests.swift", ""),
  (20, "Blaizzy/mlx-vlm#2178", "Tests/ExecutionTests/ResumptionTests.swift", ""),
  (21, "huggingface/transformers#37766", "Tests/ModelsTests/TrainingFixtureTests.swift", ""),
  (24, "huggingface/peft#137", "Tests/ExecutionTests/GradientTests.swift", ""),
  (25, "sgl-project/sglang#40835", "Tests/ModelsTests/LoRAFixtureTests.swift", ""),
  (26, "ml-explore/mlx-lm#1119", "Tests/ArtifactsTests/AdapterTests.swift", ""),
  (29, "axolotl#3179", "Tests/ExecutionTests/MachineTests.swift", ""),
]

struct ComplaintTests {
  private static let project = #filePath.split(separator: "/").dropLast(3)
    .reduce("") { $0 + "/" + $1 }
  static let folder = project + "/Tests/Fixtures/complaints"

  /// What reading and planning a fixture finds: `error dead-target bad.yaml:14`.
  private func findings(_ name: String, _ file: String) throws -> [String] {
    let path = "\(Self.folder)/\(name)/\(file)"
    let text = try #require(FileManager.default.contents(atPath: path))
    let (pipeline, diagnostics) = PipelineReader.read(file: path, text: Array(text))
    let more =
      pipeline.map {
        Planner($0, backend: CPUBackend(threads: 1), honeVersion: "test").prepare().diagnostics
      } ?? []
    return (diagnostics + more).map { finding in
      #expect(finding.help != nil, "\(finding.message)")
      return Self.line(of: finding)
    }
  }

  /// A finding as a line of `expected`.
  static func line(of finding: Diagnostic) -> String {
    let place = finding.span.map { span in
      "\(span.file.split(separator: "/").last ?? ""):\(span.start.line)"
    }
    return "\(finding.severity) \(finding.code.rawValue) \(place ?? "nowhere")"
  }

  @Test(arguments: Complaint.all)
  func isCaughtBeforeAnythingIsComputed(complaint: Complaint) throws {
    let expected = try String(
      contentsOfFile: "\(Self.folder)/\(complaint.name)/expected", encoding: .utf8)
    #expect(
      try findings(complaint.name, "bad.yaml") == expected.split(separator: "\n").map(String.init))
    #expect(try findings(complaint.name, "good.yaml") == [])
  }

  @Test func everyFixtureIsInTheTable() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(Set(names).subtracting(["data", "models"]) == Set(Complaint.all.map(\.name)))
  }

  @Test func everyComplaintIsHeldByATest() throws {
    let rows = Complaint.all.compactMap { Int($0.name.prefix(2)) } + heldElsewhere.map(\.0)
    #expect(Set(rows) == Set(1...29))
    for (_, threads, file, function) in heldElsewhere {
      let path = Self.project + "/" + file
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("@Test") && text.contains("func \(function)"), "\(threads): \(file)")
    }
  }
}
