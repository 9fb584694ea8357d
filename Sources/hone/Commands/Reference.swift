import ArgumentParser
import Diagnostics
import Pipelines
import Planning
import Tensors

/// `hone explain`.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a finding by its code, with a wrong and a right pipeline.",
    discussion: """
      Example:
        hone explain dead-target
        hone explain --list
      """)

  @Argument(help: "The code in brackets at the end of a finding.")
  var code: String?

  @Flag(help: "List all codes.")
  var list = false

  func run() throws {
    let terminal = Terminal.current()
    if list || code == nil {
      let width = DiagnosticCode.allCases.map(\.rawValue.count).max() ?? 0
      for code in DiagnosticCode.allCases {
        terminal.print("\(Quantities.left(code.rawValue, width))  \(code.explanation.title)\n")
      }
      return
    }
    guard let name = code, let known = DiagnosticCode(named: name) else {
      let typed = code ?? ""
      let near = Suggestion.nearest(to: typed, among: DiagnosticCode.allCases.map(\.rawValue))
      throw ValidationError(
        "there is no code `\(typed)`; "
          + (near.map { "did you mean `\($0)`?" } ?? "`hone explain --list` prints them all"))
    }
    terminal.print(DiagnosticCode.page(for: known))
  }
}

/// `hone schema`.
struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of pipelines, for editors.",
    discussion: """
      Example:
        hone schema > pipeline-1.schema.json
      """)

  func run() throws {
    Terminal.current().print(PipelineReference.jsonSchema().text(.indented) + "\n")
  }
}

/// `hone backends`.
struct Backends: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backends",
    abstract: "List what can compute.",
    discussion: """
      Example:
        hone backends
      """)

  func run() throws {
    let terminal = Terminal.current()
    for name in BackendSection.Name.allCases {
      let facts = BackendRegistry.backend(name, threads: nil).capabilities
      let types = facts.weightTypes.map(\.rawValue).joined(separator: ", ")
      terminal.print(
        "\(Quantities.left(name.rawValue, 10))  \(BackendRegistry.purpose(name))\n"
          + "            \(facts.threads) thread\(facts.threads == 1 ? "" : "s"), "
          + "frozen weights in \(types)\n")
    }
  }
}
