"""Tiny random encoder–decoders, each with logits, loss, every gradient, ten losses of full and of LoRA training,
an adapter that PEFT wrote, its merged weights, and a generation."""

import json

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForSeq2SeqLM,
    BartConfig,
    MarianConfig,
    MBartConfig,
    T5Config,
)
from transformers.models.t5.modeling_t5 import T5Attention

from common import (
    FIXTURES,
    IGNORED,
    fresh_folder,
    trainable_line,
    versions,
    write_json,
    write_tensors,
)
from make_lora_fixtures import adapted_modules, names_in_file, save_adapter
from make_lora_fixtures import randomise as randomise_adapter

STEPS = 10
FULL_RATE, LORA_RATE = 5e-3, 1e-2

SIDES = dict(
    vocab_size=40,
    d_model=16,
    encoder_layers=2,
    decoder_layers=2,
    encoder_attention_heads=4,
    decoder_attention_heads=4,
    encoder_ffn_dim=24,
    decoder_ffn_dim=24,
    max_position_embeddings=32,
    dropout=0.0,
)

T5 = dict(
    vocab_size=40,
    d_model=16,
    d_kv=6,
    d_ff=24,
    num_layers=2,
    num_heads=3,
    relative_attention_num_buckets=8,
    relative_attention_max_distance=9,
    dropout_rate=0.0,
    decoder_start_token_id=0,
)

# name → (config, LoRA's targets: None for PEFT's default, the first token of a generation)
MODELS = {
    "bart": (BartConfig(**SIDES), None, 2),
    # Sides of different depth, width and heads; embeddings times √E; another activation.
    "bart-uneven": (
        BartConfig(
            **{
                **SIDES,
                "decoder_layers": 1,
                "encoder_attention_heads": 2,
                "decoder_ffn_dim": 20,
            },
            scale_embedding=True,
            activation_function="relu",
            decoder_start_token_id=0,
        ),
        ["k_proj", "out_proj", "fc1"],
        0,
    ),
    "mbart": (MBartConfig(**SIDES, scale_embedding=True), ["q_proj", "fc2"], 5),
    "marian": (
        MarianConfig(
            **SIDES,
            scale_embedding=True,
            activation_function="swish",
            pad_token_id=39,
            decoder_start_token_id=39,
            eos_token_id=0,
        ),
        ["q_proj", "v_proj"],
        39,
    ),
    "t5": (T5Config(**T5), None, 0),
    # v1.1: gated, and what the head reads is not scaled.
    "t5-gated": (
        T5Config(
            **{**T5, "relative_attention_num_buckets": 6},
            num_decoder_layers=1,
            feed_forward_proj="gated-gelu",
            tie_word_embeddings=False,
        ),
        ["k", "o", "wi_0", "wo"],
        0,
    ),
    # v1.1 as it was published: gated, and the head has a weight of its own.
    "t5-untied": (
        T5Config(**T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
        None,
        0,
    ),
}
# transformers 5 makes every T5 tied, and parts the head from the table only where a checkpoint holds both.
UNTIED = {"t5-untied"}
# Seeds of weights; the others' follow from their places. With its own the losses of t5-untied hang on rounding:
# torch's float32 and float64 part by 7e-4 within ten steps.
SEEDS = {"t5-untied": 1526}
# How far float32 may part from float64 over ten steps: a tenth of the tolerance that the losses are held to.
CONDITION = 1e-5

# Buckets, longest distance and direction of T5's biases.
BUCKETS = [(32, 128, True), (32, 128, False), (8, 9, True), (8, 9, False), (6, 20, True), (12, 50, False)]


def randomise(model, seed):
    """Weights large enough that a wrong formula shows, and buffers that are not zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue
            noise = torch.randn(parameter.shape, generator=generator)
            module = name.split(".")[-2]
            if "norm" in module:
                parameter.copy_((0 if "bias" in name else 1) + 0.2 * noise)
            elif "embed" in module or module in ("shared", "lm_head", "relative_attention_bias"):
                parameter.copy_(0.4 * noise)
            else:
                parameter.copy_(0.3 * noise)
        for name, buffer in model.named_buffers():
            if name == "final_logits_bias":
                buffer.copy_(0.5 * torch.randn(buffer.shape, generator=generator))


def make_model(name, config, seed):
    """A random model; of those in `UNTIED` the head's weight is its own."""
    model = AutoModelForSeq2SeqLM.from_config(config)
    if name in UNTIED:
        model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.shared.weight))
    randomise(model, seed)
    return model


def save_model(name, model, folder):
    """As transformers saves it; of those in `UNTIED` config.json says what transformers 4 said."""
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if name in UNTIED:
        path = folder / "config.json"
        written = {**json.loads(path.read_text()), "tie_word_embeddings": False}
        written.pop("scale_decoder_outputs")
        path.write_text(json.dumps(written, indent=2) + "\n")


def load_base(folder):
    model = AutoModelForSeq2SeqLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )
    for name, parameter in model.named_parameters():
        # Marian's sines are made without a gradient, which loading forgets.
        if model.config.model_type == "marian" and "embed_positions" in name:
            parameter.requires_grad_(False)
    return model.eval()


def batch_for(vocabulary, pad, seed):
    """Two rows: sources of 9 and 6 tokens, labels of 5 and 8, a gap without loss in the second."""
    generator = torch.Generator().manual_seed(seed)

    def tokens(count):
        return torch.randint(6, vocabulary - 1, (count,), generator=generator).tolist()

    sources, targets = [tokens(9), tokens(6)], [tokens(5), tokens(8)]
    labels = [row + [IGNORED] * (8 - len(row)) for row in targets]
    labels[1][3] = IGNORED
    return {
        "source_ids": [row + [pad] * (9 - len(row)) for row in sources],
        "source_mask": [[1] * len(row) + [0] * (9 - len(row)) for row in sources],
        "target_lengths": [len(row) for row in targets],
        "labels": labels,
    }


def forward(model, batch):
    return model(
        input_ids=torch.tensor(batch["source_ids"]),
        attention_mask=torch.tensor(batch["source_mask"]),
        labels=torch.tensor(batch["labels"]),
        use_cache=False,
    )


def shifted(model, batch):
    return model.prepare_decoder_input_ids_from_labels(torch.tensor(batch["labels"])).tolist()


def logits_of(model, batch):
    """(B, T, V), zero where the row is padding."""
    with torch.no_grad():
        logits = forward(model, batch).logits
    lengths = torch.tensor(batch["target_lengths"])
    mask = torch.arange(logits.shape[1])[None, :] < lengths[:, None]
    return logits * mask[..., None]


def gradients_of(model, batch):
    model.zero_grad(set_to_none=True)
    loss = forward(model, batch).loss
    loss.backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    assert all(g is not None for g in gradients.values())
    return float(loss.detach()), gradients


def losses_of(model, batch, rate):
    """Losses of AdamW steps over the same batch."""
    model.eval()  # without dropout; gradients flow all the same
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        loss = forward(model, batch).loss
        loss.backward()
        losses.append(float(loss.detach()))
        optimizer.step()
        optimizer.zero_grad()
    return losses


def generate(model, source, first, count):
    """Greedy tokens, computed anew from the whole sequence each time."""
    ids = [first]
    with torch.no_grad():
        for _ in range(count):
            logits = model(
                input_ids=torch.tensor([source]),
                decoder_input_ids=torch.tensor([ids]),
                use_cache=False,
            ).logits[0, -1]
            ids.append(int(logits.argmax()))
    return ids[1:]


def bucket_cases():
    """The bucket of every distance from −longest to longest, key less query."""
    cases = []
    for buckets, longest, bidirectional in BUCKETS:
        distances = torch.arange(-longest, longest + 1)
        found = T5Attention._relative_position_bucket(distances, bidirectional, buckets, longest)
        cases.append(
            {
                "buckets": buckets,
                "longest": longest,
                "bidirectional": bidirectional,
                "by_distance": found.tolist(),
            }
        )
    return cases


def settled_losses(folder, batch):
    """Losses of full training, which must not hang on rounding."""
    losses = losses_of(load_base(folder), batch, FULL_RATE)
    exact = losses_of(load_base(folder).double(), batch, FULL_RATE)
    worst = max(abs(loss - wanted) / wanted for loss, wanted in zip(losses, exact, strict=True))
    assert worst <= CONDITION, f"{folder.name}: float32 parts from float64 by {worst:.1e}; take another seed"
    return losses


def main():
    root = fresh_folder(FIXTURES / "seq2seq")
    write_json(root / "buckets.json", {"versions": versions(), "cases": bucket_cases()})
    for index, (name, (config, targets, first)) in enumerate(MODELS.items()):
        folder = root / name
        folder.mkdir()
        save_model(name, make_model(name, config, seed=SEEDS.get(name, 1500 + index)), folder)
        model = load_base(folder)
        tied = model.lm_head.weight is model.get_input_embeddings().weight
        assert tied == (name not in UNTIED), f"{name}: is the head tied or not?"
        batch = batch_for(config.vocab_size, config.pad_token_id, seed=1600 + index)
        inputs = shifted(model, batch)
        logits = logits_of(model, batch)
        loss, gradients = gradients_of(model, batch)
        generated = generate(model, batch["source_ids"][0], first, 12)
        full_losses = settled_losses(folder, batch)
        write_json(
            folder / "oracle.json",
            {
                "versions": versions(),
                "modules": [n for n, _ in model.named_modules() if n],
                "generation_start": first,
                "generated": generated,
                "losses": full_losses,
                "loss": loss,
                "gradients": list(gradients),
                "decoder_input_ids": inputs,
                **batch,
            },
        )
        write_tensors(
            folder / "oracle.safetensors",
            {"logits": logits, **{f"gradient/{n}": g for n, g in gradients.items()}},
        )

        adapter = folder / "adapter"
        torch.manual_seed(1700 + index)
        tuned = get_peft_model(
            load_base(folder),
            LoraConfig(task_type="SEQ_2_SEQ_LM", r=2, lora_alpha=6, target_modules=targets),
        )
        randomise_adapter(tuned, seed=1800 + index)
        tuned.eval()
        save_adapter(tuned, adapter, f"seq2seq/{name}")
        tuned_logits = logits_of(tuned, batch)
        assert (tuned_logits - logits).abs().max() > 0.05, f"{name}: the adapter changes nothing"
        loss, gradients = gradients_of(tuned, batch)
        names = names_in_file(tuned)
        gradients = {names[n]: g for n, g in gradients.items()}
        line, adapted = trainable_line(tuned), adapted_modules(tuned)
        again = PeftModel.from_pretrained(load_base(folder), adapter, is_trainable=True)
        lora_losses = losses_of(again, batch, LORA_RATE)
        merged = tuned.merge_and_unload()
        paths = [module["name"] + ".weight" for module in adapted]
        weights = {n: p for n, p in merged.named_parameters() if n in paths}
        assert len(weights) == len(paths)
        write_json(
            adapter / "oracle.json",
            {
                "versions": versions(),
                "loss": loss,
                "losses": lora_losses,
                "trainable_line": line,
                "default_targets": targets is None,
                "adapted": adapted,
                "gradients": list(gradients),
            },
        )
        write_tensors(
            adapter / "oracle.safetensors",
            {
                "logits": tuned_logits,
                **{f"gradient/{n}": g for n, g in gradients.items()},
                **{f"merged/{n}": p for n, p in weights.items()},
            },
        )
        ends = f"{full_losses[0]:.4f} → {full_losses[-1]:.4f}, LoRA → {lora_losses[-1]:.4f}"
        print(f"{name}: {ends}; {line}")


if __name__ == "__main__":
    main()
