package import JSONSyntax
package import Tensors

extension ModelDescription {
  /// The modules that an adapter for the model's task trains whole.
  package var headModules: [String] { task.headModules }

  /// A config.json as transformers writes it, for weights in `weightType`: with the class of the task's
  /// head, and the names of its labels.
  ///
  /// Labels that are not given keep the names that the model had, or are numbered.
  package func json(weightType: DType, labels: [String] = []) -> JSONValue {
    guard var object = configuration.json(weightType: weightType).object else { return .null }
    if let name = architecture { object["architectures"] = [.string(name)] }
    if let count = task.labelCount {
      let known = Self.labels(in: .object(object))
      let names =
        [labels, known].first { $0.count == count } ?? (0..<count).map { "LABEL_\($0)" }
      var (labelOf, numberOf) = (JSONObject(), JSONObject())
      for (number, name) in names.enumerated() {
        labelOf[String(number)] = .string(name)
        if numberOf[name] == nil { numberOf[name] = .integer(Int64(number)) }
      }
      object["id2label"] = .object(labelOf)
      object["label2id"] = .object(numberOf)
      object["num_labels"] = nil
    }
    if let type = task.problemType { object["problem_type"] = .string(type) }
    return .object(object)
  }

  /// The class that holds such a model: transformers', or Hone's where it reads numbers.
  private var architecture: String? {
    guard readsValues else { return family.architecture(for: task) }
    return family.architecture(
      withHead: task == .seq2seqRegression ? ValueTask.positionHead : ValueTask.rowHead)
  }

  /// The names of the labels that `config.json` speaks of, by number; empty where it names none.
  package static func labels(in configuration: JSONValue) -> [String] {
    guard let names = configuration["id2label"]?.object else { return [] }
    return (0..<names.members.count).compactMap { names[String($0)]?.string }
  }

  /// The number of labels that `config.json` speaks of; transformers takes 2 where it says nothing.
  package static func labelCount(in configuration: JSONValue) -> Int {
    configuration["id2label"]?.object?.members.count
      ?? configuration["num_labels"]?.integer ?? 2
  }
}
