"""Twenty optimizer steps by hand-written torch loops: LoRA and full fine-tuning, three recipes,
accumulation 1 and 4, padded and packed."""

import itertools

import torch
from peft import PeftModel
from transformers import optimization

from common import (
    FIXTURES,
    IGNORED,
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
from make_lora_fixtures import names_in_file

BASE = "llama-gqa-tied"
ADAPTER = "qv"
STEPS = 20
ACCUMULATIONS = (1, 4)
ROWS_PER_MICRO_BATCH = 2
PACKED_LENGTH = 32
CLIP = 1.0
VOCABULARY = 96

RECIPES = {
    "adam-amsgrad-step": {
        "optimizer": {"kind": "adam", "amsgrad": True, "weight_decay": 0.01},
        "schedule": {"kind": "step", "steps": 5, "gamma": 0.5},
        "learning_rate": {"lora": 1e-2, "full": 5e-3},
    },
    "adamw-cosine": {
        "optimizer": {"kind": "adamw", "weight_decay": 0.01},
        "schedule": {"kind": "cosine", "warmup": 4, "total": STEPS},
        "learning_rate": {"lora": 1e-2, "full": 5e-3},
    },
    "sgd-linear": {
        "optimizer": {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.01},
        "schedule": {"kind": "linear", "warmup": 0, "total": STEPS},
        "learning_rate": {"lora": 5e-2, "full": 5e-2},
    },
}


def make_rows():
    """Rows of 4 to 16 tokens that follow a rule with some noise, so that there is something to learn;
    supervised from a changing place on, some with a gap."""
    generator = torch.Generator().manual_seed(11)

    def below(limit):
        return int(torch.randint(limit, (1,), generator=generator))

    rows = []
    for _ in range(STEPS * max(ACCUMULATIONS) * ROWS_PER_MICRO_BATCH):
        length = 4 + below(13)
        tokens = [3 + below(VOCABULARY - 3)]
        while len(tokens) < length:
            follows = 3 + (5 * tokens[-1] + 7) % (VOCABULARY - 3)
            tokens.append(3 + below(VOCABULARY - 3) if below(8) == 0 else follows)
        start = 1 + below(length // 2)
        gap = below(length) if below(3) == 0 else -1
        rows.append((tokens, [i >= start and i != gap for i in range(length)]))
    return rows


def packed(rows):
    """The same rows one behind the other in sequences of PACKED_LENGTH, in order, none cut.

    `segments` says which row a token belongs to, −1 at the padding; positions begin anew with each.
    """
    sequences = [[]]
    for row in rows:
        if sum(len(t) for t, _ in sequences[-1]) + len(row[0]) > PACKED_LENGTH:
            sequences.append([])
        sequences[-1].append(row)
    batch = {"input_ids": [], "position_ids": [], "segments": [], "labels": []}
    for sequence in sequences:
        columns = {name: [] for name in batch}
        for segment, row in enumerate(sequence):
            one = padded([row])
            length = len(row[0])
            columns["input_ids"] += one["input_ids"][0]
            columns["position_ids"] += range(length)
            columns["segments"] += [segment] * length
            columns["labels"] += one["labels"][0]
        rest = PACKED_LENGTH - len(columns["labels"])
        for name, filler in (("input_ids", 0), ("position_ids", 0), ("segments", -1), ("labels", IGNORED)):
            batch[name].append(columns[name] + [filler] * rest)
    return batch


def packed_tensors(batch):
    """Model inputs, with a causal mask that lets no token see another row: 0 or −infinity, (B, 1, T, T)."""
    tensors = tensors_of(batch)
    segments = tensors.pop("segments")
    length = segments.shape[1]
    same = segments[:, :, None] == segments[:, None, :]
    seen = same & torch.ones(length, length, dtype=torch.bool).tril()
    lowest = torch.finfo(torch.float32).min
    tensors["attention_mask"] = torch.where(seen, 0.0, lowest)[:, None]
    return tensors


def make_optimizer(parameters, recipe, rate):
    arguments = dict(recipe["optimizer"])
    kind = arguments.pop("kind")
    by_name = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    # One group: weight decay is applied to every trainable parameter, norms and embeddings too.
    return by_name[kind](parameters, lr=rate, **arguments)


def make_schedule(optimizer, recipe):
    schedule = recipe["schedule"]
    if schedule["kind"] == "step":
        return torch.optim.lr_scheduler.StepLR(optimizer, schedule["steps"], schedule["gamma"])
    by_name = {
        "cosine": optimization.get_cosine_schedule_with_warmup,
        "linear": optimization.get_linear_schedule_with_warmup,
    }
    return by_name[schedule["kind"]](optimizer, schedule["warmup"], schedule["total"])


def make_model(method):
    model = load_base(BASE)
    if method == "lora":
        model = PeftModel.from_pretrained(model, FIXTURES / "adapters" / ADAPTER, is_trainable=True)
    return model.train()  # the adapter's dropout is 0


def train(model, micro_batches, accumulation, recipe, rate):
    """Losses, learning rates and gradient norms before clipping; the model is changed in place."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = make_optimizer(parameters, recipe, rate)
    schedule = make_schedule(optimizer, recipe)
    losses, rates, norms = [], [], []
    for step in range(STEPS):
        start = step * accumulation
        losses.append(step_loss(model, micro_batches[start : start + accumulation]))
        norms.append(float(torch.nn.utils.clip_grad_norm_(parameters, CLIP)))
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return losses, rates, norms


def final_tensors(model, method):
    if method == "lora":
        names = names_in_file(model)
        return {names[n]: p for n, p in model.named_parameters() if p.requires_grad}
    return dict(model.named_parameters())


def micro_batches_of(rows):
    size = ROWS_PER_MICRO_BATCH
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def relative(left, right):
    return max(abs(a - b) / abs(b) for a, b in zip(left, right))


def main():
    folder = fresh_folder(FIXTURES / "training")
    micro = micro_batches_of(make_rows())
    padded_batches = [padded(rows) for rows in micro]
    packed_batches = [packed(rows) for rows in micro]
    for one, other in zip(padded_batches, packed_batches):
        assert supervised_count(one["labels"]) == supervised_count(other["labels"]) > 0
    inputs = {
        "padded": [tensors_of(b) for b in padded_batches],
        "packed": [packed_tensors(b) for b in packed_batches],
    }

    cases = []
    for method, name, accumulation in itertools.product(("lora", "full"), RECIPES, ACCUMULATIONS):
        recipe = RECIPES[name]
        rate = recipe["learning_rate"][method]
        file = f"{method}-{name}-{accumulation}.safetensors"
        first = None
        for layout in ("padded", "packed"):
            model = make_model(method)
            losses, rates, norms = train(model, inputs[layout], accumulation, recipe, rate)
            if first is None:
                first = losses
                write_tensors(folder / file, final_tensors(model, method))
            apart = relative(losses, first)
            assert apart < 2e-5, f"{method} {name} {accumulation} {layout}: {apart}"
            cases.append(
                {
                    "method": method,
                    "recipe": name,
                    "accumulation": accumulation,
                    "layout": layout,
                    "optimizer": {**recipe["optimizer"], "learning_rate": rate},
                    "schedule": recipe["schedule"],
                    "losses": losses,
                    "learning_rates": rates,
                    "gradient_norms": norms,
                    "final": file,
                }
            )
            ends = f"{losses[0]:.4f} → {losses[-1]:.4f}"
            print(f"{method} {name} ×{accumulation} {layout}: {ends}, packed apart by {apart:.1e}")

    write_json(
        folder / "batches.json",
        {
            "rows_per_micro_batch": ROWS_PER_MICRO_BATCH,
            "packed_length": PACKED_LENGTH,
            "padded": padded_batches,
            "packed": packed_batches,
        },
    )
    write_json(
        folder / "oracle.json",
        {
            "versions": versions(),
            "base": BASE,
            "initial_adapter": f"adapters/{ADAPTER}",
            "steps": STEPS,
            "clip_norm": CLIP,
            "weight_decay_on": "every trainable parameter, norms and embeddings too",
            "cases": cases,
        },
    )


if __name__ == "__main__":
    main()
