import Tensors

/// How a trained weight learns under LoRA+.
///
/// Source: Hayou et al. 2024, arXiv 2402.12354; PEFT's `create_loraplus_optimizer`.
package enum LoRAPlusRole: Hashable, Sendable {
  /// At the learning rate: first matrices, modules trained whole.
  case first
  /// At the learning rate times the ratio: second matrices, and whatever has one dimension.
  case second(decays: Bool)
  /// At a rate of its own: updates of embeddings.
  case embedding
}

extension AdaptationPlan {
  /// The role of `parameter`, one of ``trainable``.
  package func loraPlusRole(
    of parameter: TrainableParameter, in model: ModelDescription
  ) -> LoRAPlusRole {
    let module = adaptedModule(parameter.module)
    if let module, case .embedding = module.kind,
      [module.nameOfA, module.nameOfB].contains(parameter.name)
    {
      return .embedding
    }
    guard parameter.shape.rank == 1 || parameter.name == module?.nameOfB else { return .first }
    return .second(
      decays: !parameter.name.contains("bias") && !isLayerNorm(parameter.module, model))
  }

  /// A norm with a bias is a layer norm, whose weights PEFT does not decay.
  private func isLayerNorm(_ path: String, _ model: ModelDescription) -> Bool {
    switch model.moduleTree[path]?.kind {
    case .norm: model.parameter(path + ".bias") != nil
    case .linear, .embedding, .container, .function, nil: false
    }
  }
}
