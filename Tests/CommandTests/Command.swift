import Foundation
import JSONSyntax
import Testing

/// The built `hone`, run as a person runs it.
struct Command {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// The package's directory.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The directory that the run works in.
  let directory: URL

  /// Makes a fresh directory, with a space in its name.
  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("hone command \(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  /// The binary beside the tests.
  private var binary: URL {
    get throws {
      let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      for folder in [beside, Bundle.main.bundleURL, beside.deletingLastPathComponent()] {
        let candidate = folder.appendingPathComponent("hone")
        if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      }
      let builds = ["release", "debug"].map {
        Self.root.appendingPathComponent(".build/\($0)/hone")
      }
      return try #require(
        builds.first { FileManager.default.isExecutableFile(atPath: $0.path) },
        "hone is not built")
    }
  }

  /// Starts `hone` with `arguments`; the caller waits.
  func start(
    _ arguments: [String], output: Pipe, errors: Pipe, input: FileHandle = .nullDevice
  ) throws -> Process {
    let process = Process()
    process.executableURL = try binary
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.merging([
      "XDG_CACHE_HOME": directory.appendingPathComponent("cache").path
    ]) { $1 }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return process
  }

  /// Runs `hone` with `arguments` to its end.
  func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Runs `hone` with `arguments` and with `input` as its standard input.
  func run(_ arguments: [String], input: String? = nil) throws -> Result {
    let (output, errors) = (Pipe(), Pipe())
    var source = FileHandle.nullDevice
    if let input {
      let file = directory.appendingPathComponent(".input")
      try Data(input.utf8).write(to: file)
      source = try FileHandle(forReadingFrom: file)
    }
    let process = try start(arguments, output: output, errors: errors, input: source)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  /// Gives every backend that was measured here the times of Tests/Fixtures/calibration.json.
  func useFixedTimes() throws {
    let name = "cache/hone/calibration.json"
    let times = try JSONValue(
      parsing: String(
        contentsOf: Self.root.appendingPathComponent("Tests/Fixtures/calibration.json"),
        encoding: .utf8))
    var cache = try #require(
      try JSONValue(parsing: String(decoding: bytes(name), as: UTF8.self)).object)
    let backends = try #require(cache["backends"]?.object)
    try #require(!backends.members.isEmpty)
    cache["backends"] = .object(JSONObject(backends.members.map { ($0.key, times) }))
    try write(JSONValue.object(cache).text(), to: name)
  }

  /// Makes the folder that the file `name` lies in.
  func makeFolder(of name: String) throws {
    try FileManager.default.createDirectory(
      at: directory.appendingPathComponent(name).deletingLastPathComponent(),
      withIntermediateDirectories: true)
  }

  /// Writes `text` to a file of the directory.
  func write(_ text: String, to name: String) throws {
    try text.write(
      to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
  }

  /// The bytes of a file of the directory.
  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: directory.appendingPathComponent(name))
  }

  /// The objects of a file of JSON lines.
  func lines(_ name: String) throws -> [JSONValue] {
    try String(decoding: bytes(name), as: UTF8.self).split(separator: "\n").map {
      try JSONValue(parsing: String($0))
    }
  }

  /// A pipeline that trains a created model on the repository's questions.
  func pipeline(
    name: String, hiddenSize: Int = 32, layers: Int = 2, rows: String = "size: 4",
    extra: String = "", steps: Int = 12, seed: Int = 5
  ) -> String {
    let root = Self.root.path
    return """
      hone: 1
      name: \(name)
      seed: \(seed)
      output: runs/\(name)
      backend: {cpu: {threads: 1}}
      model:
        create:
          architecture: llama
          hidden_size: \(hiddenSize)
          intermediate_size: \(2 * hiddenSize)
          num_hidden_layers: \(layers)
          num_attention_heads: 4
        tokenizer: \(JSONValue.string(root + "/pipelines/tiny").text())
      data:
        questions:
          load: \(JSONValue.string(root + "/pipelines/data/questions.jsonl").text())
          columns: {prompt: prompt, completion: completion}
          template: "{{prompt}}\\n"
          max_length: 128
      stages:
        - train:
            data: questions
            method: {lora: {r: 4, alpha: 8, dropout: 0.1, target_modules: [q_proj, v_proj]}}
            max_steps: \(steps)
            batch: {\(rows)}
            optimizer: {adam: {learning_rate: 1e-2, amsgrad: true}}
      \(extra)
        - export: {adapter: runs/\(name)/adapter}

      """
  }
}
