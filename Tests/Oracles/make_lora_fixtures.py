"""Adapters that PEFT wrote for the tiny models, with logits, loss, gradients and PEFT's own counts."""

import json

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict

from common import (
    FIXTURES,
    fresh_folder,
    load_base,
    load_tensors,
    tensors_of,
    trainable_line,
    versions,
)
from make_llama_fixtures import gradients_of, logits_of, write_oracle

QV = ["q_proj", "v_proj"]

# name → (base model, LoraConfig)
ADAPTERS = {
    "qv": ("llama-gqa-tied", dict(r=4, lora_alpha=8, target_modules=QV)),
    "all-linear": (
        "llama-gqa-tied",
        dict(r=3, lora_alpha=9, lora_dropout=0.1, target_modules="all-linear"),
    ),
    "patterns": (
        "llama-gqa-tied",
        dict(
            r=4,
            lora_alpha=8,
            target_modules=["q_proj", "v_proj", "down_proj"],
            rank_pattern={"q_proj": 2, r"layers\.1\.mlp\..*": 6},
            alpha_pattern={"v_proj": 5, r".*\.1\.self_attn\.q_proj": 3},
        ),
    ),
    "rslora": (
        "llama-gqa-tied",
        dict(r=4, lora_alpha=8, target_modules=QV, use_rslora=True, rank_pattern={"v_proj": 9}),
    ),
    "layers-to-transform": (
        "llama-linear-rope",
        dict(r=4, lora_alpha=8, target_modules=["k_proj", "o_proj"], layers_to_transform=[0, 2]),
    ),
    "regex": (
        "llama-gqa-tied",
        dict(r=4, lora_alpha=8, target_modules=r".*\.layers\.1\.(self_attn\.[qk]|mlp\.up)_proj"),
    ),
    "exclude": (
        "llama-gqa-tied",
        dict(
            r=4,
            lora_alpha=8,
            target_modules=["q_proj", "k_proj", "gate_proj"],
            exclude_modules=["k_proj", "layers.0.mlp.gate_proj"],
        ),
    ),
    "modules-to-save": (
        "llama-untied-llama3-rope",
        dict(r=4, lora_alpha=8, target_modules=QV, modules_to_save=["lm_head"]),
    ),
    "bias-all": ("llama-biases", dict(r=4, lora_alpha=8, target_modules=QV, bias="all")),
    "bias-lora-only": (
        "llama-biases",
        dict(r=4, lora_alpha=8, target_modules=["q_proj", "down_proj"], bias="lora_only"),
    ),
}


def randomise(model, seed):
    """Moves every trainable tensor: B away from zero, saved modules and biases away from the base."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                noise = torch.randn(parameter.shape, generator=generator)
                if "lora_" in name:
                    parameter.copy_(0.15 * noise)
                else:
                    parameter.add_(0.1 * noise)


def names_in_file(model):
    """In-memory parameter name → name in adapter_model.safetensors, found by storage."""
    by_storage = {t.data_ptr(): n for n, t in get_peft_model_state_dict(model).items()}
    trainable = {n: p for n, p in model.named_parameters() if p.requires_grad}
    return {name: by_storage[p.data_ptr()] for name, p in trainable.items()}


def adapted_modules(model):
    """Every module with LoRA, in module order, with its effective rank and scaling."""
    return [
        {
            "name": name.removeprefix("base_model.model."),
            "r": module.r["default"],
            "alpha": module.lora_alpha["default"],
            "scaling": module.scaling["default"],
        }
        for name, module in model.named_modules()
        if getattr(module, "lora_A", None) is not None and "default" in module.lora_A
    ]


def save_adapter(model, folder, base):
    """What PEFT writes, without its README template and with a base path that holds anywhere."""
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    config["base_model_name_or_path"] = base
    for key in ("target_modules", "exclude_modules"):
        if isinstance(config[key], list):  # a set in memory: its order is chance
            config[key].sort()
    path.write_text(json.dumps(config, indent=2, sort_keys=False))


def main():
    for index, (name, (base, arguments)) in enumerate(ADAPTERS.items()):
        folder = fresh_folder(FIXTURES / "adapters" / name)
        torch.manual_seed(300 + index)
        model = get_peft_model(load_base(base), LoraConfig(task_type="CAUSAL_LM", **arguments))
        randomise(model, seed=400 + index)
        model.eval()
        save_adapter(model, folder, base)

        oracle = json.loads((FIXTURES / base / "oracle.json").read_text())
        batch = {key: oracle[key] for key in ("input_ids", "attention_mask", "labels")}
        tensors = tensors_of(batch)
        logits = logits_of(model, tensors)
        moved = (logits - load_tensors(FIXTURES / base / "oracle.safetensors")["logits"]).abs().max()
        assert moved > 0.1, f"{name}: the adapter changes nothing"
        loss, gradients, norm = gradients_of(model, tensors)
        names = names_in_file(model)
        gradients = {names[n]: g for n, g in gradients.items()}
        assert set(gradients) == set(load_tensors(folder / "adapter_model.safetensors"))
        write_oracle(
            folder,
            batch,
            logits,
            loss,
            gradients,
            norm,
            base=base,
            trainable_line=trainable_line(model),
            adapted=adapted_modules(model),
        )
        print(f"{name}: {trainable_line(model)}; logits moved by {moved:.3f}")


if __name__ == "__main__":
    main()
