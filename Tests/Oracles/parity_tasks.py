"""What the example pipelines of the tasks save, loaded by transformers and PEFT: the losses agree.

    python Tests/Oracles/parity_tasks.py --hone .build/release/hone

Each example is trained for an epoch, what it exports is loaded by transformers (the LoRA adapter by PEFT), and
the mean loss over all rows is compared with the one that Hone's `evaluate` prints for the same files.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from peft import PeftModel
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from task_losses import class_loss, loaded, pair_loss, tag_loss, value_loss

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WINDOWS = ROOT / "pipelines/data/rna-to-protein/windows.jsonl"
# Losses are means of float32 sums of some thousand terms in another order.
TOLERANCE = 2e-5


def run(hone, folder, pipeline, *settings):
    command = [hone, "run", "--quiet", "--overwrite", str(pipeline)]
    for setting in settings:
        command += ["--set", setting]
    subprocess.run(command, cwd=folder, check=True)


def measured(hone, folder, name, text):
    (folder / f"{name}.yaml").write_text(text)
    run(hone, folder, f"{name}.yaml")
    lines = [json.loads(line) for line in (folder / f"runs/{name}/metrics.jsonl").read_text().splitlines()]
    return next(line["evaluation"]["loss"] for line in lines if "evaluation" in line)


def evaluation(name, model, task, columns):
    return f"""hone: 1
name: {name}
model: {{load: {model}, task: {task}}}
data: {{rows: {{load: {WINDOWS}, columns: {columns}}}}}
stages: [{{evaluate: {{data: rows, metrics: [loss]}}}}]
"""


def rows():
    return [json.loads(line) for line in WINDOWS.read_text().splitlines()]


def pairs():
    data = ROOT / "pipelines/data/rna-to-protein"
    return list(zip(*[(data / f"tune-eval.{kind}.txt").read_text().splitlines() for kind in ["rna", "protein"]]))


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hone", required=True)
    hone = str(pathlib.Path(parser.parse_args().hone).resolve())
    torch.set_num_threads(1)
    failed = []

    def compare(name, ours, theirs):
        difference = abs(ours - theirs) / abs(theirs)
        print(f"{name}: Hone {ours:.7f}, transformers {theirs:.7f}, difference {difference:.1e}")
        if difference > TOLERANCE:
            failed.append(name)

    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        pipelines = ROOT / "pipelines"
        for method in ["full", "lora"]:
            name = f"rna-to-protein-{method}"
            run(
                hone, folder, pipelines / f"{name}.yaml", "stages[1].train.epochs=2",
                "stages[1].train.evaluate.every=1 epoch",
            )
            lines = [json.loads(line) for line in (folder / f"runs/{name}/metrics.jsonl").read_text().splitlines()]
            ours = [line["evaluation"]["loss"] for line in lines if "evaluation" in line][-1]
            base = pipelines / "rna-to-protein" if method == "lora" else folder / f"runs/{name}/model"
            model = loaded(AutoModelForSeq2SeqLM, base)
            if method == "lora":
                model = PeftModel.from_pretrained(model, folder / f"runs/{name}/adapter").eval()
            compare(name, ours, pair_loss(model, AutoTokenizer.from_pretrained(base), pairs()))
        for name, task, columns, kind, loss in [
            ("gene-origin", "sequence_classification", "{text: rna, label: origin}",
             AutoModelForSequenceClassification, class_loss),
            ("hydropathy", "regression", "{text: rna, label: hydropathy}",
             AutoModelForSequenceClassification, value_loss),
            ("codon-kinds", "token_classification", "{tokens: codons, tags: kinds}",
             AutoModelForTokenClassification, tag_loss),
        ]:
            run(hone, folder, pipelines / f"{name}.yaml", "stages[0].train.epochs=1")
            path = folder / f"runs/{name}/model"
            ours = measured(hone, folder, f"again-{name}", evaluation(f"again-{name}", path, task, columns))
            compare(name, ours, loss(loaded(kind, path), AutoTokenizer.from_pretrained(path), rows()))
        run(hone, folder, pipelines / "masked-rna.yaml", "stages[0].train.epochs=1")
        loaded(AutoModelForMaskedLM, folder / "runs/masked-rna/model")
        print("masked-rna: transformers loads every weight")
    if failed:
        sys.exit(f"they disagree: {', '.join(failed)}")
    print("tasks: ok")


if __name__ == "__main__":
    main()
