"""Live agreement between Hone and PEFT/transformers, both ways.

    parity.py all     --hone HONE --base MODEL [--work DIR]
    parity.py families --hone HONE [--work DIR]
    parity.py tokenizers --hone HONE
    parity.py adapter --base MODEL --adapter DIR --tokens FILE --logits FILE
    parity.py merged  --model DIR --tokens FILE --logits FILE

`all` needs a base model in Hugging Face layout with tokenizer.json and an end-of-sequence token. It
* lets PEFT write an adapter with random weights, lets Hone go on from it with one step at a learning rate of zero,
  evaluate and export: the loss must be PEFT's, the exported tensors the very same bytes;
* lets Hone train an adapter and export it and the merged model: PEFT and transformers must load them, and logits
  and evaluation loss must agree.

`tokenizers` lets Hone make tokenizers, which transformers must load with the ids that their rule gives.

`families` does the second for a tiny random model of every decoder family, with the targets that PEFT takes by itself.
"""

import argparse
import copy
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from common import IGNORED, load_tensors

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS = 48
TEMPLATE = "Question: {{prompt}}\nAnswer: "
MAX_LENGTH = 96
# Differences are measured against the largest logit: float32 sums in another order.
LOGIT_TOLERANCE = 1e-4
LOSS_TOLERANCE = 1e-4

failures = []


def report(title, difference, tolerance):
    verdict = "ok" if difference <= tolerance else "FAILED"
    if verdict == "FAILED":
        failures.append(title)
    print(f"{verdict:6} {title}: {difference:.2e} (at most {tolerance:.0e})", flush=True)


def load_model(path, adapter=None):
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, adapter)
    return model.eval()


def compare_logits(title, model, tokens_file, logits_file):
    tokens = json.loads(Path(tokens_file).read_text())["tokens"]
    found = json.loads(Path(logits_file).read_text())["logits"]
    worst, largest = 0.0, 1.0
    assert len(found) == len(tokens), f"{title}: {len(found)} rows of logits for {len(tokens)} rows"
    with torch.no_grad():
        for row, values in zip(tokens, found):
            expected = model(input_ids=torch.tensor([row]), use_cache=False).logits[0]
            values = torch.tensor(values)
            assert values.shape == expected.shape, f"{title}: {values.shape}, not {expected.shape}"
            worst = max(worst, (values - expected).abs().max().item())
            largest = max(largest, expected.abs().max().item())
    report(title, worst / largest, LOGIT_TOLERANCE)


def run_hone(hone, *arguments):
    run = subprocess.run([str(hone), *map(str, arguments)], capture_output=True, text=True)
    if run.returncode != 0:
        print(run.stdout[-4000:], run.stderr[-4000:], sep="\n", file=sys.stderr)
        sys.exit(f"hone {' '.join(map(str, arguments))}: exit status {run.returncode}")


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_rows(work):
    """The first rows of the questions that lie in the project, half of them held out by hand."""
    rows = rows_of(ROOT / "pipelines" / "data" / "questions.jsonl")[:ROWS]
    for name, part in (("train", rows[: ROWS // 2]), ("eval", rows[ROWS // 2 :])):
        text = "".join(json.dumps(row) + "\n" for row in part)
        (work / f"{name}.jsonl").write_text(text)


def pipeline(work, base, name, *, lora, optimizer, schedule, steps):
    """A pipeline's text: one train stage, an evaluation, both exports. Strings are JSON, so valid YAML."""

    def quoted(value):
        return json.dumps(str(value))

    columns = "columns: {prompt: prompt, completion: completion}"
    section = f"{columns}, template: {json.dumps(TEMPLATE)}, loss_on: completion, max_length: {MAX_LENGTH}"
    text = f"""\
hone: 1
name: {name}
seed: 5
output: {quoted(work / name)}
model: {{load: {quoted(base)}, task: causal_lm, dtype: float32}}
data:
  train: {{load: {quoted(work / "train.jsonl")}, {section}}}
  eval: {{load: {quoted(work / "eval.jsonl")}, {section}}}
stages:
  - train:
      data: train
      method: {{lora: {lora}}}
      max_steps: {steps}
      batch: {{size: 4, accumulate: 2, shuffle: true}}
      optimizer: {optimizer}
      schedule: {schedule}
      clip_norm: 1.0
  - evaluate: {{data: eval, metrics: [loss]}}
  - export: {{adapter: {quoted(work / name / "adapter")}}}
  - export: {{merged: {quoted(work / name / "merged")}}}
"""
    path = work / f"{name}.yaml"
    path.write_text(text)
    return path


def hone_loss(run):
    """The evaluate stage's loss in a run's metrics."""
    found = [row for row in rows_of(run / "metrics.jsonl") if "evaluation" in row]
    found = [row for row in found if row.get("stage") == "evaluate"]
    assert found, f"{run / 'metrics.jsonl'} holds no evaluation of stage `evaluate`"
    return found[-1]["evaluation"]["loss"]


def peft_loss(model, base, rows):
    """Cross-entropy a supervised token over `rows`, tokenized as the language says it.

    Prompt and completion are one string; supervision starts at the first token that holds a byte of the
    completion; the end-of-sequence token follows; rows are cut at MAX_LENGTH tokens.
    """
    tokenizer = Tokenizer.from_file(str(Path(base) / "tokenizer.json"))
    end = AutoConfig.from_pretrained(base).eos_token_id
    end = end[0] if isinstance(end, list) else end
    total, count = 0.0, 0
    with torch.no_grad():
        for row in rows:
            prompt = TEMPLATE.replace("{{prompt}}", row["prompt"])
            encoded = tokenizer.encode(prompt + row["completion"])
            ids = (encoded.ids + [end])[:MAX_LENGTH]
            covers = [stop > len(prompt) for _, stop in encoded.offsets] + [True]
            labels = [t if c else IGNORED for t, c in zip(ids, covers)]
            logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, :-1]
            targets = torch.tensor(labels[1:])
            total += torch.nn.functional.cross_entropy(
                logits.double(), targets, ignore_index=IGNORED, reduction="sum"
            ).item()
            count += int((targets != IGNORED).sum())
    return total / count


def compare_loss(title, model, base, work, run):
    expected = peft_loss(model, base, rows_of(work / "eval.jsonl"))
    found = hone_loss(run)
    print(f"       {title}: Hone {found:.6f}, PEFT {expected:.6f}")
    report(title, abs(found - expected) / expected, LOSS_TOLERANCE)


def write_peft_adapter(base, folder):
    torch.manual_seed(23)
    config = LoraConfig(
        r=4,
        lora_alpha=12,
        target_modules=["q_proj", "v_proj", "down_proj"],
        rank_pattern={"down_proj": 2},
        alpha_pattern={"v_proj": 6},
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(load_model(base), config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.02)
    model.save_pretrained(folder)
    return model.eval()


def write_tokens(base, path):
    vocabulary = AutoConfig.from_pretrained(base).vocab_size
    generator = torch.Generator().manual_seed(29)
    tokens = torch.randint(0, vocabulary, (3, 24), generator=generator).tolist()
    path.write_text(json.dumps({"tokens": tokens}))
    return path


def exact_difference(left, right):
    """0 if both files hold the same names with the same float32 values, else the largest difference."""
    left, right = load_tensors(left), load_tensors(right)
    if set(left) != set(right):
        return float("inf")
    return max((left[name].float() - right[name].float()).abs().max().item() for name in left)


def logits_by_hone(hone, work, name, tokens, model, adapter=None):
    output = work / f"{name}-logits.json"
    with_adapter = ["--adapter", adapter] if adapter else []
    run_hone(hone, "logits", model, *with_adapter, "--tokens", tokens, "--output", output)
    return output


def from_peft(hone, base, work, tokens):
    written = work / "peft-adapter"
    model = write_peft_adapter(base, written)
    logits = logits_by_hone(hone, work, "from-peft", tokens, base, written)
    compare_logits("adapter by PEFT, logits by Hone", model, tokens, logits)
    run_hone(
        hone,
        "run",
        pipeline(
            work,
            base,
            "from-peft",
            lora=(
                "{r: 4, alpha: 12, target_modules: [q_proj, v_proj, down_proj], "
                "rank_pattern: {down_proj: 2}, alpha_pattern: {v_proj: 6}, "
                f"init: {json.dumps(str(written))}}}"
            ),
            # A rate so small that no float32 weight moves.
            optimizer="{sgd: {learning_rate: 1e-30}}",
            schedule="{constant: {}}",
            steps=1,
        ),
    )
    run = work / "from-peft"
    compare_loss("adapter by PEFT, loss by Hone", model, base, work, run)
    name = "adapter_model.safetensors"
    report(
        "adapter by PEFT, exported again by Hone",
        exact_difference(written / name, run / "adapter" / name),
        0.0,
    )


def to_peft(hone, base, work, tokens, lora="{r: 8, alpha: 32, target_modules: all-linear}"):
    path = pipeline(
        work,
        base,
        "to-peft",
        lora=lora,
        optimizer="{adamw: {learning_rate: 1e-3}}",
        schedule="{cosine: {}, warmup: 1}",
        steps=6,
    )
    run_hone(hone, "run", path)
    run = work / "to-peft"
    tuned = load_model(base, run / "adapter")
    moved = max(p.abs().max().item() for n, p in tuned.named_parameters() if "lora_B" in n)
    assert moved > 0, "the adapter that Hone trained is still zero"
    logits = logits_by_hone(hone, work, "to-peft", tokens, base, run / "adapter")
    compare_logits("adapter by Hone, logits by PEFT", tuned, tokens, logits)
    compare_loss("adapter by Hone, loss by PEFT", tuned, base, work, run)
    logits = logits_by_hone(hone, work, "merged", tokens, run / "merged")
    compare_logits("merged by Hone, logits by transformers", load_model(run / "merged"), tokens, logits)
    merged = tuned.merge_and_unload().state_dict()
    written = load_model(run / "merged").state_dict()
    worst = max(
        ((merged[n] - written[n]).abs().max() / merged[n].abs().max()).item() for n in merged
    )
    # A file in bfloat16 rounds the merged weights: 2⁻⁹ of each.
    report("merged by Hone, weights by PEFT", worst, 2**-8)


def tiny_model(name, folder):
    """A random model of a family in `folder`, for the ids of the tokenizer that lies in the project."""
    import make_family_fixtures

    tiny = ROOT / "pipelines" / "tiny"
    config, _ = copy.deepcopy(make_family_fixtures.MODELS[name])
    config.vocab_size = json.loads((tiny / "config.json").read_text())["vocab_size"]
    config.max_position_embeddings = 4 * MAX_LENGTH
    config.bos_token_id = config.eos_token_id = 0
    model = AutoModelForCausalLM.from_config(config)
    make_family_fixtures.randomise(model, seed=31)
    model.save_pretrained(folder)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny / file, folder)
    return folder


def families(hone, work):
    if work is None:
        with tempfile.TemporaryDirectory(prefix="hone parity ") as folder:
            return families(hone, Path(folder))
    import make_family_fixtures

    hone, work = Path(hone).resolve(), Path(work).resolve()
    for name, (_, targets) in make_family_fixtures.MODELS.items():
        print(f"{name}:", flush=True)
        own = work / name
        own.mkdir(parents=True, exist_ok=True)
        write_rows(own)
        base = tiny_model(name, own / "base")
        tokens = write_tokens(base, own / "tokens.json")
        chosen = "" if targets is None else f", target_modules: {json.dumps(targets)}"
        to_peft(hone, base, own, tokens, lora=f"{{r: 4, alpha: 16{chosen}}}")


def tokenizers(hone):
    """Characters by code point behind BART's special tokens; a text comes back from both kinds."""
    text = "Gene 7: AUGGCC, grün 😀\nMAxx"
    with tempfile.TemporaryDirectory(prefix="hone parity ") as folder:
        source = Path(folder) / "text.txt"
        source.write_text(text)
        for kind, options in {
            "character": ["--kind", "character"],
            "bpe": ["--kind", "bpe", "--size", "300", "--special-tokens", "bart"],
        }.items():
            made = Path(folder) / kind
            run_hone(Path(hone).resolve(), "tokenizer", "train", source, *options, "--output", made)
            tokenizer = AutoTokenizer.from_pretrained(made)
            ids = tokenizer(text)["input_ids"]
            special = [tokenizer.bos_token_id, tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.unk_token_id]
            wrong = special != [0, 1, 2, 3] or tokenizer.mask_token_id != 4
            wrong |= ids[0] != 0 or ids[-1] != 2 or tokenizer.decode(ids, skip_special_tokens=True) != text
            if kind == "character":
                order = sorted(set(text))
                wrong |= ids[1:-1] != [5 + order.index(character) for character in text]
            report(f"{kind} tokenizer by Hone, ids by transformers", float(wrong), 0)


def everything(hone, base, work):
    if work is None:
        with tempfile.TemporaryDirectory(prefix="hone parity ") as folder:
            return everything(hone, base, Path(folder))
    work = Path(work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    hone, base = Path(hone).resolve(), Path(base).resolve()
    write_rows(work)
    tokens = write_tokens(base, work / "tokens.json")
    from_peft(hone, base, work, tokens)
    to_peft(hone, base, work, tokens)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("all", help="both ways, with Hone's command")
    verb.add_argument("--hone", required=True)
    verb.add_argument("--base", required=True)
    verb.add_argument("--work", help="an empty folder to keep what was written")
    verb = verbs.add_parser("families", help="a tiny model of every family, with Hone's command")
    verb.add_argument("--hone", required=True)
    verb.add_argument("--work", help="an empty folder to keep what was written")
    verb = verbs.add_parser("tokenizers", help="tokenizers that Hone makes, with Hone's command")
    verb.add_argument("--hone", required=True)
    verb = verbs.add_parser("adapter", help="logits of an adapter that Hone wrote, by PEFT")
    for option in ("--base", "--adapter", "--tokens", "--logits"):
        verb.add_argument(option, required=True)
    verb = verbs.add_parser("merged", help="logits of a merged model, by transformers")
    for option in ("--model", "--tokens", "--logits"):
        verb.add_argument(option, required=True)
    arguments = parser.parse_args()

    if arguments.verb == "all":
        everything(arguments.hone, arguments.base, arguments.work)
    elif arguments.verb == "families":
        families(arguments.hone, arguments.work)
    elif arguments.verb == "tokenizers":
        tokenizers(arguments.hone)
    elif arguments.verb == "adapter":
        model = load_model(arguments.base, arguments.adapter)
        compare_logits("adapter by Hone, logits by PEFT", model, arguments.tokens, arguments.logits)
    else:
        model = load_model(arguments.model)
        compare_logits("merged by Hone, logits by transformers", model, arguments.tokens, arguments.logits)
    sys.exit(f"{len(failures)} of the comparisons failed" if failures else 0)


if __name__ == "__main__":
    main()
