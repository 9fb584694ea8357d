import Artifacts
import Diagnostics
import Models
import Planning

/// A checkpoint: family, size, modules and tensors.
struct ModelInspection {
  /// Every layer on a line of its own.
  let showsAll: Bool

  /// What is in `checkpoint`; where its architecture is unknown, at least its tensors.
  ///
  /// - Throws: what is wrong with the configuration, after the tensors have been printed.
  func lines(_ checkpoint: Checkpoint, _ terminal: Terminal) throws -> [String] {
    let tensors = TensorListing(showsAll: showsAll).lines(
      checkpoint.tensorNames.compactMap { checkpoint.tensors[$0] })
    let description: ModelDescription
    do {
      description = try checkpoint.description(of: nil)
    } catch {
      for line in tensors { terminal.print(line + "\n") }
      throw error
    }
    return summary(description, checkpoint) + [""] + modules(description) + [""] + tensors
  }

  private func summary(_ description: ModelDescription, _ checkpoint: Checkpoint) -> [String] {
    let tokenizer =
      switch checkpoint.tokenizerSource {
      case .directory: "beside the weights"
      case .gguf(let data): "in the file, \(Quantities.grouped(data.tokens.count)) tokens"
      case .none: "none"
      }
    return [
      "family      \(description.family.rawValue)",
      "parameters  \(Quantities.grouped(description.parameterCount))",
      "layers      \(description.layerCount)",
      "vocabulary  \(Quantities.grouped(description.vocabularySize))",
      "context     \(Quantities.grouped(description.contextLength))",
      "tokenizer   \(tokenizer)",
    ]
  }

  private func modules(_ description: ModelDescription) -> [String] {
    let items = description.moduleTree.modules.compactMap { module in
      Self.fact(module.kind).map { (name: module.path, fact: $0) }
    }
    let groups = LayerGroups(items, showsAll: showsAll).groups
    let width = groups.map(\.name.count).max() ?? 0
    return ["modules"]
      + groups.map { group in
        let count = group.count == 1 ? "" : "  ×\(group.count)"
        return "  \(Quantities.left(group.name, width))  \(group.fact)\(count)"
      }
  }

  /// What a module computes, in a few words; nil for what has no weights.
  private static func fact(_ kind: ModuleKind) -> String? {
    switch kind {
    case .linear(let inputs, let outputs, let hasBias):
      "linear \(inputs) → \(outputs)\(hasBias ? ", bias" : "")"
    case .embedding(let count, let dimension): "embedding \(count) × \(dimension)"
    case .norm(let dimension): "norm \(dimension)"
    case .container, .function: nil
    }
  }
}
