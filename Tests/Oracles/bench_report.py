"""What bench.py measured, as lines and as docs/performance.md."""

import importlib.metadata
import os
import platform
from pathlib import Path

import bench_quantised


def machine():
    """The processor and the versions that the numbers are from."""
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")),
        platform.processor(),
    )  # fmt: skip
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "peft", "tokenizers")}
    return {"processor": model, "threads": len(os.sched_getaffinity(0)), "versions": versions}


def ratios(result):
    return result["hone"] / result["torch"], result["hone_bytes"] / result["torch_bytes"]


def line(name, result):
    """One case in a line."""
    if "rows" in result:
        return "\n".join(bench_quantised.table(result))
    if "value" in result:
        return f"{name}: {result['title']}: {result['value']:.3f} ({bound(result)})"
    speed, memory = ratios(result)
    least, most = result["targets"]
    return (
        f"{name}: {result['hone']:.1f} / {result['torch']:.1f} {result['unit']} = {speed:.2f} (at least {least}), "
        f"{result['hone_bytes'] / 2**20:.0f} / {result['torch_bytes'] / 2**20:.0f} MiB = {memory:.2f} (at most {most}), "
        f"the plan says {result['estimate']:.2f} of the time"
    )


def bound(result):
    return f"at least {result['least']}" if "least" in result else f"at most {result['most']}"


def verdict(is_met):
    return "met" if is_met else "not met"


def page(record):
    """The page of all cases on record."""
    machine = record["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        "# Performance",
        "",
        "Hone beside PyTorch + PEFT: the same model shape (SmolLM2-135M, random weights), the same rows, the same",
        "machine, in turns. `make bench` measures it anew and writes this page; `make bench CASES=qv,full` some of it.",
        "",
        f"Measured on {machine['processor']} with {machine['threads']} threads; {versions}. Medians over all steps but",
        "each process's first. Ratios are Hone / PyTorch + PEFT: above 1 is faster, below 1 is leaner. The last column is",
        "the time that a plan says for a step, as a share of what it took.",
        "",
        "| case | Hone | PyTorch + PEFT | ratio | target | peak memory | ratio | target | plan's time | date |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    singles = []
    for result in record["cases"].values():
        if "rows" in result:
            continue
        if "value" in result:
            met = result["value"] >= result["least"] if "least" in result else result["value"] <= result["most"]
            singles.append(
                f"| {result['title']} | {result['value']:.3f} | {bound(result)}, {verdict(met)} | {result['date']} |")
            continue
        speed, memory = ratios(result)
        least, most = result["targets"]
        lines.append(
            f"| {result['title']} | {result['hone']:.1f} {result['unit']} | {result['torch']:.1f} "
            f"| {speed:.2f} | ≥ {least}, {verdict(speed >= least)} "
            f"| {result['hone_bytes'] / 2**20:,.0f} against {result['torch_bytes'] / 2**20:,.0f} MiB "
            f"| {memory:.2f} | ≤ {most:.2f}, {verdict(memory <= most)} "
            f"| {result['estimate']:.2f} | {result['date']} |")
    if singles:
        lines += ["", "| case | measured | target | date |", "|---|---|---|---|", *singles]
    for result in record["cases"].values():
        if "rows" in result:
            lines += bench_quantised.table(result)
    return "\n".join(lines) + "\n"
