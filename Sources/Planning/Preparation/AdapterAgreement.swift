package import Artifacts
package import Diagnostics
package import Models

/// Whether an adapter's files are those of the adaptation that is to go on from them.
package enum AdapterAgreement {
  /// Holds the tensors of `files` against the weights that `plan` trains, name by name.
  ///
  /// - Throws: ``DiagnosticError`` with every weight that is missing, of another shape, or unknown.
  package static func check(
    _ files: AdapterFiles, _ plan: AdaptationPlan
  ) throws(DiagnosticError) {
    var problems: [Diagnostic] = []
    var found: Set<String> = []
    for tensor in files.tensors {
      guard let parameter = plan.parameter(forAdapterKey: tensor.name) else {
        // PEFT saves the base's table beside the update of an embedding.
        if case .part(.baseWeight, let module)? = AdapterTensorName(tensor.name),
          plan.adaptedModule(module) != nil
        {
          continue
        }
        problems.append(
          Diagnostic(
            .error, .invalidAdapter,
            "`\(tensor.name)` of `\(files.directory)` belongs to no module that is adapted here",
            help: "adapt the same modules: `target_modules` in its adapter_config.json"))
        continue
      }
      found.insert(parameter.name)
      if tensor.shape != parameter.fileShape {
        problems.append(
          Diagnostic(
            .error, .tensorShapeMismatch,
            "`\(tensor.name)` of `\(files.directory)` has shape \(tensor.shape); this pipeline "
              + "needs \(parameter.fileShape)", help: "write the adapter's own `r`"))
      }
    }
    for parameter in plan.trainable where !found.contains(parameter.name) {
      problems.append(
        Diagnostic(
          .error, .invalidAdapter,
          "`\(files.directory)` has no weights for `\(parameter.name)`",
          help: "adapt the same modules: `target_modules` in its adapter_config.json"))
    }
    problems += scalingProblems(files.configuration, plan)
    if !problems.isEmpty { throw DiagnosticError(Array(problems.prefix(8))) }
  }

  /// An adapter goes on only at the scale that it was trained with.
  private static func scalingProblems(
    _ configuration: AdapterConfiguration, _ plan: AdaptationPlan
  ) -> [Diagnostic] {
    guard case .lora(let specification) = plan.adaptation else { return [] }
    if configuration.isDecomposed != specification.useDoRA {
      return [
        Diagnostic(
          .error, .invalidAdapter,
          "the adapter was trained \(specification.useDoRA ? "without" : "with") `use_dora`",
          help: "write `use_dora: \(!specification.useDoRA)` to go on with it")
      ]
    }
    if configuration.trainableTokens.map(\.ids) != specification.trainableTokens.map(\.ids) {
      return [
        Diagnostic(
          .error, .invalidAdapter,
          "the adapter was trained with other `trainable_token_indices` than this pipeline's",
          help: "write those of its adapter_config.json, in their order")
      ]
    }
    if configuration.usesRankStabilizedScaling != specification.useRSLoRA {
      return [
        Diagnostic(
          .error, .invalidAdapter,
          "the adapter was trained \(specification.useRSLoRA ? "without" : "with") `use_rslora`",
          help: "write `use_rslora: \(!specification.useRSLoRA)` to go on at the same scale")
      ]
    }
    let patterns = configuration.alphaPattern.map { ($0.pattern, $0.value) }
    let wanted = specification.alphaPattern.map { ($0.pattern, $0.value) }
    if !patterns.elementsEqual(wanted, by: ==) {
      return [
        Diagnostic(
          .error, .invalidAdapter,
          "the adapter was trained with another `alpha_pattern` than this pipeline's",
          help: "write the `alpha_pattern` of its adapter_config.json")
      ]
    }
    guard configuration.alpha != specification.alpha else { return [] }
    return [
      Diagnostic(
        .error, .invalidAdapter,
        "the adapter was trained with alpha \(Quantities.compact(configuration.alpha)); this "
          + "pipeline says \(Quantities.compact(specification.alpha))",
        help: "write the adapter's own `alpha` to go on at the same scale")
    ]
  }
}
