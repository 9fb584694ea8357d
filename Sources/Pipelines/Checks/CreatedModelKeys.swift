import Diagnostics

/// Every key of `create` is one that the architecture has.
enum CreatedModelKeys {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard case .create(let model) = pipeline.model.source, findings.isSound(model.architecture)
    else { return }
    let architecture = model.architecture.value
    let keys: [(key: String, span: SourceSpan?, path: String, of: [CreatedModel.Architecture])] = [
      key(model.decoderLayers, "num_decoder_layers", [.bart, .t5]),
      key(model.keyValueHeads, "num_key_value_heads", [.llama]),
      key(model.headDimension, "head_dim", [.llama, .t5]),
      key(model.ropeTheta, "rope_theta", [.llama]),
      key(model.rmsNormEpsilon, "rms_norm_eps", [.llama, .t5]),
    ].compactMap { $0 }
    for (key, span, path, owners) in keys where !owners.contains(architecture) {
      guard let span, findings.isSound(path) else { continue }
      findings.report(
        .conflictingKeys, "`\(key)` has no meaning for `architecture: \(architecture.rawValue)`",
        at: span, path,
        help: "remove it; it is for " + owners.map { "`\($0.rawValue)`" }.joined(separator: ", "))
    }
  }

  private static func key<Value>(
    _ setting: Setting<Value>?, _ key: String, _ owners: [CreatedModel.Architecture]
  ) -> (key: String, span: SourceSpan?, path: String, of: [CreatedModel.Architecture])? {
    setting.map { (key, $0.span, $0.path, owners) }
  }
}
