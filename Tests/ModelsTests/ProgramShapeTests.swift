import Models
import Tensors
import Testing

/// What operations programs consist of: a family must not cost another anything.
struct ProgramShapeTests {
  @Test func llamasProgramHasNoOperationMoreThanItsFormulaHas() throws {
    let description = try Fixture.description("llama-gqa-tied")
    let program = try LanguageModelProgram.training(description, batch: 2, length: 8)
    var expected = ["rotary-table model.rotary_emb", "embedding model.embed_tokens"]
    for layer in 0..<2 {
      let path = "model.layers.\(layer)"
      expected += ["rms-norm \(path).input_layernorm"]
      expected += ["q", "k", "v"].map { "product \(path).self_attn.\($0)_proj" }
      expected += ["rotary", "rotary", "attention"].map { "\($0) \(path).self_attn" }
      expected += ["product \(path).self_attn.o_proj"]
      expected += ["rms-norm \(path).post_attention_layernorm"]
      expected += ["gate", "up"].map { "product \(path).mlp.\($0)_proj" }
      expected += ["gated-activation \(path).mlp", "product \(path).mlp.down_proj"]
    }
    expected += ["rms-norm model.norm", "token-loss lm_head"]
    #expect(program.operations.map { "\($0.kind.name) \($0.label)" } == expected)
    for operation in program.operations {
      switch operation.kind {
      case .rmsNorm(let rule): #expect(rule == RMSNorm(epsilon: 1e-5))
      case .rotary(let rule): #expect(rule == Rotary())
      case .attention(let rule): #expect(rule.softCap == nil && rule.window == nil)
      default: continue
      }
    }
    let backward = try Differentiation.backward(
      of: Adaptation.full.plan(for: description).adapting(
        program, of: description, isTraining: true), from: "loss")
    // Forward 30. Backward: two a product and norm, one for attention, activation and each rotary;
    // norms and activations computed anew for the weights' gradients; the embedding's gradient.
    #expect(backward.operations.count == 30 + 2 * (7 * 2 + 2 * 2 + 1 + 1 + 2 + 3) + 2 + 1)
  }

  @Test func aResidualNeverCostsAnAdditionOfItsOwn() throws {
    for name in ["qwen2", "qwen3", "gpt2", "phi3", "gpt_neox", "gpt_neox-sequential"] {
      let description = try Fixture.description("families/\(name)")
      let program = try LanguageModelProgram.training(description, batch: 1, length: 8)
      let additions = program.operations.filter { $0.kind.name == "add" }.map(\.label)
      #expect(additions == (name == "gpt2" ? ["transformer.wpe"] : []), "\(name)")
    }
  }

  @Test func phi3NamesNoTargetsByItselfAsPEFTDoesNot() throws {
    let description = try Fixture.description("families/phi3")
    let error = #expect(throws: ModelError.self) {
      try Adaptation.lora(LoRASpecification(rank: 2, alpha: 4)).plan(for: description)
    }
    #expect(error?.message.contains("`phi3`") ?? false)
  }
}
