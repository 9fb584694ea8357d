"""DoRA, biases of updates, embeddings, LoRA+ and inits: adapters that PEFT wrote, with their gradients, and ten
optimizer steps of each by hand-written loops over PEFT."""

import json

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.optimizers import create_loraplus_optimizer

from common import (
    FIXTURES,
    fresh_folder,
    load_base,
    load_tensors,
    step_loss,
    tensors_of,
    trainable_line,
    versions,
    write_json,
    write_tensors,
)
from make_llama_fixtures import gradients_of, logits_of, write_oracle
from make_lora_fixtures import adapted_modules, names_in_file, randomise, save_adapter

STEPS = 10
FOLDER = FIXTURES / "lora-variants"

# name → (base model, LoraConfig): a random adapter in whole, then ten steps from it
ADAPTERS = {
    "dora": (
        "llama-gqa-tied",
        dict(r=4, lora_alpha=8, use_dora=True, target_modules=["q_proj", "v_proj", "down_proj"]),
    ),
    "dora-biases": (
        "llama-biases",
        dict(r=4, lora_alpha=8, use_dora=True, use_rslora=True, target_modules=["q_proj", "o_proj"]),
    ),
    "dora-conv1d": (
        "families/gpt2",
        dict(
            r=3, lora_alpha=6, use_dora=True, fan_in_fan_out=True, target_modules=["c_attn", "mlp.c_proj"]
        ),
    ),
    "dora-embedding": (
        "llama-untied-llama3-rope",
        dict(r=4, lora_alpha=8, use_dora=True, target_modules=["embed_tokens", "k_proj"]),
    ),
    "lora-bias": (
        "llama-biases",
        dict(r=4, lora_alpha=8, lora_bias=True, target_modules=["q_proj", "v_proj", "down_proj"]),
    ),
    "embedding": (
        "llama-untied-llama3-rope",
        dict(r=4, lora_alpha=8, target_modules=["embed_tokens", "v_proj"]),
    ),
    "embedding-tied": (
        "llama-gqa-tied",
        dict(r=4, lora_alpha=8, target_modules=["embed_tokens", "v_proj"]),
    ),
    "tokens": (
        "llama-untied-llama3-rope",
        dict(r=4, lora_alpha=8, target_modules=["v_proj"], trainable_token_indices=[70, 5, 22, 8]),
    ),
    "tokens-tied": (
        "llama-gqa-tied",
        dict(r=4, lora_alpha=8, target_modules=["v_proj"], trainable_token_indices={"embed_tokens": [9, 40, 3]}),
    ),
}

# name → (base model, LoraConfig): updates that begin as a part of the weights, and ten steps
STARTS = {
    "pissa": (
        "llama-gqa-tied",
        dict(r=4, lora_alpha=8, init_lora_weights="pissa", target_modules=["q_proj", "down_proj"]),
    ),
    "pissa-conv1d": (
        "families/gpt2",
        dict(
            r=3, lora_alpha=12, init_lora_weights="pissa", fan_in_fan_out=True, use_rslora=True,
            target_modules=["c_attn", "c_fc"],
        ),
    ),
    "pissa-dora": (
        "llama-gqa-tied",
        dict(r=4, lora_alpha=8, init_lora_weights="pissa", use_dora=True, target_modules=["k_proj", "up_proj"]),
    ),
    "olora": (
        "llama-gqa-tied",
        dict(r=4, lora_alpha=8, init_lora_weights="olora", target_modules=["v_proj", "up_proj"]),
    ),
}

LORA_PLUS = {
    # name → (adapter that it goes on from, ratio, rate of embeddings, weight decay)
    "loraplus": ("dora-biases", 8, None, 0.1),
    "loraplus-embedding": ("embedding", 4, 2e-2, 0.01),
    "loraplus-bias": ("lora-bias", 16, None, 0.2),
}


def vocabulary_of(base):
    return json.loads((FIXTURES / base / "config.json").read_text())["vocab_size"]


def batches_of(base):
    """The first batches of the training fixtures, their ids brought into the model's vocabulary."""
    batches = json.loads((FIXTURES / "training" / "batches.json").read_text())["padded"][:STEPS]
    size = vocabulary_of(base)
    fold = lambda rows: [[i if i < size else 3 + i % (size - 3) for i in row] for row in rows]
    return [
        {
            "input_ids": fold(batch["input_ids"]),
            "attention_mask": batch["attention_mask"],
            "labels": fold(batch["labels"]),
        }
        for batch in batches
    ]


def train(model, batches, optimizer):
    parameters = [p for p in model.parameters() if p.requires_grad]
    losses, norms = [], []
    for batch in batches:
        losses.append(step_loss(model, [tensors_of(batch)]))
        norms.append(float(torch.nn.utils.clip_grad_norm_(parameters, 1.0)))
        optimizer.step()
        optimizer.zero_grad()
    return losses, norms


def write_adapter(name, base, arguments, index):
    folder = FOLDER / name
    folder.mkdir()
    torch.manual_seed(500 + index)
    model = get_peft_model(load_base(base), LoraConfig(task_type="CAUSAL_LM", **arguments))
    if arguments.get("use_dora"):
        magnitudes = {n: p.detach().clone() for n, p in model.named_parameters() if "magnitude" in n}
    randomise(model, seed=600 + index)
    if arguments.get("use_dora"):
        generator = torch.Generator().manual_seed(700 + index)
        with torch.no_grad():
            for n, p in model.named_parameters():
                if n in magnitudes:  # lengths stay near those of the weights
                    p.copy_(magnitudes[n] * (1 + 0.2 * torch.randn(p.shape, generator=generator)))
    model.eval()
    save_adapter(model, folder, base)
    oracle = json.loads((FIXTURES / base / "oracle.json").read_text())
    batch = {key: oracle[key] for key in ("input_ids", "attention_mask", "labels")}
    tensors = tensors_of(batch)
    logits = logits_of(model, tensors)
    loss, gradients, norm = gradients_of(model, tensors)
    names = names_in_file(model)
    gradients = {names[n]: g for n, g in gradients.items()}
    stored = set(load_tensors(folder / "adapter_model.safetensors"))
    assert {n for n in stored if not n.endswith("base_layer.weight")} == set(gradients), name
    write_oracle(
        folder, batch, logits, loss, gradients, norm, base=base,
        trainable_line=trainable_line(model), adapted=adapted_modules(model),
    )
    merged = get_merged(folder, base)
    write_tensors(folder / "merged.safetensors", merged)
    print(f"{name}: {trainable_line(model)}")


def get_merged(folder, base):
    """The weights that merging changes; none where PEFT cannot merge."""
    model = PeftModel.from_pretrained(load_base(base), folder)
    plain = load_base(base).state_dict()
    try:
        merged = model.merge_and_unload().state_dict()
    except RuntimeError:
        return {}
    return {n: t for n, t in merged.items() if n not in plain or not torch.equal(t, plain[n])}


def case(name, base, adapter, model, optimizer, settings):
    losses, norms = train(model.train(), batches_of(base), optimizer)
    file = f"{name}.safetensors"
    names = names_in_file(model)
    write_tensors(FOLDER / file, {names[n]: p for n, p in model.named_parameters() if p.requires_grad})
    print(f"{name}: {losses[0]:.4f} → {losses[-1]:.4f}")
    return {
        "name": name, "base": base, "adapter": adapter, **settings,
        "losses": losses, "gradient_norms": norms, "final": file,
    }


def start_tensors(model):
    """What stays of each adapted weight as it is stored, and the update B·A."""
    tensors = {}
    for name, module in model.named_modules():
        if getattr(module, "lora_A", None) is not None and "default" in module.lora_A:
            path = name.removeprefix("base_model.model.")
            product = module.lora_B["default"].weight @ module.lora_A["default"].weight
            tensors[f"{path}/rest"] = module.get_base_layer().weight
            tensors[f"{path}/update"] = product
    return tensors


def start_case(name, base, arguments):
    torch.manual_seed(800)
    model = get_peft_model(load_base(base), LoraConfig(task_type="CAUSAL_LM", **arguments))
    write_tensors(FOLDER / f"{name}-start.safetensors", start_tensors(model))
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=1e-2, weight_decay=0.01
    )
    losses, norms = train(model.train(), batches_of(base), optimizer)
    merged = model.merge_and_unload().state_dict()
    plain = load_base(base).state_dict()
    changed = {n: t for n, t in merged.items() if not torch.equal(t, plain[n])}
    write_tensors(FOLDER / f"{name}-merged.safetensors", changed)
    print(f"{name}: {losses[0]:.4f} → {losses[-1]:.4f}")
    return {
        "name": name, "base": base, "arguments": arguments, "learning_rate": 1e-2,
        "weight_decay": 0.01, "losses": losses, "gradient_norms": norms,
    }


def from_adapter(name, base):
    return PeftModel.from_pretrained(load_base(base), FOLDER / name, is_trainable=True)


def main():
    fresh_folder(FOLDER)
    cases, batches = [], {}
    for index, (name, (base, arguments)) in enumerate(ADAPTERS.items()):
        write_adapter(name, base, arguments, index)
        batches[base] = batches_of(base)
        model = from_adapter(name, base)
        optimizer = torch.optim.AdamW(
            [p for p in model.parameters() if p.requires_grad], lr=1e-2, weight_decay=0.01
        )
        settings = {"learning_rate": 1e-2, "weight_decay": 0.01}
        cases.append(case(f"train-{name}", base, name, model, optimizer, settings))
    for name, (adapter, ratio, embedding_rate, decay) in LORA_PLUS.items():
        base = ADAPTERS[adapter][0]
        model = from_adapter(adapter, base)
        extra = {} if embedding_rate is None else {"loraplus_lr_embedding": embedding_rate}
        optimizer = create_loraplus_optimizer(
            model, torch.optim.AdamW, lr=2e-3, loraplus_lr_ratio=ratio, loraplus_weight_decay=decay, **extra
        )
        settings = {
            "learning_rate": 2e-3, "weight_decay": decay, "loraplus_ratio": ratio,
            "loraplus_lr_embedding": embedding_rate or 1e-6,
        }
        cases.append(case(name, base, adapter, model, optimizer, settings))
    starts = []
    for name, (base, arguments) in STARTS.items():
        batches[base] = batches_of(base)
        starts.append(start_case(name, base, arguments))
    write_json(
        FOLDER / "oracle.json",
        {
            "versions": versions(), "steps": STEPS, "clip_norm": 1.0, "cases": cases,
            "starts": starts,
        },
    )
    write_json(FOLDER / "batches.json", batches)


if __name__ == "__main__":
    main()
