/// A part of a layer, which has a module of its own in transformers.
package enum LayerPart: String, Hashable, Sendable {
  case attentionNorm, query, key, value, attentionOutput, attentionPostNorm
  /// Query, key and value in one.
  case queryKeyValue
  case queryNorm, keyNorm
  /// The table of biases by distance; in the first layer only.
  case relativeBias
  case crossNorm, crossQuery, crossKey, crossValue, crossOutput
  case feedForwardNorm, gate, up, down, feedForwardPostNorm
  /// Gate and up in one.
  case gateUp
  /// A module without weights.
  case function
}

/// A part of a stack outside its layers.
package enum StackPart: String, Hashable, Sendable {
  case tokens, positions, tokenTypes, embeddingNorm
  /// The projection of the numbers that stand beside the tokens.
  case values
  /// Where the layers stand in the order of modules; its path is the list's.
  case layers
  case finalNorm
  /// A module without weights.
  case function
}

/// A part and the path of its module inside the layer or the stack.
package struct NamedPart<Part: Hashable & Sendable>: Hashable, Sendable {
  package let part: Part
  package let path: String

  package init(_ part: Part, _ path: String) {
    self.part = part
    self.path = path
  }
}

/// What transformers calls the parts of a stack, in the order of its modules.
///
/// Modules that only hold others follow from the paths.
package struct StackNames: Hashable, Sendable {
  /// The stack's own path.
  package var path: String
  /// The parts outside the layers.
  package var parts: [NamedPart<StackPart>]
  /// The parts of each layer.
  package var layer: [NamedPart<LayerPart>]
  /// The head's path.
  package var head = "lm_head"

  package init(
    path: String, parts: [(StackPart, String)], layer: [(LayerPart, String)],
    head: String = "lm_head"
  ) {
    self.path = path
    self.parts = parts.map { NamedPart($0.0, $0.1) }
    self.layer = layer.map { NamedPart($0.0, $0.1) }
    self.head = head
  }

  /// The path of `part`.
  func path(of part: StackPart) -> String {
    "\(path).\(parts.first { $0.part == part }?.path ?? part.rawValue)"
  }

  /// The path of layer number `index`.
  func layer(_ index: Int) -> String { "\(path(of: .layers)).\(index)" }

  /// The path of `part` in layer number `index`.
  func path(of part: LayerPart, in index: Int) -> String {
    "\(layer(index)).\(layer.first { $0.part == part }?.path ?? part.rawValue)"
  }

  /// The path of the module that holds `part` in layer number `index`.
  func holder(of part: LayerPart, in index: Int) -> String {
    path(of: part, in: index).split(separator: ".").dropLast().joined(separator: ".")
  }

  /// Gives the parts of a layer, in the order of its modules.
  mutating func setLayer(_ parts: [(LayerPart, String)]) {
    layer = parts.map { NamedPart($0.0, $0.1) }
  }

  /// Puts `other` in the place of the part's entries; nothing where it has none.
  mutating func replace(_ part: LayerPart, by other: [(LayerPart, String)]) {
    guard let index = layer.firstIndex(where: { $0.part == part }) else { return }
    layer.replaceSubrange(index...index, with: other.map { NamedPart($0.0, $0.1) })
  }

  /// The names of Llama and of most that came after it.
  package static let llama = StackNames(
    path: "model",
    parts: [
      (.tokens, "embed_tokens"), (.layers, "layers"), (.finalNorm, "norm"),
      (.function, "rotary_emb"),
    ],
    layer: [
      (.query, "self_attn.q_proj"), (.key, "self_attn.k_proj"), (.value, "self_attn.v_proj"),
      (.attentionOutput, "self_attn.o_proj"), (.gate, "mlp.gate_proj"), (.up, "mlp.up_proj"),
      (.down, "mlp.down_proj"), (.function, "mlp.act_fn"), (.attentionNorm, "input_layernorm"),
      (.feedForwardNorm, "post_attention_layernorm"),
    ])
}
