"""Loss and every gradient of transformers in training, with the masks of Hone's random streams.

`torch.nn.functional.dropout` is replaced by one that draws the words of Philox for the stream of its place; the
places are listed in the order in which transformers comes to them. Models and batches are those of the other
fixtures."""

import json

import numpy as np
import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from common import FIXTURES, versions, write_json

STEP = 5
SEED = 0
M64 = (1 << 64) - 1


def mixed(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


def finalised(value):
    return mixed((value + 0x9E3779B97F4A7C15) & M64)


def key_of(name):
    digest = 0xCBF29CE484222325
    for byte in name.encode():
        digest = ((digest ^ byte) * 0x100000001B3) & M64
    key = finalised((SEED + finalised(digest)) & M64)
    return key & 0xFFFFFFFF, key >> 32


def kept(name, shape, rate):
    """Which elements the stream keeps: Philox 4×32-10, the word `e % 4` at position `e // 4`."""
    count = int(np.prod(shape))
    index = np.arange((count + 3) // 4, dtype=np.uint64)
    low = np.uint64(0xFFFFFFFF)
    c0, c1 = index & low, index >> np.uint64(32)
    c2 = np.full_like(index, STEP)
    c3 = np.zeros_like(index)
    k0, k1 = key_of(name)
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (
            (p1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0),
            p1 & low,
            (p0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1),
            p0 & low,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    words = np.stack([c0, c1, c2, c3], axis=1).reshape(-1)[:count]
    threshold = int(np.ceil(float(np.float32(rate)) * 2**24))
    return torch.from_numpy(((words >> np.uint64(8)) >= threshold).reshape(shape))


def layer(attention, down, cross=None, activation=True, attended=True):
    """The places of one layer, in the order of transformers."""
    places = [f"{attention}.weights"] + ([attention] if attended else [])
    places += [f"{cross}.weights", cross] if cross else []
    return places + ([f"{down}.input"] if activation else []) + [down]


def bart():
    places = []
    for side in ("encoder", "decoder"):
        places.append(f"model.{side}.embeddings")
        for index in range(2):
            path = f"model.{side}.layers.{index}"
            cross = f"{path}.encoder_attn.out_proj" if side == "decoder" else None
            places += layer(f"{path}.self_attn.out_proj", f"{path}.fc2", cross)
    return places


def t5(layers=(2, 2)):
    places = []
    for side, count in zip(("encoder", "decoder"), layers):
        places.append(f"{side}.embeddings")
        for index in range(count):
            path = f"{side}.block.{index}.layer"
            cross = f"{path}.1.EncDecAttention.o" if side == "decoder" else None
            last = 2 if cross else 1
            places += layer(
                f"{path}.0.SelfAttention.o", f"{path}.{last}.DenseReluDense.wo", cross
            )
        places.append(f"{side}.states")
    return places


def bert(body, head, first=(), count=2):
    places = [f"{body}.embeddings"]
    for index in range(count):
        path = f"{body}.encoder.layer.{index}"
        places += layer(
            f"{path}.attention.output.dense", f"{path}.output.dense", activation=False
        )
    return places + list(first) + ([f"{head}.input"] if head else [])


def distilbert(head):
    places = ["distilbert.embeddings"]
    for index in range(1):
        path = f"distilbert.transformer.layer.{index}"
        places += layer(
            f"{path}.attention.out_lin", f"{path}.ffn.lin2", activation=False, attended=False
        )
    return places + [f"{head}.input"]


def gpt2(head=None, count=2):
    places = ["transformer.embeddings"]
    for index in range(count):
        path = f"transformer.h.{index}"
        places += layer(f"{path}.attn.c_proj", f"{path}.mlp.c_proj", activation=False)
    return places + ([f"{head}.input"] if head else [])


def gpt_neox():
    places = ["gpt_neox.embeddings"]
    for index in range(2):
        path = f"gpt_neox.layers.{index}"
        places += layer(
            f"{path}.attention.dense", f"{path}.mlp.dense_4h_to_h", activation=False
        )
    return places


def llama(count, down=False, head=None):
    places = []
    for index in range(count):
        path = f"model.layers.{index}"
        places += [f"{path}.self_attn.o_proj.weights"]
        places += [f"{path}.self_attn.o_proj", f"{path}.mlp.down_proj"] if down else []
    return places + ([f"{head}.input"] if head else [])


BART_RATES = dict(dropout=0.25, attention_dropout=0.15, activation_dropout=0.1)
BERT_RATES = dict(
    hidden_dropout_prob=0.2, attention_probs_dropout_prob=0.3, classifier_dropout=0.25
)
GPT2_RATES = dict(resid_pdrop=0.2, embd_pdrop=0.1, attn_pdrop=0.3)

# name → (folder of the model, its class, rates, places)
MODELS = {
    "bart": ("seq2seq/bart", AutoModelForSeq2SeqLM, BART_RATES, bart()),
    "mbart": ("seq2seq/mbart", AutoModelForSeq2SeqLM, BART_RATES, bart()),
    "marian": ("seq2seq/marian", AutoModelForSeq2SeqLM, BART_RATES, bart()),
    "t5": ("seq2seq/t5", AutoModelForSeq2SeqLM, dict(dropout_rate=0.2), t5()),
    "t5-gated": ("seq2seq/t5-gated", AutoModelForSeq2SeqLM, dict(dropout_rate=0.2), t5((2, 1))),
    "gpt2": ("families/gpt2", AutoModelForCausalLM, GPT2_RATES, gpt2()),
    "gpt_neox": (
        "families/gpt_neox", AutoModelForCausalLM,
        dict(hidden_dropout=0.2, attention_dropout=0.3), gpt_neox(),
    ),
    "qwen2": ("families/qwen2", AutoModelForCausalLM, dict(attention_dropout=0.3), llama(2)),
    "gemma2": ("families/gemma2", AutoModelForCausalLM, dict(attention_dropout=0.3), llama(2)),
    "phi3": (
        "families/phi3", AutoModelForCausalLM,
        dict(attention_dropout=0.3, resid_pdrop=0.2, embd_pdrop=0.4), llama(2, down=True),
    ),
    "bert-single": (
        "heads/bert-single", AutoModelForSequenceClassification, BERT_RATES,
        bert("bert", "classifier"),
    ),
    "bert-tokens": (
        "heads/bert-tokens", AutoModelForTokenClassification, BERT_RATES,
        bert("bert", "classifier", count=1),
    ),
    "bert-masked": ("heads/bert-masked", AutoModelForMaskedLM, BERT_RATES, bert("bert", None)),
    "roberta-single": (
        "heads/roberta-single", AutoModelForSequenceClassification, BERT_RATES,
        bert("roberta", "classifier.out_proj", first=["classifier.out_proj.head"]),
    ),
    "distilbert-single": (
        "heads/distilbert-single", AutoModelForSequenceClassification,
        dict(dropout=0.2, attention_dropout=0.3, seq_classif_dropout=0.25),
        distilbert("classifier"),
    ),
    "distilbert-tokens": (
        "heads/distilbert-tokens", AutoModelForTokenClassification,
        dict(dropout=0.2, attention_dropout=0.3), distilbert("classifier"),
    ),
    "gpt2-tokens": (
        "heads/gpt2-tokens", AutoModelForTokenClassification,
        dict(GPT2_RATES, classifier_dropout=0.25), gpt2("classifier", count=1),
    ),
    "llama-tokens": (
        "heads/llama-tokens", AutoModelForTokenClassification,
        dict(attention_dropout=0.3, classifier_dropout=0.25), llama(1, head="score"),
    ),
}


def inputs_of(oracle):
    names = {
        "source_ids": "input_ids", "source_mask": "attention_mask",
        "decoder_input_ids": "decoder_input_ids", "labels": "labels",
        "input_ids": "input_ids", "attention_mask": "attention_mask",
        "token_type_ids": "token_type_ids",
    }
    return {ours: torch.tensor(oracle[key]) for key, ours in names.items() if key in oracle}


def make(name, folder, kind, rates, places):
    oracle = json.loads((FIXTURES / folder / "oracle.json").read_text(encoding="utf-8"))
    config = AutoConfig.from_pretrained(FIXTURES / folder)
    for key, rate in rates.items():
        setattr(config, key, rate)
    model = kind.from_pretrained(
        FIXTURES / folder, config=config, attn_implementation="eager", dtype=torch.float32
    ).train()
    waiting = list(places)

    def dropout(x, p=0.5, training=True, inplace=False):
        if not training or p == 0:
            return x
        place = waiting.pop(0)
        return torch.where(kept("model-dropout/" + place, tuple(x.shape), p), x / (1 - p), 0.0)

    original = torch.nn.functional.dropout
    torch.nn.functional.dropout = dropout
    try:
        loss = model(**inputs_of(oracle)).loss
    finally:
        torch.nn.functional.dropout = original
    assert not waiting, f"{name}: {waiting}"
    loss.backward()
    gradients = {
        key: parameter.grad
        for key, parameter in model.named_parameters()
        if parameter.grad is not None
    }
    norm = torch.stack([g.double().norm() for g in gradients.values()]).norm()
    return {
        "name": name, "folder": folder, "config": rates, "loss": float(loss),
        "gradient_norm": float(norm),
        "gradient_norms": {key: float(g.double().norm()) for key, g in gradients.items()},
    }


def main():
    torch.manual_seed(0)
    write_json(
        FIXTURES / "dropout.json",
        {
            "versions": versions(), "step": STEP, "seed": SEED,
            "models": [make(name, *model) for name, model in MODELS.items()],
        },
    )


if __name__ == "__main__":
    main()
