import Artifacts
import JSONSyntax
import Testing

/// Thousands of small damages to small files: each is read or refused, and what is read is whole.
struct MutationTests {
  @Test(arguments: ["sharded/model-00001-of-00002.safetensors", "dtypes.safetensors"])
  func damagedSafetensorsAreReadOrRefused(name: String) throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixture.bytes(name)
    let header = 8 + Int(bytes[0]) + 256 * Int(bytes[1])
    var outcomes: Set<Bool> = []
    for seed in 0..<1000 {
      let path = try directory.quickFile("a", damaged(bytes, header, seed: UInt64(seed)))
      do throws(ArtifactError) {
        let file = try SafetensorsFile.open(path)
        if seed % 8 == 0 { read(file.tensors) }
        outcomes.insert(true)
      } catch {
        if error.diagnostic.help == nil { Issue.record("no help for \(error)") }
        outcomes.insert(false)
      }
    }
    #expect(outcomes == [true, false])
  }

  @Test(arguments: ["quantizations.gguf", "llama.gguf"])
  func damagedGGUFIsReadOrRefused(name: String) throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixture.bytes(name)
    let header = try GGUFFile.open(Fixture.path(name)).headerByteCount
    var outcomes: Set<Bool> = []
    for seed in 0..<1000 {
      let path = try directory.quickFile("a", damaged(bytes, header, seed: UInt64(seed)))
      do throws(ArtifactError) {
        let file = try GGUFFile.open(path)
        if seed % 8 == 0 { read(file.tensors) }
        _ = try file.configuration()
        _ = try file.tokenizer()
        outcomes.insert(true)
      } catch {
        if error.diagnostic.help == nil { Issue.record("no help for \(error)") }
        outcomes.insert(false)
      }
    }
    #expect(outcomes == [true, false] || name == "quantizations.gguf" && outcomes == [false])
  }

  @Test(arguments: ["state.pt", "module.pt", "views.pt", "kinds-legacy.pt", "module-legacy.pt"])
  func damagedTorchCheckpointsAreReadOrRefused(name: String) throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixture.bytes("torch/" + name)
    var outcomes: Set<Bool> = []
    for seed in 0..<1000 {
      let path = try directory.quickFile("a", damaged(bytes, bytes.count, seed: UInt64(seed)))
      do throws(ArtifactError) {
        let file = try TorchFile.open(path)
        if seed % 8 == 0 { read(file.unwrappedTensors) }
        outcomes.insert(true)
      } catch {
        if error.diagnostic.help == nil { Issue.record("no help for \(error)") }
        outcomes.insert(false)
      }
    }
    #expect(outcomes == [true, false])
  }

  /// Touches every byte of tensors that a damaged header describes.
  private func read(_ tensors: [StoredTensor]) {
    for tensor in tensors where tensor.shape.count < 1 << 20 {
      if tensor.float32Bits.count != tensor.bfloat16Bits.count { Issue.record("not all was read") }
    }
  }

  /// A copy with a few bytes changed, lost, doubled or made extreme, most of them in the header.
  private func damaged(_ bytes: [UInt8], _ header: Int, seed: UInt64) -> ArraySlice<UInt8> {
    var random = SplitMix(state: seed)
    var bytes = bytes
    for _ in 0...Int(random.next() % 3) where bytes.count > 16 {
      let end = random.next() % 8 == 0 ? bytes.count : min(header, bytes.count)
      let place = Int(random.next() % UInt64(end))
      switch random.next() % 7 {
      case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
      case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 2: bytes[place] = [0, 0x7F, 0x80, 0xFF][Int(random.next() % 4)]
      case 3: bytes.remove(at: place)
      case 4: bytes.insert(bytes[place], at: place)
      case 5: bytes.removeLast(Int(random.next() % 16))
      default:
        for index in place..<min(place + 8, bytes.count) { bytes[index] = 0xFF }
      }
    }
    return bytes[...]
  }
}

/// A small generator of the test's own, the same on every machine.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
