"""Every encoder and encoder–decoder family, and every head: what Hone saves is loaded by transformers and PEFT.

    parity_families.py --hone HONE [--work DIR] [--only PART-OF-A-NAME]

A tiny random model of each, without dropout, is saved by transformers. Hone trains it some steps with LoRA on the
modules that PEFT takes by itself, evaluates, and exports the adapter and the merged model; then it trains all
weights, evaluates, and exports the model. transformers and PEFT must find every weight under its name and nothing
else, and the losses over the held-out rows must be those that Hone's `evaluate` printed; of hidden tokens, which
Hone draws, the logits must be those of `hone logits`.
"""

import argparse
import copy
import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from peft import PeftModel, get_peft_model_state_dict
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, BertConfig, DistilBertConfig, RobertaConfig

import make_head_fixtures as heads
import make_seq2seq_fixtures as seq2seq
from common import load_tensors
from parity import LOSS_TOLERANCE, ROOT, compare_logits, failures, hone_loss, logits_by_hone, report, rows_of, run_hone
from task_losses import class_loss, loaded, marks_loss, pair_loss, tag_loss, value_loss

SEQ2SEQ = "seq2seq"
TOKENIZER = ROOT / "pipelines" / "rna-to-protein"
WINDOWS = ROOT / "pipelines" / "data" / "rna-to-protein" / "windows.jsonl"
ROWS, LENGTH = 24, 96
KINDS = ["charged", "hydrophobic", "polar"]
# name → the labels of the model, Hone's task, its columns, and transformers' loss
TASKS = {
    heads.SINGLE: (["chloroplast", "other"], "sequence_classification", "{text: rna, label: origin}", class_loss),
    heads.MULTI: (
        KINDS,
        "sequence_classification, problem_type: multi_label_classification",
        "{text: rna, label: marks}",
        marks_loss,
    ),
    heads.REGRESSION: (None, "regression", "{text: rna, label: hydropathy}", value_loss),
    heads.TOKENS: (KINDS, "token_classification", "{tokens: codons, tags: kinds}", tag_loss),
    heads.MASKED: (None, "masked_lm", "{text: rna}", None),
    SEQ2SEQ: (
        None,
        "seq2seq_lm",
        "{source: rna, target: tail}",
        lambda model, tokenizer, rows: pair_loss(model, tokenizer, [(row["rna"], row["tail"]) for row in rows]),
    ),
}
ENCODERS = {
    "bert": (BertConfig(**heads.ENCODER), None),
    "roberta": (RobertaConfig(**heads.ENCODER, type_vocab_size=1), None),
    # PEFT has no choice of its own for these.
    "distilbert": (DistilBertConfig(**heads.DISTIL), ["q_lin", "v_lin"]),
}
WITHOUT_CHOICE = {"mbart": ["q_proj", "v_proj"], "marian": ["q_proj", "v_proj"]}


def cases():
    """name, task, config, LoRA's targets where PEFT has no choice of its own."""
    for name, (config, _, _) in seq2seq.MODELS.items():
        yield name, SEQ2SEQ, config, WITHOUT_CHOICE.get(config.model_type)
    for name, (config, targets) in ENCODERS.items():
        for task in heads.CLASSES:
            yield f"{name}-{task}", task, config, targets
    for name, (config, task, _, _) in heads.MODELS.items():
        if config.model_type not in ENCODERS:
            yield name, task, config, None


def write_rows(work):
    """The windows, half of them held out, with the kinds that are frequent in each and its last letters."""
    rows = rows_of(WINDOWS)[:: len(rows_of(WINDOWS)) // (2 * ROWS)]
    for row in rows:
        row["marks"] = [kind for kind in KINDS if row["kinds"].count(kind) >= 7]
        row["tail"] = row["rna"][-12:]
    for name, part in (("train", rows[:ROWS]), ("eval", rows[ROWS : 2 * ROWS])):
        (work / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))


def fitted(config, task):
    """The config for the ids of the tokenizer that lies in the project, without dropout."""
    config = copy.deepcopy(config)
    config.vocab_size = json.loads((TOKENIZER / "config.json").read_text())["vocab_size"]
    if config.model_type == "marian":
        config.decoder_vocab_size = config.vocab_size
    config.bos_token_id, config.pad_token_id, config.eos_token_id = 0, 1, 2
    if getattr(config, "decoder_start_token_id", None) is not None:
        first = {"bart": 2, "marian": 1, "t5": 1}
        config.decoder_start_token_id = first[config.model_type]
    if hasattr(config, "max_position_embeddings"):
        config.max_position_embeddings = LENGTH + 2
    for key in config.to_dict():
        if "drop" in key and isinstance(getattr(config, key), float):
            setattr(config, key, 0.0)
    labels = TASKS[task][0]
    if labels or task == heads.REGRESSION:
        config.num_labels = len(labels or [0])
        config.id2label = dict(enumerate(labels or ["LABEL_0"]))
        config.label2id = {label: number for number, label in config.id2label.items()}
        config.problem_type = heads.PROBLEMS.get(task)
    return config


def make_base(name, task, config, folder, seed):
    config = fitted(config, task)
    if task == SEQ2SEQ:
        seq2seq.save_model(name, seq2seq.make_model(name, config, seed), folder)
    else:
        model = heads.CLASSES[task].from_config(config)
        heads.randomise(model, seed)
        model.save_pretrained(folder)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TOKENIZER / file, folder)


def pipeline(work, task, name, method, exports):
    """Four steps, an evaluation, and exports. Strings are JSON, so valid YAML."""
    _, hone_task, columns, _ = TASKS[task]
    data = "".join(
        f"  {part}: {{load: {json.dumps(str(work.parent / f'{part}.jsonl'))}, columns: {columns}}}\n"
        for part in ("train", "eval")
    )
    exports = "".join(f"  - export: {{{kind}: {json.dumps(str(work / path))}}}\n" for kind, path in exports)
    path = work / f"{name}.yaml"
    path.write_text(f"""\
hone: 1
name: {name}
seed: 5
output: {json.dumps(str(work / name))}
model: {{load: {json.dumps(str(work / "base"))}, task: {hone_task}}}
data:
{data}stages:
  - train:
      data: train
      method: {method}
      max_steps: 4
      batch: {{size: 6}}
      optimizer: {{adamw: {{learning_rate: 5e-3}}}}
  - evaluate: {{data: eval, metrics: [loss]}}
{exports}""")
    return path


def hidden_rows(work, tokenizer):
    """The held-out rows with every fifth token hidden."""
    rows = [tokenizer(row["rna"]).input_ids for row in rows_of(work.parent / "eval.jsonl")[:4]]
    rows = [[tokenizer.mask_token_id if place % 5 == 2 else id for place, id in enumerate(row)] for row in rows]
    (work / "tokens.json").write_text(json.dumps({"tokens": rows}))
    return work / "tokens.json"


@torch.no_grad()
def agree(title, task, hone, work, run, model, tokenizer, *folders):
    """Holds the loss that Hone printed, or of hidden tokens its logits, against those of `model`."""
    loss = TASKS[task][3]
    if loss is None:
        tokens = hidden_rows(work, tokenizer)
        compare_logits(title, model, tokens, logits_by_hone(hone, work, run, tokens, *folders))
        return
    expected = loss(model, tokenizer, rows_of(work.parent / "eval.jsonl"))
    found = hone_loss(work / run)
    report(f"{title} ({found:.6f})", abs(found - expected) / expected, LOSS_TOLERANCE)


def check_adapter(kind, base, folder):
    """PEFT's model with the adapter, of which the file must hold every tensor and nothing else."""
    model = PeftModel.from_pretrained(loaded(kind, base), folder).eval()
    state, written = get_peft_model_state_dict(model), load_tensors(folder / "adapter_model.safetensors")
    if set(state) != set(written):
        raise SystemExit(f"{folder}: PEFT has {set(state) - set(written)}, Hone {set(written) - set(state)}")
    assert all(torch.equal(state[name], written[name]) for name in state), f"{folder}: PEFT has other values"
    assert any(written[name].abs().max() > 0 for name in written if "lora_B" in name), f"{folder}: still zero"
    return model


def check(hone, name, task, config, targets, work, seed):
    work.mkdir()
    make_base(name, task, config, work / "base", seed)
    kind = AutoModelForSeq2SeqLM if task == SEQ2SEQ else heads.CLASSES[task]
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    chosen = f", target_modules: {json.dumps(targets)}" if targets else ""
    method = f"{{lora: {{r: 4, alpha: 16{chosen}}}}}"
    run_hone(hone, "run", pipeline(work, task, "lora", method, [("adapter", "adapter"), ("merged", "merged")]))
    model = check_adapter(kind, work / "base", work / "adapter")
    agree(f"{name}: adapter", task, hone, work, "lora", model, tokenizer, work / "base", work / "adapter")
    model = loaded(kind, work / "merged")
    agree(f"{name}: merged", task, hone, work, "lora", model, tokenizer, work / "merged")
    run_hone(hone, "run", pipeline(work, task, "full", "{full: {}}", [("merged", "model")]))
    model, before = loaded(kind, work / "model"), loaded(kind, work / "base").state_dict()
    assert model.config.architectures == [type(model).__name__], f"{name}: {model.config.architectures}"
    still = [key for key, value in model.state_dict().items() if torch.equal(value, before[key])]
    still = [key for key in still if not key.endswith(("position_ids", "embed_positions.weight", "final_logits_bias"))]
    assert len(still) <= 3, f"{name}: {still} did not move"
    agree(f"{name}: full", task, hone, work, "full", model, tokenizer, work / "model")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hone", required=True)
    parser.add_argument("--work", help="an empty folder to keep what was written")
    parser.add_argument("--only", default="", help="a part of the names of the models")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hone parity ") as folder:
        work = Path(arguments.work or folder).resolve()
        work.mkdir(parents=True, exist_ok=True)
        write_rows(work)
        for seed, (name, task, config, targets) in enumerate(cases(), start=41):
            if arguments.only in name:
                check(Path(arguments.hone).resolve(), name, task, config, targets, work / name, seed)
    sys.exit(f"{len(failures)} of the comparisons failed" if failures else 0)


if __name__ == "__main__":
    main()
