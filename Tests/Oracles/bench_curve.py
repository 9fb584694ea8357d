"""How far fifty losses in bfloat16 are from float32's, in Hone and in PyTorch + PEFT, for bench.py.

Each program is held against itself: the same rows, order and first adapter, once with frozen weights in
float32 and once in bfloat16. The model is pipelines/tiny with every weight moved by about a thousandth, as its
own are exact in bfloat16; the rows are those of the quickstart.
"""

import json
import os
import subprocess
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

ROOT = Path(__file__).resolve().parent.parent.parent
TINY = ROOT / "pipelines" / "tiny"
STEPS, BATCH, RATE = 50, 4, 4e-3


def texts():
    lines = (ROOT / "pipelines" / "data" / "questions.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines[: STEPS * BATCH]]
    return [f"Question: {row['prompt']}\nAnswer:\n{row['completion']}" for row in rows]


def base_of(folder):
    """A copy of pipelines/tiny whose weights need float32."""
    import torch
    from transformers import AutoModelForCausalLM

    base = Path(folder) / "curve-base"
    model = AutoModelForCausalLM.from_pretrained(TINY, dtype=torch.float32)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1 + 1e-3 * torch.randn(weight.shape, generator=generator))
    model.save_pretrained(base)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (base / name).write_bytes((TINY / name).read_bytes())
    return base


def hone_losses(hone, folder, dtype, base):
    rows = Path(folder) / "curve.jsonl"
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts()))
    output = Path(folder) / f"curve-{dtype}"
    pipeline = Path(folder) / "curve.yaml"
    pipeline.write_text(f"""hone: 1
name: curve
seed: 17
output: {output}
model: {{load: {base}, dtype: {dtype}}}
data: {{rows: {{load: {rows}, max_length: 128}}}}
stages:
  - train:
      data: rows
      method: {{lora: {{r: 8, alpha: 32, target_modules: all-linear}}}}
      max_steps: {STEPS}
      batch: {{size: {BATCH}}}
      optimizer: {{adamw: {{learning_rate: {RATE}}}}}
      schedule: {{constant: {{}}}}
""")
    subprocess.run([hone, "run", "--overwrite", "--quiet", pipeline], check=True, capture_output=True)
    lines = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


def torch_losses(dtype, base):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(17)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, dtype))
    lora = LoraConfig(r=8, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(model, lora).train()
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    rows = [tokenizer(text)["input_ids"][:127] + [tokenizer.eos_token_id] for text in texts()]
    losses = []
    for step in range(STEPS):
        batch = rows[step * BATCH : (step + 1) * BATCH]
        longest = max(map(len, batch))
        tokens = torch.zeros(len(batch), longest, dtype=torch.long)
        labels, mask = torch.full_like(tokens, -100), torch.zeros_like(tokens)
        for index, row in enumerate(batch):
            tokens[index, : len(row)] = labels[index, : len(row)] = torch.tensor(row)
            mask[index, : len(row)] = 1
        loss = model(input_ids=tokens, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


def distance(exact, rounded):
    """The mean distance of the losses of all steps."""
    assert len(exact) == len(rounded) == STEPS, f"{len(exact)} and {len(rounded)} losses"
    return sum(abs(a - b) for a, b in zip(exact, rounded)) / STEPS


def curve(hone, folder):
    base = base_of(folder)
    ours = distance(*(hone_losses(hone, folder, dtype, base) for dtype in ("float32", "bfloat16")))
    theirs = distance(*(torch_losses(dtype, base) for dtype in ("float32", "bfloat16")))
    return {
        "title": f"mean distance of {STEPS} bfloat16 losses from float32's, {ours:.4f}, against PyTorch's, {theirs:.4f}",
        "value": ours / theirs, "most": 1.0,
    }  # fmt: skip
