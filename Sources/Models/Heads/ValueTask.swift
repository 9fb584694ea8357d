package import JSONSyntax

/// Models that read numbers: BART for a number of each output, BERT for some numbers of a row.
///
/// They are Hone's own heads on transformers' layers: config.json says `hone_task`, `num_inputs` and
/// `num_outputs`, and in `input_names` and `output_names` which column has which number. In the place of tokens stand the identities of the columns; the vector of an input is
/// `value · w + b + identity`, that of an output its identity. Columns have no order, so there are no
/// positions, and every output sees every other.
package enum ValueTask {
  private static let key = "hone_task"
  /// What follows on `For` in the class's name where each output has a position.
  package static let positionHead = "Seq2SeqRegression"
  /// What follows on `For` in the class's name where rows are answered.
  package static let rowHead = "ColumnRegression"

  /// The config.json of a model for `task` with the columns `inputs` in and `outputs` out.
  package static func configuration(
    _ json: JSONValue, task: ModelTask, inputs: [String], outputs: [String]
  ) -> JSONValue {
    guard var object = json.object else { return json }
    object[key] = .string(task.name)
    object["num_inputs"] = .integer(Int64(inputs.count))
    object["num_outputs"] = .integer(Int64(outputs.count))
    object["input_names"] = .array(inputs.map { .string($0) })
    object["output_names"] = .array(outputs.map { .string($0) })
    return .object(object)
  }

  /// The names of the columns in and out in the order of their numbers; nil where config.json names none.
  package static func columns(
    in configuration: JSONValue
  ) -> (inputs: [String], outputs: [String])? {
    func names(_ key: String) -> [String]? { configuration[key]?.array?.compactMap(\.string) }
    guard configuration[key] != nil, let inputs = names("input_names"),
      let outputs = names("output_names")
    else { return nil }
    return (inputs, outputs)
  }

  /// How many numbers a model that reads numbers gives for a row; nil for other models.
  package static func outputCount(in configuration: JSONValue) -> Int? {
    configuration[key] == nil ? nil : configuration["num_outputs"]?.integer
  }

  /// The stacks over columns where config.json asks for them, and the task.
  static func apply(
    to stacks: FamilyConfiguration.Stacks, _ reader: ConfigurationReader
  ) throws(ModelError) -> (FamilyConfiguration.Stacks, ModelTask?) {
    guard let name = try reader.optionalString(key) else { return (stacks, nil) }
    let inputs = try reader.integer("num_inputs", in: StackLimits.vocabulary)
    let outputs = try reader.integer("num_outputs", in: StackLimits.vocabulary)
    try check("input_names", count: inputs, reader)
    try check("output_names", count: outputs, reader)
    switch (name, stacks) {
    case (ModelTask.seq2seqRegression.name, .two(var both)):
      both.encoder = both.encoder.overColumns(inputs, readsValues: true)
      both.decoder = both.decoder.overColumns(outputs, readsValues: false)
      return (.two(both), .seq2seqRegression)
    case (ModelTask.regression(outputs: outputs).name, .one(let stack)):
      return (.one(stack.overColumns(inputs, readsValues: true)), .regression(outputs: outputs))
    default:
      throw .unsupportedValue(
        key: key, found: name,
        supported: "`seq2seq_regression` of an encoder and a decoder, `regression` of an encoder")
    }
  }
}

extension ValueTask {
  /// Refuses names of columns that are not as many as there are columns, or not different.
  private static func check(
    _ key: String, count: Int, _ reader: ConfigurationReader
  ) throws(ModelError) {
    guard let names = try reader.optionalStrings(key) else { return }
    if names.count != count || Set(names).count != count {
      throw .invalidValue(
        key: key, found: "\(Set(names).count) names", expected: "\(count) different names")
    }
  }
}

extension StackDescription {
  /// The same layers over `count` columns in the place of tokens.
  fileprivate func overColumns(_ count: Int, readsValues: Bool) -> StackDescription {
    var stack = self
    stack.vocabularySize = count
    stack.contextLength = count
    stack.positions = .none
    stack.tokenTypeCount = 0
    stack.tokensTiedTo = nil
    stack.paddingTokenID = nil
    stack.embeddingScale = 1
    stack.tiesEmbeddings = false
    stack.logitBuffer = nil
    stack.readsValues = readsValues
    stack.names.parts = names.parts.flatMap { part -> [NamedPart<StackPart>] in
      switch part.part {
      case .positions, .tokenTypes: return []
      case .tokens:
        let holder = part.path.split(separator: ".").dropLast().map { $0 + "." }.joined()
        let identities = NamedPart<StackPart>(.tokens, holder + "embed_ids")
        return readsValues
          ? [NamedPart(.values, holder + "embed_values"), identities] : [identities]
      case .values, .embeddingNorm, .layers, .finalNorm, .function: return [part]
      }
    }
    return stack
  }
}
