import Artifacts
import Diagnostics
import Glibc
import JSONSyntax
import Tensors
import Testing

/// Files and directories that are written: whole, in one step, or not at all.
struct OutputTests {
  private let failure = ArtifactError.missing(path: "made up")

  @Test func aFileReplacesAnotherInOneStep() throws {
    let directory = try TemporaryDirectory()
    try AtomicFile.write(directory["a/b/file"], "one")
    try AtomicFile.write(directory["a/b/file"], "two")
    #expect(try Fixture.read(directory["a/b/file"]) == Array("two".utf8))
    #expect(FilePaths.entries(of: directory["a/b"]) == ["file"])
  }

  @Test func aFileThatFailsLeavesNothing() throws {
    let directory = try TemporaryDirectory()
    try AtomicFile.write(directory["file"], "before")
    #expect(throws: failure) {
      try AtomicFile.write(directory["file"]) { (file) throws(ArtifactError) in
        try file.write([1, 2, 3])
        throw failure
      }
    }
    #expect(try Fixture.read(directory["file"]) == Array("before".utf8))
    #expect(FilePaths.entries(of: directory.path) == ["file"])
  }

  @Test func aFileOfManyPiecesIsWhole() throws {
    let directory = try TemporaryDirectory()
    let large = [UInt8](repeating: 7, count: 300_000)
    try AtomicFile.write(directory["file"]) { (file) throws(ArtifactError) in
      for count in [1, 200_000, 100_000, 300_000, 5, 262_144, 0, 3] {
        try file.write(Array(large[..<count]))
      }
    }
    #expect(try Fixture.read(directory["file"]).count == 862_153)
  }

  @Test(arguments: ["/proc/hone/file", "/dev/null/file"])
  func aPlaceThatCannotBeWrittenIsNamed(path: String) throws {
    let error = #expect(throws: ArtifactError.self) { try AtomicFile.write(path, "x") }
    #expect(error?.diagnostic.code == .unwritableOutput)
    #expect(error?.diagnostic.message.contains("`\(path)`") == true)
    let other = #expect(throws: ArtifactError.self) {
      try AdapterFiles.write(path, AdapterConfiguration(targetModules: .pattern("x")), [])
    }
    #expect(other?.diagnostic.code == .unwritableOutput)
    #expect(throws: ArtifactError.self) { try JSONLinesWriter(path) }
  }

  @Test func aDirectoryIsNoFile() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: ArtifactError.unwritable(path: directory.path, errorNumber: EISDIR)) {
      try AtomicFile.write(directory.path, "x")
    }
    let file = try directory.file("file", [])
    #expect(throws: ArtifactError.unwritable(path: file, errorNumber: ENOTDIR)) {
      try AtomicDirectory.write(file) { (_) throws(ArtifactError) in }
    }
    #expect(FilePaths.entries(of: directory.path) == ["file"])
  }

  @Test func aDirectoryReplacesAnotherInOneStep() throws {
    let directory = try TemporaryDirectory()
    for text in ["one", "two"] {
      try AtomicDirectory.write(directory["out/model"]) { (place) throws(ArtifactError) in
        #expect(FilePaths.name(of: place).hasPrefix(".model.partial-"))
        try AtomicFile.write(FilePaths.joining(place, "deep/" + text), text)
      }
      #expect(FilePaths.entries(of: directory["out"]) == ["model"])
      #expect(FilePaths.entries(of: directory["out/model/deep"]) == [text])
    }
  }

  @Test func aDirectoryThatFailsLeavesWhatWasThere() throws {
    let directory = try TemporaryDirectory()
    try AtomicFile.write(directory["model/file"], "before")
    #expect(throws: failure) {
      try AtomicDirectory.write(directory["model"]) { (place) throws(ArtifactError) in
        try AtomicFile.write(FilePaths.joining(place, "file"), "half")
        throw failure
      }
    }
    #expect(FilePaths.entries(of: directory.path) == ["model"])
    #expect(try Fixture.read(directory["model/file"]) == Array("before".utf8))
  }

  @Test func anErrorNamesThePlaceThatTheUserKnows() throws {
    let directory = try TemporaryDirectory()
    let path = directory["model"]
    #expect(
      throws: ArtifactError.unwritable(path: path + "/\(longName)", errorNumber: ENAMETOOLONG)
    ) {
      try ModelFiles.write(
        path, configuration: [:], tensors: [], extraFiles: [(longName, [1])])
    }
    #expect(FilePaths.entries(of: directory.path).isEmpty)
  }

  private var longName: String { String(repeating: "n", count: 300) }

  @Test func whatAnInterruptedProcessLeftIsRemoved() throws {
    let directory = try TemporaryDirectory()
    // No process has a number as high as this.
    try AtomicFile.write(directory[".model.partial-2147483000-0/file"], "half")
    _ = try directory.file(".a.json.partial-2147483000-12", [1])
    _ = try directory.file(".mine.partial-\(getpid())-0", [1])
    _ = try directory.file(".other.partial-x-0", [1])
    AtomicDirectory.removeLeftovers(in: directory.path)
    #expect(
      FilePaths.entries(of: directory.path)
        == [".mine.partial-\(getpid())-0", ".other.partial-x-0"])
  }

  @Test func removingTakesAllThatIsThereAndFollowsNoLink() throws {
    let directory = try TemporaryDirectory()
    try AtomicFile.write(directory["kept/file"], "x")
    try AtomicFile.write(directory["gone/deep/file"], "x")
    #expect(symlink(directory["kept"], directory["gone/link"]) == 0)
    try FilePaths.remove(directory["gone"])
    try FilePaths.remove(directory["gone"])
    #expect(FilePaths.entries(of: directory.path) == ["kept"])
    #expect(FilePaths.entries(of: directory["kept"]) == ["file"])
  }

  @Test func jsonLinesGrowAWholeLineAtATime() throws {
    let directory = try TemporaryDirectory()
    let path = directory["run/metrics.jsonl"]
    let writer = try JSONLinesWriter(path)
    try writer.append(["step": 1, "loss": 2.5])
    let length = writer.byteCount
    try writer.append(["text": "line\nend"])
    try writer.sync()
    let text = try String(decoding: Fixture.read(path), as: UTF8.self)
    #expect(text == "{\"step\": 1, \"loss\": 2.5}\n{\"text\": \"line\\nend\"}\n")

    let resumed = try JSONLinesWriter(path, truncatingTo: length)
    try resumed.append(["step": 2])
    #expect(resumed.byteCount == length + 12)
    #expect(
      try String(decoding: Fixture.read(path), as: UTF8.self)
        == "{\"step\": 1, \"loss\": 2.5}\n{\"step\": 2}\n")
    #expect(try JSONLinesWriter(path, truncatingTo: 1 << 40).byteCount == length + 12)
  }

  @Test(arguments: [
    "", "{}\n", "{}\n{\"half", "half", "{}\n" + String(repeating: "x", count: 9000),
  ])
  func jsonLinesGoOnAfterTheLastWholeLine(text: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("a.jsonl", Array(text.utf8))
    let writer = try JSONLinesWriter(path)
    try writer.append([:])
    let start = text.hasPrefix("{}\n") ? "{}\n" : ""
    #expect(try String(decoding: Fixture.read(path), as: UTF8.self) == start + "{}\n")
  }

  @Test func aModelIsSplitWhereAFileWouldGrowTooLarge() throws {
    let directory = try TemporaryDirectory()
    let tensors = ["c", "a", "b", "d"].map { TensorOutput($0, [4], [1, 2, 3, 4]) }
    try ModelFiles.write(
      directory["model"], configuration: ["model_type": "llama", "a": 1],
      generationConfiguration: ["eos_token_id": 2], tensors: tensors,
      extraFiles: [("tokenizer.json", Array("{}".utf8))], shardBytes: 40)
    #expect(
      FilePaths.entries(of: directory["model"]) == [
        "config.json", "generation_config.json", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json",
      ])
    let checkpoint = try Checkpoint.open(directory["model"])
    #expect(checkpoint.tensorNames == ["a", "c", "b", "d"])
    #expect(checkpoint.generationConfiguration?["eos_token_id"] == 2)
    let index = try Fixture.read(directory["model/model.safetensors.index.json"])
    let value = try JSONValue(parsing: String(decoding: index, as: UTF8.self))
    #expect(value["metadata"] == ["total_parameters": 16, "total_size": 64])
    let text = try String(decoding: Fixture.read(directory["model/config.json"]), as: UTF8.self)
    #expect(text == "{\n  \"a\": 1,\n  \"model_type\": \"llama\"\n}\n")
  }

  @Test func aSmallModelIsOneFile() throws {
    let directory = try TemporaryDirectory()
    try ModelFiles.write(
      directory["model"], configuration: [:], tensors: [TensorOutput("a", [1], [1])])
    #expect(FilePaths.entries(of: directory["model"]) == ["config.json", "model.safetensors"])
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func hashesAsTheStandardSays(text: String, hex: String) {
    #expect(SHA256Digest(hashing: text).hex == hex)
    let hasher = SHA256Hasher()
    for byte in text.utf8 { hasher.update([byte]) }
    #expect(hasher.finish().hex == hex)
    #expect(hasher.finish() == SHA256Digest(hashing: ""))
  }

  @Test(arguments: [
    ("a/b", "a", "b"), ("a", ".", "a"), ("/a", "/", "a"), ("a/b/", "a", "b"), ("/", "/", "/"),
    ("a//b", "a", "b"), ("./a b/c", "./a b", "c"),
  ])
  func takesPathsApart(path: String, directory: String, name: String) {
    #expect(FilePaths.directory(of: path) == directory)
    #expect(FilePaths.name(of: path) == name)
  }
}
