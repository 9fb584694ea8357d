extension ModelDescription {
  /// The names under which a checkpoint may hold the weight `name`, the likeliest first.
  ///
  /// A body that was saved without a head has no name of its own before its parts
  /// (`encoder.layer.0…` instead of `bert.encoder.layer.0…`), and older files of BERT call the two
  /// weights of a norm `gamma` and `beta`; transformers reads these too.
  package func namesInCheckpoints(of name: String) -> [String] {
    var names = [name]
    if let body = stack.names.path.split(separator: ".").first, name.hasPrefix(body + ".") {
      names.append(String(name.dropFirst(body.count + 1)))
    }
    for (ending, older) in [
      ("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta"),
    ]
    where name.hasSuffix(ending) {
      names += names.map { $0.dropLast(ending.count) + older }
    }
    return names
  }

  /// The weights of the head that `names`, those of a checkpoint, lack: they begin anew.
  package func newParameters(besides names: Set<String>) -> [ParameterDescription] {
    storedParameters.filter {
      $0.isNewWhenMissing && names.isDisjoint(with: namesInCheckpoints(of: $0.name))
    }
  }
}
