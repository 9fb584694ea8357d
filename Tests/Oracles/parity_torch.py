"""Live agreement between Hone and torch about torch's own files, both ways.

    parity_torch.py --hone HONE --base MODEL [--work DIR]

MODEL is a decoder in Hugging Face layout with tokenizer.json. Torch saves it as a state dict, as a dict that holds one, as a whole
module, in the older format, and in float16 and bfloat16: Hone must compute the same logits from each as from the safetensors.
Hone then trains from the whole module, with its `config.json` named apart, and exports a torch checkpoint: `torch.load` with
`weights_only=True` must read it, the names must be those of transformers' state dict, tied weights must share their storage,
transformers must load it, and its logits must be Hone's.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from parity import compare_logits, failures, load_model, logits_by_hone, report, run_hone, write_rows, write_tokens
from transformers import AutoModelForCausalLM


def files_of(base):
    """The forms in which torch saves one model: a name, what is saved, the options, and the type of the weights."""
    model = load_model(base)
    state = model.state_dict()
    old = {"_use_new_zipfile_serialization": False}
    return [
        ("state", state, {}, torch.float32),
        ("nested", {"epoch": 1, "model": {f"module.{name}": value for name, value in state.items()}}, {}, torch.float32),
        ("module", model, {}, torch.float32),
        ("protocol4", model, {"pickle_protocol": 4}, torch.float32),
        ("legacy", state, old, torch.float32),
        ("legacy-module", model, old, torch.float32),
        ("float64", {name: value.double() for name, value in state.items()}, {}, torch.float32),
        ("float16", {name: value.half() for name, value in state.items()}, {}, torch.float16),
        ("bfloat16", {name: value.bfloat16() for name, value in state.items()}, {}, torch.bfloat16),
        ("transposed", {name: value.T.contiguous().T if value.dim() == 2 else value for name, value in state.items()}, {}, torch.float32),
    ]


def read_by_hone(hone, base, work, tokens):
    for name, value, options, dtype in files_of(base):
        folder = work / "read" / name
        folder.mkdir(parents=True)
        for file in ("config.json", "tokenizer.json", "tokenizer_config.json"):
            shutil.copy(base / file, folder)
        torch.save(value, folder / "weights.pt", **options)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=dtype).float().eval()
        logits = logits_by_hone(hone, work, f"read-{name}", tokens, folder / "weights.pt")
        compare_logits(f"saved by torch as {name}, logits by Hone", model, tokens, logits)


def written_by_hone(hone, base, work, tokens):
    path = work / "train.yaml"
    columns = "{prompt: prompt, completion: completion}"
    path.write_text(f"""\
hone: 1
name: torch
seed: 5
output: {json.dumps(str(work / "run"))}
model:
  load: {json.dumps(str(work / "read" / "module" / "weights.pt"))}
  config: {json.dumps(str(base / "config.json"))}
  tokenizer: {json.dumps(str(base))}
data:
  train: {{load: {json.dumps(str(work / "train.jsonl"))}, columns: {columns}, max_length: 64}}
stages:
  - train:
      data: train
      method: {{full: {{}}}}
      max_steps: 2
      batch: {{size: 4}}
      optimizer: {{adamw: {{learning_rate: 1e-3}}}}
  - export: {{merged: {json.dumps(str(work / "torch"))}, format: torch}}
""")
    run_hone(hone, "run", path)
    state = torch.load(work / "torch" / "pytorch_model.bin", weights_only=True)
    model = load_model(work / "torch")
    expected = model.state_dict()
    report("names of the state dict that differ", len(set(state) ^ set(expected)), 0)
    worst = max((state[name] - expected[name]).abs().max().item() for name in expected)
    report("written by Hone, weights by transformers", worst, 0)
    apart = [
        name
        for name in expected
        for other in expected
        if (expected[name].data_ptr() == expected[other].data_ptr()) != (state[name].data_ptr() == state[other].data_ptr())
    ]
    report("tied weights that do not share their storage", len(apart), 0)
    mapped = torch.load(work / "torch" / "pytorch_model.bin", weights_only=True, mmap=True)
    report("mapped by torch", max((mapped[name] - state[name]).abs().max().item() for name in state), 0)
    logits = logits_by_hone(hone, work, "written", tokens, work / "torch")
    compare_logits("written by Hone, logits by transformers", model, tokens, logits)


def compare(hone, base, work):
    if work is None:
        with tempfile.TemporaryDirectory(prefix="hone parity ") as folder:
            return compare(hone, base, folder)
    hone, base, work = Path(hone).resolve(), Path(base).resolve(), Path(work).resolve()
    write_rows(work)
    tokens = write_tokens(base, work / "tokens.json")
    read_by_hone(hone, base, work, tokens)
    written_by_hone(hone, base, work, tokens)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hone", required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--work", help="an empty folder to keep what was written")
    arguments = parser.parse_args()
    print(f"torch {torch.__version__}:", flush=True)
    compare(arguments.hone, arguments.base, arguments.work)
    sys.exit(f"{len(failures)} of the comparisons failed" if failures else 0)


if __name__ == "__main__":
    main()
