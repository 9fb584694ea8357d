import Artifacts
import Diagnostics
import JSONSyntax
import Pipelines

/// The model and an adapter to go on from were made for the task.
enum TaskFitsArchitecture {
  /// What is wrong with training the model of `configuration` for `section`'s task.
  static func finding(_ section: ModelSection, _ configuration: JSONValue) -> Diagnostic? {
    switch section.task.value {
    case .causalLM: break
    }
    let what: String
    if configuration["is_encoder_decoder"]?.bool == true {
      what = "has an encoder and a decoder (`is_encoder_decoder`)"
    } else if let head = configuration["architectures"]?.array?.lazy.compactMap(\.string)
      .first(where: isForAnotherTask)
    {
      what = "is a `\(head)`"
    } else {
      return nil
    }
    return Diagnostic(
      .error, .taskMismatch,
      "the model \(what), which `task: \(section.task.value.rawValue)` does not train",
      at: section.task.span, path: section.task.path,
      help: "load a `…ForCausalLM`: a model that predicts each token from those before it")
  }

  /// Whether a class of transformers' names a task, and another one.
  private static func isForAnotherTask(_ name: String) -> Bool {
    guard let range = name.firstRange(of: "For") else { return false }
    return name[range.upperBound...].first?.isUppercase == true && !name.hasSuffix("ForCausalLM")
  }

  /// What is wrong with going on from an adapter of that configuration.
  static func finding(
    ofAdapter configuration: AdapterConfiguration, in directory: String
  ) -> Diagnostic? {
    guard let task = configuration.taskType, task != "CAUSAL_LM" else { return nil }
    return Diagnostic(
      .error, .taskMismatch, "the adapter in `\(directory)` was trained for `\(task)`",
      help: "go on from an adapter whose `task_type` is `CAUSAL_LM`")
  }
}
