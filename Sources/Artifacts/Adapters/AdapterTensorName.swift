/// What a tensor of a PEFT adapter file is, and of which module of the base model.
package enum AdapterTensorName: Hashable, Sendable {
  /// What stands behind the path of an adapted module.
  package enum Part: String, CaseIterable, Sendable {
    /// The matrix A `(r, in)`.
    case loraA = "lora_A.weight"
    /// The matrix B `(out, r)`.
    case loraB = "lora_B.weight"
    /// The bias `(out)` of B, with `lora_bias`.
    case loraBias = "lora_B.bias"
    /// A of an embedding, `(r, rows)`.
    case embeddingA = "lora_embedding_A"
    /// B of an embedding, `(dimension, r)`.
    case embeddingB = "lora_embedding_B"
    /// The lengths `(out)` of DoRA.
    case magnitude = "lora_magnitude_vector"
    /// The bias `(out)` of an adapted module, trained with `bias: lora_only`.
    case baseBias = "base_layer.bias"
    /// The weight of an adapted embedding or head, which PEFT saves beside the update.
    case baseWeight = "base_layer.weight"
    /// The rows of a table that are trained by `trainable_token_indices`.
    case tokens = "token_adapter.trainable_tokens_delta"
  }

  /// A part of the module at the path.
  case part(Part, module: String)
  /// A parameter that is saved whole, by its path: of `modules_to_save`, or with `bias: all`.
  case parameter(String)

  private static let prefix = "base_model.model."

  /// Reads a tensor's name; nil if it is none that PEFT gives a LoRA adapter's tensors.
  package init?(_ name: String) {
    guard name.hasPrefix(Self.prefix) else { return nil }
    let path = String(name.dropFirst(Self.prefix.count))
    let part = Part.allCases.first { path.hasSuffix("." + $0.rawValue) }
    if let part, path.utf8.count > part.rawValue.utf8.count + 1 {
      self = .part(part, module: String(path.dropLast(part.rawValue.count + 1)))
    } else if part == nil, !path.contains(".lora_"), !path.isEmpty {
      self = .parameter(path)
    } else {
      return nil
    }
  }

  /// The tensor's name in the file.
  package var name: String {
    switch self {
    case .part(let part, let module): Self.prefix + module + "." + part.rawValue
    case .parameter(let path): Self.prefix + path
    }
  }
}
