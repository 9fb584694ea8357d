"""Tiny random models of the decoder families, each with logits, loss, every gradient, ten losses of full and of
LoRA training, an adapter that PEFT wrote, its merged weights, and a generation."""

import json

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    GPT2Config,
    GPTNeoXConfig,
    MistralConfig,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
)

from common import (
    FIXTURES,
    fresh_folder,
    load_base,
    padded,
    step_loss,
    tensors_of,
    trainable_line,
    versions,
    write_json,
    write_tensors,
)
from make_llama_fixtures import gradients_of, logits_of, write_oracle
from make_lora_fixtures import adapted_modules, names_in_file, save_adapter
from make_lora_fixtures import randomise as randomise_adapter

STEPS = 10
FULL_RATE, LORA_RATE = 5e-3, 1e-2
WINDOW = 6

SHAPE = dict(
    vocab_size=48,
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    max_position_embeddings=64,
    bos_token_id=1,
    eos_token_id=2,
)

# name → (config, LoRA's targets: None for PEFT's default)
MODELS = {
    "mistral-window": (
        MistralConfig(**SHAPE, num_key_value_heads=2, sliding_window=WINDOW, pad_token_id=0),
        None,
    ),
    "qwen2": (Qwen2Config(**SHAPE, num_key_value_heads=2, tie_word_embeddings=True), None),
    # A window from the second layer on.
    "qwen2-window": (
        Qwen2Config(
            **SHAPE,
            num_key_value_heads=2,
            use_sliding_window=True,
            sliding_window=WINDOW,
            max_window_layers=1,
        ),
        ["k_proj", "o_proj", "up_proj"],
    ),
    "qwen3": (Qwen3Config(**SHAPE, num_key_value_heads=2, head_dim=6), None),
    "gpt2": (
        GPT2Config(
            vocab_size=48,
            n_positions=32,
            n_embd=16,
            n_layer=2,
            n_head=4,
            n_inner=20,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=1,
            eos_token_id=2,
        ),
        None,
    ),
    # Square matrices, where a transposed weight has the right shape; untied; scaled by layer.
    "gpt2-square": (
        GPT2Config(
            vocab_size=48,
            n_positions=32,
            n_embd=16,
            n_layer=2,
            n_head=2,
            n_inner=16,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            activation_function="relu",
            scale_attn_by_inverse_layer_idx=True,
            tie_word_embeddings=False,
            bos_token_id=1,
            eos_token_id=2,
        ),
        ["c_attn", "c_proj", "c_fc"],
    ),
    "gemma": (GemmaConfig(**SHAPE, num_key_value_heads=1, head_dim=6), None),
    "gemma2": (
        Gemma2Config(
            **SHAPE,
            num_key_value_heads=2,
            head_dim=6,
            query_pre_attn_scalar=12,
            sliding_window=WINDOW,
            attn_logit_softcapping=1.5,
            final_logit_softcapping=4.0,
        ),
        None,
    ),
    # The second layer sees everything; positions of two kinds, one of them scaled.
    "gemma3": (
        Gemma3TextConfig(
            **SHAPE,
            num_key_value_heads=2,
            head_dim=6,
            query_pre_attn_scalar=9,
            sliding_window=WINDOW,
            sliding_window_pattern=2,
            rope_parameters={
                "full_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e5},
                "sliding_attention": {"rope_type": "default", "rope_theta": 1e3},
            },
        ),
        None,
    ),
    "phi3": (
        Phi3Config(**SHAPE, num_key_value_heads=2, sliding_window=WINDOW, pad_token_id=0),
        ["qkv_proj", "gate_up_proj"],
    ),
    "gpt_neox": (
        GPTNeoXConfig(
            **{**SHAPE, "num_attention_heads": 2},
            rope_parameters={"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5},
        ),
        None,
    ),
    "gpt_neox-sequential": (
        GPTNeoXConfig(
            **{**SHAPE, "num_attention_heads": 2},
            use_parallel_residual=False,
            rope_parameters={"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.25},
        ),
        ["query_key_value", "dense_4h_to_h"],
    ),
}


def randomise(model, seed):
    """Weights large enough that a wrong formula shows."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            module = name.split(".")[-2]
            if "norm" in module or module.startswith("ln_"):
                centre = 0 if "bias" in name or type(model).__name__.startswith("Gemma") else 1
                parameter.copy_(centre + 0.2 * noise)
            elif "emb" in module or module in ("wte", "wpe", "lm_head"):
                parameter.copy_(0.4 * noise)
            else:
                parameter.copy_(0.3 * noise)


def batch_for(vocabulary, seed):
    """Rows longer than the windows, of different lengths, with a prompt and a gap without loss."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for length, unsupervised in [(15, range(0, 4)), (9, range(5, 7))]:
        tokens = torch.randint(3, vocabulary, (length,), generator=generator).tolist()
        rows.append((tokens, [i not in unsupervised for i in range(length)]))
    return padded(rows)


def losses_of(model, batch, rate):
    """Losses of AdamW steps over the same batch."""
    model.eval()  # without dropout; gradients flow all the same
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        losses.append(step_loss(model, [batch]))
        optimizer.step()
        optimizer.zero_grad()
    return losses


def generate(model, prompt, count):
    """Greedy tokens, computed anew from the whole sequence each time."""
    ids = list(prompt)
    with torch.no_grad():
        for _ in range(count):
            logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1]
            ids.append(int(logits.argmax()))
    return ids[len(prompt) :]


def main():
    root = fresh_folder(FIXTURES / "families")
    for index, (name, (config, targets)) in enumerate(MODELS.items()):
        folder = root / name
        folder.mkdir()
        model = AutoModelForCausalLM.from_config(config)
        randomise(model, seed=500 + index)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)

        base = f"families/{name}"
        model = load_base(base)
        batch = batch_for(config.vocab_size, seed=600 + index)
        tensors = tensors_of(batch)
        logits = logits_of(model, tensors)
        loss, gradients, norm = gradients_of(model, tensors)
        generated = generate(model, batch["input_ids"][0][:5], 12)
        modules = [n for n, _ in model.named_modules() if n]
        full_losses = losses_of(load_base(base), tensors, FULL_RATE)
        write_oracle(
            folder,
            batch,
            logits,
            loss,
            gradients,
            norm,
            modules=modules,
            generated=generated,
            losses=full_losses,
        )

        adapter = folder / "adapter"
        torch.manual_seed(700 + index)
        tuned = get_peft_model(
            load_base(base),
            LoraConfig(task_type="CAUSAL_LM", r=2, lora_alpha=6, target_modules=targets),
        )
        randomise_adapter(tuned, seed=800 + index)
        tuned.eval()
        save_adapter(tuned, adapter, base)
        tuned_logits = logits_of(tuned, tensors)
        assert (tuned_logits - logits).abs().max() > 0.05, f"{name}: the adapter changes nothing"
        loss, gradients, _ = gradients_of(tuned, tensors)
        names = names_in_file(tuned)
        gradients = {names[n]: g for n, g in gradients.items()}
        line, adapted = trainable_line(tuned), adapted_modules(tuned)
        again = PeftModel.from_pretrained(load_base(base), adapter, is_trainable=True)
        lora_losses = losses_of(again, tensors, LORA_RATE)
        merged = tuned.merge_and_unload()
        paths = [module["name"] + ".weight" for module in adapted]
        weights = {n: p for n, p in merged.named_parameters() if n in paths}
        assert len(weights) == len(paths)
        write_json(
            adapter / "oracle.json",
            {
                "versions": versions(),
                "loss": loss,
                "losses": lora_losses,
                "trainable_line": line,
                "default_targets": targets is None,
                "adapted": adapted,
                "gradients": list(gradients),
            },
        )
        write_tensors(
            adapter / "oracle.safetensors",
            {
                "logits": tuned_logits,
                **{f"gradient/{n}": g for n, g in gradients.items()},
                **{f"merged/{n}": p for n, p in weights.items()},
            },
        )
        ends = f"{full_losses[0]:.4f} → {full_losses[-1]:.4f}, LoRA → {lora_losses[-1]:.4f}"
        print(f"{name}: {ends}; {line}")


if __name__ == "__main__":
    main()
