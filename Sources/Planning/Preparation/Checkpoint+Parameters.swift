package import Artifacts
package import Models

extension Checkpoint {
  /// The tensor of `parameter`, under any of the names that it may have.
  package func tensor(
    of parameter: ParameterDescription, in description: ModelDescription
  ) -> StoredTensor? {
    description.namesInCheckpoints(of: parameter.name).lazy.compactMap { self.tensors[$0] }.first
  }
}

extension PreparedModel {
  /// The weights of the model's head that its checkpoint lacks and that begin anew; empty for a model
  /// that is drawn anew as a whole.
  package var newHeadWeights: [ParameterDescription] {
    guard let checkpoint else { return [] }
    return description.newParameters(besides: Set(checkpoint.tensors.keys))
  }
}
