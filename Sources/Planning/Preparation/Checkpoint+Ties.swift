package import Artifacts
import Diagnostics
import JSONSyntax
package import Models

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Checkpoint {
  /// The model for `task`, or else for the family's own, that configuration and weights describe.
  ///
  /// A head that config.json ties to the token table and that the checkpoint holds with other values is
  /// its own, as for transformers: since version 5 it writes `tie_word_embeddings: true` for every T5.
  /// `dropout` takes the place of every rate of dropout that the family has.
  ///
  /// Cost: reads tied weights that the checkpoint holds twice, up to their first difference.
  ///
  /// - Throws: ``ModelError`` naming the key of config.json that is missing or odd, or a diagnostic where
  ///   weights differ that the family has one of.
  package func description(of task: ModelTask?, dropout: Double? = nil) throws -> ModelDescription {
    let tied = ModelDescription(
      try ModelConfiguration(json: configuration), task: task, dropout: dropout)
    let differing = differingTies(of: tied)
    if differing.isEmpty { return tied }
    let untied = try? ModelDescription(
      ModelConfiguration(json: tied.family.untyingHead(of: configuration)), task: task,
      dropout: dropout)
    for (name, table) in differing where untied?.parameter(name)?.tiedTo != nil || untied == nil {
      throw DiagnosticError(
        Diagnostic(
          .error, .invalidModelConfiguration,
          "`\(name)` has other values than `\(table)`, which it is one with in this family",
          help: "save the model again with one weight for both"))
    }
    return untied ?? tied
  }

  /// The weights that the checkpoint holds with other values than those which they are tied to.
  private func differingTies(of model: ModelDescription) -> [(name: String, table: String)] {
    model.parameters.compactMap { parameter in
      guard let table = parameter.tiedTo.flatMap(model.parameter),
        let own = tensor(of: parameter, in: model), let other = tensor(of: table, in: model),
        own.shape == other.shape, !own.holdsTheBytes(of: other)
      else { return nil }
      return (parameter.name, table.name)
    }
  }
}

extension StoredTensor {
  /// Whether two tensors of one shape are the same numbers in the same type.
  fileprivate func holdsTheBytes(of other: StoredTensor) -> Bool {
    if file.path == other.file.path, byteRange == other.byteRange { return true }
    let (own, others) = (storedBytes, other.storedBytes)
    guard own.count == others.count else { return false }
    guard let start = own.baseAddress, let otherStart = others.baseAddress else { return true }
    return memcmp(start, otherStart, own.count) == 0
  }
}
