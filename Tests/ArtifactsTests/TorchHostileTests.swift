import Artifacts
import Diagnostics
import JSONSyntax
import Testing

/// Pickles that would call, lie or grow: each ends in a message that says so.
struct TorchHostileTests {
  @Test func refusesEveryHostileFile() throws {
    let directory = try TemporaryDirectory()
    let files = try #require(try Fixture.json("torch/hostile.json").object)
    #expect(files.members.count > 150)
    for (name, file) in files.members {
      let path = try directory.quickFile("a.pt", bytes(file["pieces"]))
      let words = (file["words"]?.array ?? []).compactMap(\.string)
      do throws(ArtifactError) {
        let tensors = try TorchFile.open(path).tensors
        Issue.record("\(name) is read: \(tensors.map(\.name))")
      } catch {
        let diagnostic = error.diagnostic
        #expect(
          words.contains { diagnostic.message.contains($0) }, "\(name): \(diagnostic.message)")
        #expect(diagnostic.span?.file == path, "\(name)")
        #expect(diagnostic.help != nil, "\(name)")
        #expect(diagnostic.message.utf8.count < 2000, "\(name)")
      }
    }
  }

  @Test func callsAreRefusedByACodeOfTheirOwn() throws {
    let directory = try TemporaryDirectory()
    let file = try Fixture.json("torch/hostile.json")["reduce-posix.zip"]
    let path = try directory.quickFile("a.pt", bytes(file?["pieces"]))
    let error = #expect(throws: ArtifactError.torch(path: path, .refusedCall("posix.system"))) {
      try TorchFile.open(path)
    }
    #expect(error?.diagnostic.code == .refusedPickle)
    #expect(error?.diagnostic.help?.contains("torch.save(model.state_dict(), …)") == true)
  }

  @Test(arguments: ["state.pt", "module.pt", "module-legacy.pt", "kinds-legacy.pt", "views.pt"])
  func truncations(name: String) throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixture.bytes("torch/" + name)
    for count in stride(from: 0, to: bytes.count, by: 10) {
      let path = try directory.quickFile("a.pt", bytes.prefix(count))
      if (try? TorchFile.open(path)) != nil { Issue.record("\(count) bytes are enough") }
    }
  }

  private func bytes(_ pieces: JSONValue?) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for piece in pieces?.array ?? [] {
      let parts = try #require(piece.array)
      let digits = Array(try #require(parts[0].string).utf8)
      let text = try stride(from: 0, to: digits.count, by: 2).map { place in
        try #require(UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16))
      }
      for _ in 0..<(try #require(parts[1].integer)) { bytes.append(contentsOf: text) }
    }
    return bytes
  }
}
