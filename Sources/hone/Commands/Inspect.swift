import ArgumentParser
import Artifacts
import Diagnostics
import Models
import Planning

/// `hone inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a checkpoint or an adapter as Hone sees it.",
    discussion: """
      Example:
        hone inspect models/smollm2
        hone inspect out/adapter
      """)

  @Argument(help: "A model's directory, .safetensors or .gguf file, or an adapter's directory.")
  var path: String

  @Flag(help: "List every tensor.")
  var tensors = false

  func run() throws {
    let terminal = Terminal.current()
    do throws(DiagnosticError) {
      let adapterFile = FilePaths.joining(path, "adapter_config.json")
      if FilePaths.kind(of: adapterFile) == .file {
        terminal.print(try diagnosing { try adapterText() })
      } else {
        terminal.print(try modelText())
      }
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.invalid
    }
  }

  private func modelText() throws(DiagnosticError) -> String {
    let model = try PreparedModel(path: path)
    let facts = model.facts
    var text = """
      \(path)
      family      \(facts.family), \(Quantities.grouped(facts.parameterCount)) parameters
      layers      \(facts.layerCount), context \(Quantities.grouped(facts.contextLength))
      tokenizer   \(Quantities.grouped(model.tokenizer.vocabularySize)) ids, \
      \(model.tokenizer.chatTemplate == nil ? "no chat template" : "chat template")
      modules that `target_modules` can name

      """
    var counts: [String: (count: Int, shape: String)] = [:]
    var order: [String] = []
    for module in model.description.moduleTree.modules {
      guard case .linear(let inputs, let outputs, _) = module.kind else { continue }
      let name = String(module.name)
      if counts[name] == nil { order.append(name) }
      counts[name] = ((counts[name]?.count ?? 0) + 1, "\(inputs) → \(outputs)")
    }
    for name in order {
      guard let (count, shape) = counts[name] else { continue }
      text += "  \(Quantities.left(name, 14)) \(Quantities.right(String(count), 4)) × \(shape)\n"
    }
    if tensors, let checkpoint = model.checkpoint {
      for name in checkpoint.tensorNames {
        guard let tensor = checkpoint.tensors[name] else { continue }
        text += "  \(Quantities.left(name, 56)) \(tensor.type.rawValue) \(tensor.shape)\n"
      }
    }
    return text
  }

  private func adapterText() throws(ArtifactError) -> String {
    let files = try AdapterFiles.open(path)
    let configuration = files.configuration
    let names: String =
      switch configuration.targetModules {
      case .names(let names): names.joined(separator: ", ")
      case .pattern(let pattern): pattern
      }
    let count = files.weights.tensors.reduce(0) { $0 + $1.shape.count }
    var text = """
      \(path)
      adapter     lora r \(configuration.rank), alpha \(Quantities.compact(configuration.alpha)), \
      dropout \(Quantities.compact(configuration.dropout))
      base        \(configuration.baseModel ?? "not named")
      targets     \(names)
      weights     \(Quantities.grouped(count)) in \(files.weights.tensors.count) tensors

      """
    guard tensors else { return text }
    for tensor in files.weights.tensors {
      text += "  \(Quantities.left(tensor.name, 64)) \(tensor.type.rawValue) \(tensor.shape)\n"
    }
    return text
  }
}
