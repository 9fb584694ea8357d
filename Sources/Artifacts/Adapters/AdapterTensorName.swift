/// What a tensor of a PEFT adapter file is, and of which module of the base model.
package enum AdapterTensorName: Hashable, Sendable {
  /// The matrix A `(r, in)` of the module at the path.
  case loraA(module: String)
  /// The matrix B `(out, r)` of the module at the path.
  case loraB(module: String)
  /// The bias `(out)` of an adapted module, trained with `bias: lora_only`.
  case baseBias(module: String)
  /// A parameter that is saved whole, by its path: of `modules_to_save`, or with `bias: all`.
  case parameter(String)

  private static let prefix = "base_model.model."

  /// Reads a tensor's name; nil if it is none that PEFT gives a LoRA adapter's tensors.
  package init?(_ name: String) {
    guard name.hasPrefix(Self.prefix) else { return nil }
    let path = String(name.dropFirst(Self.prefix.count))
    func module(before suffix: String) -> String? {
      path.hasSuffix(suffix) && path.utf8.count > suffix.utf8.count
        ? String(path.dropLast(suffix.count)) : nil
    }
    if let module = module(before: ".lora_A.weight") {
      self = .loraA(module: module)
    } else if let module = module(before: ".lora_B.weight") {
      self = .loraB(module: module)
    } else if let module = module(before: ".base_layer.bias") {
      self = .baseBias(module: module)
    } else if path.contains(".lora_"), !path.isEmpty {
      // DoRA's magnitudes, embeddings, biases of B: none of ours.
      return nil
    } else if !path.isEmpty {
      self = .parameter(path)
    } else {
      return nil
    }
  }

  /// The tensor's name in the file.
  package var name: String {
    switch self {
    case .loraA(let module): Self.prefix + module + ".lora_A.weight"
    case .loraB(let module): Self.prefix + module + ".lora_B.weight"
    case .baseBias(let module): Self.prefix + module + ".base_layer.bias"
    case .parameter(let path): Self.prefix + path
    }
  }
}
