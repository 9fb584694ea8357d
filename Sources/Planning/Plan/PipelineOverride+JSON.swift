package import JSONSyntax
package import Pipelines

extension PipelineOverride {
  /// The override as the option that said it, and its value.
  package var json: JSONValue {
    let (option, value) =
      switch self {
      case .backend(let name): ("--backend", name)
      case .threads(let count): ("--threads", String(count))
      case .set(let assignment): ("--set", assignment)
      }
    return ["option": .string(option), "value": .string(value)]
  }

  /// Reads what ``json`` writes; nil for anything else.
  package init?(json: JSONValue) {
    guard let option = json["option"]?.string, let value = json["value"]?.string else {
      return nil
    }
    switch option {
    case "--backend": self = .backend(value)
    case "--set": self = .set(value)
    case "--threads":
      guard let count = Int(value) else { return nil }
      self = .threads(count)
    default: return nil
    }
  }
}
