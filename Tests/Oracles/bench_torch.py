"""Training steps of PyTorch + PEFT on SmolLM2-135M's shape, for bench.py: one JSON line a step.

    bench_torch.py --steps 6 --method qv --threads 2
    bench_torch.py --lengths steps.json --supervised 0.34

Weights are random, tokens too; AdamW, clip 1.0, forward, backward and update timed together. Rows of
several lengths are padded to the longest of their batch, as the usual collator does.
"""

import argparse
import json
import os
import resource
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

TARGETS = {"qv": ["q_proj", "v_proj"], "all-linear": "all-linear"}


def model_of(method, dtype):
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
    model = LlamaForCausalLM(config).to(dtype)
    if method == "full":
        return model.train()
    lora = LoraConfig(r=8, lora_alpha=32, target_modules=TARGETS[method], task_type="CAUSAL_LM")
    return get_peft_model(model, lora).train()


def batch_of(lengths, supervised, generator):
    """Padded token ids, the mask of what is no padding, and labels at the end of each row."""
    longest = max(lengths)
    tokens = torch.zeros(len(lengths), longest, dtype=torch.long)
    mask = torch.zeros_like(tokens)
    labels = torch.full_like(tokens, -100)
    for row, length in enumerate(lengths):
        tokens[row, :length] = torch.randint(0, 49152, (length,), generator=generator)
        mask[row, :length] = 1
        first = int(length * (1 - supervised))
        labels[row, first:length] = tokens[row, first:length]
    inputs = {"input_ids": tokens, "labels": labels}
    return inputs if min(lengths) == longest else inputs | {"attention_mask": mask}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--method", choices=[*TARGETS, "full"], default="qv")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--lengths", required=True, help="a JSON list of row lengths for each step")
    parser.add_argument("--supervised", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(17)
    generator = torch.Generator().manual_seed(17)
    model = model_of(arguments.method, getattr(torch, arguments.dtype))
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    run = torch.compile(model) if arguments.compile else model
    with open(arguments.lengths) as file:
        steps = json.load(file)
    for lengths in steps:
        batch = batch_of(lengths, arguments.supervised, generator)
        counted = int((batch["labels"][:, 1:] != -100).sum())
        start = time.perf_counter()
        loss = run(**batch, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        value = loss.item()
        seconds = time.perf_counter() - start
        line = {
            "seconds": seconds,
            "tokens_per_second": sum(lengths) / seconds,
            "supervised_tokens_per_second": counted / seconds,
            "loss": value,
        }
        print(json.dumps(line), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak_resident_bytes": peak, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
