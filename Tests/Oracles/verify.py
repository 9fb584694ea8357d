"""Holds the committed fixtures to a second computation in double precision.

transformers computes RMSNorm, the softmax and the loss in float32 whatever the weights are; here all of it is
float64 (norms replaced, scaled-dot-product attention, the loss written out). What is left is the rounding of the
fixtures themselves, which must lie far below the tolerances that Hone is held to.
"""

import json
import warnings

import torch
import transformers
from peft import PeftModel
from transformers.models.llama.modeling_llama import LlamaRMSNorm
from transformers.models.mistral.modeling_mistral import MistralRMSNorm

from common import FIXTURES, IGNORED, load_tensors, supervised_count, tensors_of
from make_llama_fixtures import MODELS
from make_lora_fixtures import ADAPTERS, names_in_file
from make_training_fixtures import RECIPES, STEPS, make_optimizer, make_schedule, packed_tensors

LOGITS, GRADIENTS, LOSSES = 2e-5, 1e-5, 1e-5


def exact_norm(self, hidden):
    return self.weight * hidden * torch.rsqrt(hidden.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)


LlamaRMSNorm.forward = MistralRMSNorm.forward = exact_norm


def exact_model(base, adapter=None):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        FIXTURES / base, dtype=torch.float64, attn_implementation="sdpa"
    )
    if adapter:
        folder = FIXTURES / "adapters" / adapter
        model = PeftModel.from_pretrained(model, folder, is_trainable=True)
    return model.double().eval()


def forward(model, batch):
    inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
    if inputs["attention_mask"].is_floating_point():
        inputs["attention_mask"] = inputs["attention_mask"].double()
    return model(**inputs, use_cache=False).logits


def summed_loss(logits, labels):
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum"
    )


def slope_along(model, parameters, directions, batch, step=1e-5):
    """The loss's central difference along `directions`: needs no autograd."""
    ends = []
    with torch.no_grad():
        for sign in (1, -2):
            for parameter, direction in zip(parameters, directions):
                parameter.add_(direction, alpha=sign * step)
            ends.append(float(summed_loss(forward(model, batch), batch["labels"])))
        for parameter, direction in zip(parameters, directions):
            parameter.add_(direction, alpha=step)
    return (ends[0] - ends[1]) / (2 * step)


def check_point(folder, model, names):
    oracle = json.loads((folder / "oracle.json").read_text())
    tensors = load_tensors(folder / "oracle.safetensors")
    batch = tensors_of({k: oracle[k] for k in ("input_ids", "attention_mask", "labels")})
    logits = forward(model, batch)
    count = supervised_count(batch["labels"])
    assert count == oracle["supervised_tokens"]
    loss = summed_loss(logits, batch["labels"]) / count
    loss.backward()

    apart = ((logits * batch["attention_mask"][..., None]) - tensors["logits"]).abs().max().item()
    loss_apart = abs(loss.item() - oracle["loss"]) / loss.item()
    worst = 0.0
    trainable = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    assert {names(n) for n, _ in trainable} == set(oracle["gradients"])
    for name, parameter in trainable:
        stored = tensors[f"gradient/{names(name)}"].double()
        worst = max(worst, ((parameter.grad - stored).norm() / parameter.grad.norm()).item())

    generator = torch.Generator().manual_seed(0)
    parameters = [p for _, p in trainable]
    directions = [torch.randn(p.shape, generator=generator, dtype=torch.float64) for p in parameters]
    slope = slope_along(model, parameters, directions, batch) / count
    expected = sum((tensors[f"gradient/{names(n)}"] * d).sum().item() for (n, _), d in zip(trainable, directions))
    slope_apart = abs(slope - expected) / abs(slope)

    print(
        f"{folder.relative_to(FIXTURES)}: logits {apart:.1e}, loss {loss_apart:.1e}, "
        f"gradients {worst:.1e}, slope {slope_apart:.1e}"
    )
    assert apart < LOGITS and loss_apart < LOSSES and worst < GRADIENTS and slope_apart < 1e-4


def check_training():
    folder = FIXTURES / "training"
    batches = json.loads((folder / "batches.json").read_text())
    inputs = {
        "padded": [tensors_of(b) for b in batches["padded"]],
        "packed": [packed_tensors(b) for b in batches["packed"]],
    }
    oracle = json.loads((folder / "oracle.json").read_text())
    for case in oracle["cases"]:
        adapter = "qv" if case["method"] == "lora" else None
        model = exact_model(oracle["base"], adapter)
        names = names_in_file(model) if adapter else {n: n for n, _ in model.named_parameters()}
        parameters = [p for p in model.parameters() if p.requires_grad]
        recipe = RECIPES[case["recipe"]]
        optimizer = make_optimizer(parameters, recipe, case["optimizer"]["learning_rate"])
        schedule = make_schedule(optimizer, recipe)
        worst, norms = 0.0, 0.0
        for step in range(STEPS):
            start = step * case["accumulation"]
            micro = inputs[case["layout"]][start : start + case["accumulation"]]
            count = sum(supervised_count(b["labels"]) for b in micro)
            total = 0.0
            for batch in micro:
                loss = summed_loss(forward(model, batch), batch["labels"]) / count
                loss.backward()
                total += loss.item()
            worst = max(worst, abs(total - case["losses"][step]) / total)
            norm = torch.nn.utils.clip_grad_norm_(parameters, oracle["clip_norm"]).item()
            norms = max(norms, abs(norm - case["gradient_norms"][step]) / norm)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        final = load_tensors(folder / case["final"])
        ends = max(
            ((p - final[names[n]]).norm() / p.norm()).item()
            for n, p in model.named_parameters()
            if p.requires_grad
        )
        title = f"{case['method']} {case['recipe']} ×{case['accumulation']} {case['layout']}"
        print(f"training, {title}: losses {worst:.1e}, norms {norms:.1e}, final weights {ends:.1e}")
        assert worst < LOSSES and norms < 1e-4 and ends < 1e-4


def main():
    warnings.simplefilter("ignore")
    for base in MODELS:
        check_point(FIXTURES / base, exact_model(base), lambda name: name)
    for adapter, (base, _) in ADAPTERS.items():
        model = exact_model(base, adapter)
        check_point(FIXTURES / "adapters" / adapter, model, names_in_file(model).__getitem__)
    check_training()
    print("all fixtures hold")


if __name__ == "__main__":
    main()
