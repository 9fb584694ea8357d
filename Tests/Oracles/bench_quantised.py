"""What frozen weights in fewer bytes cost: pipelines/smollm2-support.yaml in every `model.dtype`, for bench.py."""

import json
import os
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DTYPES = ["float32", "bfloat16", "q8_0", "q4_0", "nf4"]


def trained(hone, folder, dtype):
    """Losses before and after, the speed of a step and the memory, each of one run."""
    output = Path(folder) / dtype
    settings = {"model.dtype": dtype, "output": output, "stages[5].export.adapter": output / "adapter"}
    options = [option for key, value in settings.items() for option in ("--set", f"{key}={value}")]
    command = [hone, "run", "--quiet", *options, "pipelines/smollm2-support.yaml"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: exit status {process.returncode}")
    lines = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    losses = [line["evaluation"]["loss"] for line in lines if "evaluation" in line]
    speeds = [line["tokens"] / line["seconds"] for line in lines if line.get("total_steps")]
    plan = json.loads((output / "plan.json").read_text())
    return {
        "dtype": dtype, "frozen_bytes": plan["memory"]["frozen_bytes"], "peak_bytes": usage.ru_maxrss * 1024,
        "tokens_per_second": statistics.median(speeds[1:]), "before": losses[0], "after": losses[-1],
    }  # fmt: skip


def quantised(hone, folder):
    return {"title": "frozen weights in fewer bytes", "rows": [trained(hone, folder, dtype) for dtype in DTYPES]}


def table(result):
    """The lines of the page."""
    lines = [
        "",
        "## Frozen weights in fewer bytes",
        "",
        "`pipelines/smollm2-support.yaml` (SmolLM2-135M-Instruct, whose file has Q4_1 blocks) in every `model.dtype`:",
        f"one epoch of LoRA, held-out loss before and after. {result['date']}.",
        "",
        "| `model.dtype` | frozen weights | peak memory | tokens/s (median step) | loss before | loss after |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for row in result["rows"]:
        lines.append(
            f"| `{row['dtype']}` | {row['frozen_bytes'] / 2**20:,.0f} MiB | {row['peak_bytes'] / 2**20:,.0f} MiB "
            f"| {row['tokens_per_second']:.0f} | {row['before']:.4f} | {row['after']:.4f} |")
    return lines
