"""What the oracle scripts share: places, seeds, versions, batches, and how files are written."""

import contextlib
import io
import json
import os
import shutil
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures"
IGNORED = -100

transformers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


def versions():
    return {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }


def fresh_folder(path):
    """Empties `path`, so that no file of an earlier run survives."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def write_json(path, value):
    """Writes one key a line at the top and one element a line in a list of lists or objects."""

    def dump(item):
        return json.dumps(item, ensure_ascii=False, allow_nan=False)

    lines = []
    for key, item in value.items():
        nested = isinstance(item, list) and item and isinstance(item[0], (list, dict))
        if nested:
            rows = ",\n    ".join(dump(row) for row in item)
            lines.append(f"  {dump(key)}: [\n    {rows}\n  ]")
        else:
            lines.append(f"  {dump(key)}: {dump(item)}")
    Path(path).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def write_tensors(path, tensors):
    tensors = {name: tensor.detach().float().contiguous().clone() for name, tensor in tensors.items()}
    save_file(tensors, str(path), metadata={"format": "pt"})
    os.chmod(path, 0o644)


def padded(rows, pad_id=0):
    """Rows of (token ids, supervised flags) → input_ids, attention_mask, labels, padded on the right."""
    width = max(len(tokens) for tokens, _ in rows)
    ids, mask, labels = [], [], []
    for tokens, supervised in rows:
        rest = width - len(tokens)
        ids.append(tokens + [pad_id] * rest)
        mask.append([1] * len(tokens) + [0] * rest)
        # The first token of a row is predicted from nothing: never supervised.
        row = [t if s and i > 0 else IGNORED for i, (t, s) in enumerate(zip(tokens, supervised))]
        labels.append(row + [IGNORED] * rest)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def tensors_of(batch):
    return {name: torch.tensor(rows) for name, rows in batch.items()}


def supervised_count(labels):
    """How many tokens the loss is divided by, as transformers' Trainer counts them for causal models."""
    return int((torch.as_tensor(labels)[..., 1:] != IGNORED).sum())


def step_loss(model, micro_batches, backward=True):
    """Σ cross-entropy over the supervised tokens of all micro-batches ÷ their number."""
    count = torch.tensor(sum(supervised_count(batch["labels"]) for batch in micro_batches))
    total = 0.0
    for batch in micro_batches:
        loss = model(**batch, use_cache=False, num_items_in_batch=count).loss
        if backward:
            loss.backward()
        total += float(loss.detach())
    return total


def trainable_line(model):
    """The line that PEFT's print_trainable_parameters prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        model.print_trainable_parameters()
    return out.getvalue().strip()


def load_base(name, dtype=torch.float32):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        FIXTURES / name, dtype=dtype, attn_implementation="eager"
    )
    return model.eval()


def load_tensors(path):
    return load_file(str(path))
