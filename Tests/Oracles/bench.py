"""Hone beside PyTorch + PEFT on this machine, in turns; writes docs/performance.md.

    bench.py --hone .build/release/hone                       every case
    bench.py --hone .build/release/hone --cases qv,full       some; the page keeps the others' numbers

Each case runs both programs in processes of their own, one after the other, `--rounds` times in changing
order; of each process the first step is left out as a warm-up. Numbers are medians over all other steps.
"""

import argparse
import datetime
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench_curve
import bench_quantised
import bench_report

ROOT = Path(__file__).resolve().parent.parent.parent
RECORD = ROOT / "docs" / "performance.json"
TOKENS, SUPERVISED = "tokens_per_second", "supervised_tokens_per_second"


def uneven_steps(count, batch=8):
    """Row lengths of a log-normal law with median 80, at most 1,024."""
    draw = random.Random(17)
    return [
        [max(4, min(1024, round(80 * draw.lognormvariate(0, 1)))) for _ in range(batch)]
        for _ in range(count)
    ]


def chat_steps(hone, count, batch=8):
    """Row lengths of pipelines/smollm2-support.yaml, as Hone's preview counts their tokens."""
    command = [hone, "plan", "--json", "--preview", str(count * batch), "--preview-data", "support.train"]
    text = subprocess.run(
        [*command, "pipelines/smollm2-support.yaml"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    rows = json.loads(text)["preview"][0]["shown"]
    lengths = [row["tokens"] for row in rows]
    share = sum(row["supervised_tokens"] for row in rows) / sum(lengths)
    return [lengths[i : i + batch] for i in range(0, len(lengths), batch)], share


def has_bfloat16():
    """Whether the processor multiplies in bfloat16; where it does not, PyTorch takes minutes a step."""
    return "avx512_bf16" in Path("/proc/cpuinfo").read_text()


def training_cases(hone, steps):
    """Each case: what it is called, the two programs' options, rows, what is counted, the targets."""
    square = [[256] * 4] * steps
    uneven = uneven_steps(max(steps, 6))
    cases = {
        "qv": ("LoRA q, v, float32, eager", [], [], square, TOKENS, (1.7, 0.40)),
        "qv-compile": (
            "LoRA q, v, float32, torch.compile", [], ["--compile"], square, TOKENS, (1.4, 0.40)),
        "all-linear": (
            "LoRA all-linear, float32", ["--all-linear"], ["--method", "all-linear"], square, TOKENS,
            (1.7, 0.40)),
        "qv-bfloat16": (
            "LoRA q, v, bfloat16" + ("" if has_bfloat16() else ", one row of 256 tokens"), ["--bfloat16"],
            ["--dtype", "bfloat16"], square if has_bfloat16() else [[256]] * steps, TOKENS, (1.7, 0.35)),
        "full": ("full, float32", ["--full"], ["--method", "full"], square, TOKENS, (1.6, 0.55)),
        "uneven": (
            "rows of uneven length, the last third supervised, batch 8",
            ["--supervised", "0.3333"], ["--supervised", "0.3333"], uneven, SUPERVISED,
            (3.5, 0.40)),
        "long": ("LoRA q, v, one row of 2,048 tokens", [], [], [[2048]] * steps, TOKENS, (1.7, 0.40)),
    }  # fmt: skip
    try:
        rows, share = chat_steps(hone, max(steps, 6))
    except (subprocess.CalledProcessError, KeyError) as error:
        print(f"chat: left out, pipelines/smollm2-support.yaml cannot be planned ({error})", flush=True)
        return cases
    options = ["--supervised", f"{share:.4f}"]
    cases["chat"] = (
        f"chat rows, {100 * share:.0f} % supervised, batch 8", options, options, rows,
        SUPERVISED, (2.0, 0.40))  # fmt: skip
    return cases


def run(command, key):
    """The lines of each step but the first, which has `key`, and the process's peak memory."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit status {process.returncode}")
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line for line in lines if key in line][1:], usage.ru_maxrss * 1024


def compare(case, hone, rounds, threads, folder):
    title, ours, theirs, steps, key, targets = case
    lengths = Path(folder) / "steps.json"
    lengths.write_text(json.dumps(steps))
    shared = ["--lengths", str(lengths), "--threads", str(threads)]
    commands = {
        "torch": [sys.executable, str(Path(__file__).with_name("bench_torch.py")), *shared, *theirs],
        "hone": [hone, "bench", "--estimate", *shared, *ours],
    }
    done = {name: [] for name in commands}
    peaks = {name: 0 for name in commands}
    for number in range(rounds):
        for name in ("torch", "hone") if number % 2 == 0 else ("hone", "torch"):
            lines, peak = run(commands[name], key)
            done[name] += lines
            peaks[name] = max(peaks[name], peak)
    return {
        "title": title, "unit": key.replace("_per_second", "/s").replace("_", " "),
        **{name: statistics.median(line[key] for line in lines) for name, lines in done.items()},
        "estimate": statistics.median(line["estimated_seconds"] / line["seconds"] for line in done["hone"]),
        "steps": min(map(len, done.values())), "torch_bytes": peaks["torch"], "hone_bytes": peaks["hone"],
        "targets": targets,
    }  # fmt: skip


def alone(hone, steps, threads, *options):
    command = [hone, "bench", "--steps", str(steps + 1), "--threads", str(threads), *options]
    return statistics.median(line[TOKENS] for line in run(command, TOKENS)[0])


def busy(hone, steps, threads):
    """How many times as long a step takes beside one process that never rests."""
    calm = alone(hone, steps, threads)
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
        try:
            pressed = alone(hone, steps, threads)
        finally:
            other.kill()
    return {"title": "slow-down beside one busy process", "value": calm / pressed, "most": 1.7}


def threads_case(hone, steps):
    return {
        "title": "1 → 2 threads", "value": alone(hone, steps, 2) / alone(hone, steps, 1), "least": 1.85,
    }  # fmt: skip


def products(hone, steps, threads):
    """The share of a step that its matrix products alone would take, by numpy's or torch's own BLAS."""
    import torch

    torch.set_num_threads(threads)
    tokens, seconds = 1024, 0.0
    # Forward and backward to the inputs: 30 layers, and the logits.
    shapes = [(576, 576, 4 * 30), (192, 576, 4 * 30), (1536, 576, 6 * 30), (49152, 576, 2)]
    for outputs, inputs, count in shapes:
        x, w = torch.randn(tokens, inputs), torch.randn(outputs, inputs)
        y = torch.empty(tokens, outputs)
        torch.mm(x, w.t(), out=y)
        times = []
        for _ in range(5):
            start = time.perf_counter()
            torch.mm(x, w.t(), out=y)
            times.append(time.perf_counter() - start)
        seconds += count * statistics.median(times)
    step = tokens / alone(hone, steps, threads)
    return {"title": "share of a step that its products take (torch's BLAS)", "value": seconds / step, "least": 0.85}


def start(hone, folder):
    """The time to the first step of `hone run`, against importing transformers and PEFT and loading."""
    base = Path(folder) / "base"
    make = (
        "import sys, bench_torch, torch; m = bench_torch.model_of('full', torch.float32);"
        "m.save_pretrained(sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", make, str(base)], cwd=Path(__file__).parent, check=True)
    tiny = ROOT / "pipelines" / "tiny"
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (base / name).write_bytes((tiny / name).read_bytes())
    rows = Path(folder) / "rows.jsonl"
    rows.write_text("".join(json.dumps({"text": f"row {i} of some words"}) + "\n" for i in range(8)))
    pipeline = Path(folder) / "start.yaml"
    pipeline.write_text(f"""hone: 1
name: start
output: {folder}/run
model: {{load: {base}}}
data: {{rows: {{load: {rows}}}}}
stages:
  - train:
      data: rows
      method: {{lora: {{r: 8, alpha: 32, target_modules: [q_proj, v_proj]}}}}
      max_steps: 1
      batch: {{size: 1}}
      optimizer: {{adamw: {{learning_rate: 1e-3}}}}
""")
    load = (
        "import transformers, peft, torch, sys;"
        "transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)"
    )
    times = {"hone": [], "torch": []}
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([hone, "run", "--overwrite", "--quiet", str(pipeline)], check=True, capture_output=True)
        times["hone"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", load, str(base)], check=True, capture_output=True)
        times["torch"].append(time.perf_counter() - begun)
    ours, theirs = (statistics.median(times[name]) for name in ("hone", "torch"))
    return {
        "title": "`hone run` to the end of its first step, against importing and loading",
        "value": ours / theirs, "most": 0.5,
    }  # fmt: skip


def tokenizing(hone):
    """Tokens a second of two novels on one thread, against `tokenizers`."""
    from tokenizers import Tokenizer

    corpus = ROOT / "pipelines" / "data" / "austen.txt"
    lines = corpus.read_text().splitlines()
    path = ROOT / "pipelines" / "tiny" / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(path))
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    theirs = 0.0
    for _ in range(3):
        begun = time.perf_counter()
        count = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(lines))
        theirs = max(theirs, count / (time.perf_counter() - begun))
    output = subprocess.run(
        [hone, "tokenizer", "time", str(path.parent), str(corpus)], check=True, capture_output=True, text=True
    ).stdout
    ours = json.loads(output)["tokens_per_second"]
    return {"title": "tokenizing on one thread, against `tokenizers`", "value": ours / theirs, "least": 1.5}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hone", required=True)
    parser.add_argument("--cases", default="all", help="names with commas between")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4, help="steps of a process, the warm-up counted")
    arguments = parser.parse_args()
    hone, threads = str(Path(arguments.hone).resolve()), len(os.sched_getaffinity(0))
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {"cases": {}}
    with tempfile.TemporaryDirectory(prefix="hone-bench-") as folder:
        training = training_cases(hone, arguments.steps)
        work = {
            name: lambda case=case: compare(case, hone, arguments.rounds, threads, folder)
            for name, case in training.items()
        } | {
            "busy": lambda: busy(hone, arguments.steps, threads),
            "threads": lambda: threads_case(hone, arguments.steps),
            "products": lambda: products(hone, arguments.steps, threads),
            "start": lambda: start(hone, folder),
            "tokenizing": lambda: tokenizing(hone),
            "curve": lambda: bench_curve.curve(hone, folder),
            "quantised": lambda: bench_quantised.quantised(hone, folder),
        }
        chosen = list(work) if arguments.cases == "all" else arguments.cases.split(",")
        for name in chosen:
            result = work[name]() | {"date": datetime.date.today().isoformat()}
            record["cases"][name] = result
            print(bench_report.line(name, result), flush=True)
    record["cases"] = {name: record["cases"][name] for name in work if name in record["cases"]}
    record["machine"] = bench_report.machine()
    RECORD.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    (ROOT / "docs" / "performance.md").write_text(bench_report.page(record))


if __name__ == "__main__":
    main()
