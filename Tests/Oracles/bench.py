"""LoRA steps on SmolLM2-135M's shape: PyTorch + PEFT eager beside Hone, in turns, on this machine.

    bench.py torch --steps 5                 one JSON line a step, then one with the peak memory
    bench.py compare --hone .build/release/hone --rounds 3 --steps 4
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

BATCH, LENGTH = 4, 256


def cores():
    return len(os.sched_getaffinity(0))


def torch_steps(steps, threads, dropout):
    """Full optimizer steps: forward, backward, clipping, AdamW. Weights are random, rows are full."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.set_num_threads(threads)
    torch.manual_seed(17)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=8192,
        rope_parameters={"rope_type": "default", "rope_theta": 100000.0},
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
    )
    lora = LoraConfig(
        r=8,
        lora_alpha=32,
        lora_dropout=dropout,
        target_modules=["q_proj", "v_proj"],
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(LlamaForCausalLM(config), lora).train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    for _ in range(steps):
        tokens = torch.randint(0, config.vocab_size, (BATCH, LENGTH))
        start = time.perf_counter()
        loss = model(input_ids=tokens, labels=tokens, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        value = loss.item()
        seconds = time.perf_counter() - start
        line = {"seconds": seconds, "tokens_per_second": BATCH * LENGTH / seconds, "loss": value}
        print(json.dumps(line), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak_resident_bytes": peak, "torch": torch.__version__, "threads": threads}))


def run(command):
    """The step objects that `command` prints, without the first (warm-up), and its peak memory."""
    before = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    steps = [line for line in lines if "tokens_per_second" in line]
    if len(steps) < 2:
        sys.exit(f"{' '.join(command)}: fewer than two steps printed")
    return steps[1:], usage.ru_maxrss * 1024, time.perf_counter() - before


def compare(hone, rounds, steps, threads, dropout):
    commands = {
        "torch": [
            sys.executable, __file__, "torch", "--steps", str(steps + 1),
            "--threads", str(threads), "--dropout", str(dropout),
        ],
        "hone": [hone, "bench", "--steps", str(steps + 1)],
    }  # fmt: skip
    speeds = {name: [] for name in commands}
    peaks = {name: 0 for name in commands}
    for number in range(rounds):
        for name in ("torch", "hone") if number % 2 == 0 else ("hone", "torch"):
            measured, peak, elapsed = run(commands[name])
            rates = [step["tokens_per_second"] for step in measured]
            speeds[name] += rates
            peaks[name] = max(peaks[name], peak)
            print(
                f"round {number + 1}, {name}: {statistics.median(rates):.1f} tokens/s "
                f"over {len(rates)} steps, {elapsed:.1f} s in all",
                flush=True,
            )
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    for name, median in medians.items():
        spread = f"{min(speeds[name]):.1f}–{max(speeds[name]):.1f}"
        print(
            f"{name}: median {median:.1f} tokens/s ({spread}), "
            f"{BATCH * LENGTH / median:.3f} s a step, peak memory {peaks[name] / 2**20:.0f} MiB"
        )
    print(f"hone / torch: {medians['hone'] / medians['torch']:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--steps", type=int, default=4)
    shared.add_argument("--threads", type=int, default=cores())
    shared.add_argument("--dropout", type=float, default=0.0)
    verbs.add_parser("torch", parents=[shared])
    beside = verbs.add_parser("compare", parents=[shared])
    beside.add_argument("--hone", required=True)
    beside.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.verb == "torch":
        torch_steps(arguments.steps, arguments.threads, arguments.dropout)
    else:
        compare(
            arguments.hone, arguments.rounds, arguments.steps, arguments.threads, arguments.dropout
        )


if __name__ == "__main__":
    main()
