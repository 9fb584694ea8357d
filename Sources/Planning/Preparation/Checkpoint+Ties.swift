package import Artifacts
import Diagnostics
import Glibc
package import Models

extension Checkpoint {
  /// The model for `task`, or else for the family's own, that configuration and weights describe.
  ///
  /// A head that config.json ties to the token table and that the checkpoint holds with other values is
  /// its own, as for transformers: since version 5 it writes `tie_word_embeddings: true` for every T5.
  ///
  /// Cost: reads the head and the table where the checkpoint holds both, up to their first difference.
  ///
  /// - Throws: ``ModelError`` naming the key of config.json that is missing or odd, or a diagnostic where
  ///   the family cannot have a head of its own.
  package func description(of task: ModelTask?) throws -> ModelDescription {
    let tied = ModelDescription(try ModelConfiguration(json: configuration), task: task)
    guard let (head, table) = untiedHead(of: tied), var members = configuration.object else {
      return tied
    }
    // What a T5's head reads is scaled unless its configuration says otherwise or unties it.
    if tied.family == .t5, members["scale_decoder_outputs"] == nil {
      members["scale_decoder_outputs"] = true
    }
    members["tie_word_embeddings"] = false
    do {
      return ModelDescription(try ModelConfiguration(json: .object(members)), task: task)
    } catch ModelError.unsupportedValue(key: "tie_word_embeddings", _, _) {
      throw DiagnosticError(
        Diagnostic(
          .error, .invalidModelConfiguration,
          "`\(head)` has other values than `\(table)`, which it is one with in this family",
          help: "save the model again with one weight for both"))
    }
  }

  /// The names of a head and of the table it is tied to, where their values differ.
  private func untiedHead(of model: ModelDescription) -> (head: String, table: String)? {
    let linear = Set(
      model.moduleTree.modules.filter { module in
        if case .linear = module.kind { true } else { false }
      }.map(\.path))
    for parameter in model.parameters
    where linear.contains(parameter.module) && parameter.name.hasSuffix(".weight") {
      guard let table = parameter.tiedTo.flatMap(model.parameter),
        let own = tensor(of: parameter, in: model), let other = tensor(of: table, in: model)
      else { continue }
      if own.shape == other.shape, !own.holdsTheBytes(of: other) {
        return (parameter.name, table.name)
      }
    }
    return nil
  }
}

extension StoredTensor {
  fileprivate func holdsTheBytes(of other: StoredTensor) -> Bool {
    if file.path == other.file.path, byteRange == other.byteRange { return true }
    let (own, others) = (storedBytes, other.storedBytes)
    guard own.count == others.count, let start = own.baseAddress,
      let otherStart = others.baseAddress
    else { return own.count == others.count }
    return memcmp(start, otherStart, own.count) == 0
  }
}
