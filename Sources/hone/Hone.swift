import ArgumentParser

@main
struct Hone: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hone", abstract: "Fine-tune models from a YAML pipeline.")
}
