"""Tiny random Llama models in Hugging Face layout, each with logits, loss and every gradient."""

import json

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig

from common import (
    FIXTURES,
    fresh_folder,
    load_base,
    padded,
    step_loss,
    supervised_count,
    tensors_of,
    versions,
    write_json,
    write_tensors,
)

SHAPE = dict(
    vocab_size=96,
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=128,
    rms_norm_eps=1e-5,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
    initializer_range=0.02,
)

LLAMA3 = dict(
    factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64
)

MODELS = {
    # Written as transformers 5 writes it (`rope_parameters`).
    "llama-gqa-tied": LlamaConfig(**SHAPE, tie_word_embeddings=True),
    # head_dim is not hidden / heads; every head has its own keys; two shards. Rotary dimensions
    # fall in all three zones of the llama3 rule.
    "llama-untied-llama3-rope": LlamaConfig(
        **{**SHAPE, "num_key_value_heads": 4, "vocab_size": 112, "intermediate_size": 48},
        head_dim=16,
        rope_parameters={"rope_type": "llama3", "rope_theta": 500000.0, **LLAMA3},
    ),
    # Three layers, one key/value head (multi-query), an RMS epsilon that matters.
    "llama-linear-rope": LlamaConfig(
        **{
            **SHAPE,
            "num_hidden_layers": 3,
            "num_key_value_heads": 1,
            "intermediate_size": 40,
            "rms_norm_eps": 1e-2,
        },
        rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0},
    ),
    "mistral-gqa": MistralConfig(
        **{**SHAPE, "hidden_size": 40, "intermediate_size": 56, "vocab_size": 128},
        head_dim=12,
        sliding_window=None,
    ),
    "llama-biases": LlamaConfig(**SHAPE, attention_bias=True, mlp_bias=True),
}

# As files written by transformers 4 and before have them.
OLDER_ROPE_KEYS = {
    "llama-untied-llama3-rope": {
        "rope_theta": 500000.0,
        "rope_scaling": {"rope_type": "llama3", **LLAMA3},
    },
    "llama-linear-rope": {"rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 4.0}},
    "mistral-gqa": {"rope_theta": 10000.0},
}


def randomise(model, seed):
    """Weights large enough that a wrong formula shows: norms around 1, biases and matrices wide."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if "norm" in name:
                parameter.copy_(1 + 0.2 * noise)
            elif "embed_tokens" in name or "lm_head" in name:
                parameter.copy_(0.4 * noise)
            else:
                parameter.copy_(0.25 * noise)


def batch_for(vocabulary, seed):
    """Three rows of 20, 13 and 17 tokens: a prompt without loss, a gap, and loss everywhere."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for length, unsupervised in [(20, range(0, 6)), (13, range(5, 8)), (17, [])]:
        tokens = torch.randint(3, vocabulary, (length,), generator=generator).tolist()
        rows.append((tokens, [i not in unsupervised for i in range(length)]))
    return padded(rows)


def gradients_of(model, batch):
    model.zero_grad(set_to_none=True)
    loss = step_loss(model, [batch])
    gradients = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    norm = torch.sqrt(sum(g.double().pow(2).sum() for g in gradients.values()))
    return loss, gradients, float(norm)


def logits_of(model, batch):
    """(B, T, V), zero where the row is padding."""
    with torch.no_grad():
        logits = model(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False
        ).logits
    return logits * batch["attention_mask"][..., None]


def write_oracle(folder, batch, logits, loss, gradients, norm, **more):
    write_json(
        folder / "oracle.json",
        {
            "versions": versions(),
            **more,
            "loss": loss,
            "supervised_tokens": supervised_count(batch["labels"]),
            "gradient_norm": norm,
            "gradients": list(gradients),
            **batch,
        },
    )
    write_tensors(
        folder / "oracle.safetensors",
        {"logits": logits, **{f"gradient/{name}": g for name, g in gradients.items()}},
    )


def main():
    for index, (name, config) in enumerate(MODELS.items()):
        folder = fresh_folder(FIXTURES / name)
        model = AutoModelForCausalLM.from_config(config)
        randomise(model, seed=100 + index)
        sharded = name == "llama-untied-llama3-rope"
        model.save_pretrained(folder, max_shard_size="60KB" if sharded else "1GB")
        (folder / "generation_config.json").unlink(missing_ok=True)
        written = json.loads((folder / "config.json").read_text())
        if name in OLDER_ROPE_KEYS:
            del written["rope_parameters"]
            written["torch_dtype"] = written.pop("dtype")
            written.update(OLDER_ROPE_KEYS[name])
        (folder / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")

        model = load_base(name)
        assert model.config.rope_parameters["rope_type"] == config.rope_parameters["rope_type"]
        batch = batch_for(config.vocab_size, seed=200 + index)
        tensors = tensors_of(batch)
        logits = logits_of(model, tensors)
        loss, gradients, norm = gradients_of(model, tensors)
        write_oracle(folder, batch, logits, loss, gradients, norm)
        files = sorted(f.name for f in folder.iterdir())
        print(f"{name}: loss {loss:.6f}, gradient norm {norm:.4f}, {files}")


if __name__ == "__main__":
    main()
