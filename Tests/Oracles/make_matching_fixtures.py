"""Which modules PEFT adapts, with which rank and scaling, for many ways to say it."""

import re
import warnings

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig

from common import FIXTURES, trainable_line, versions, write_json
from make_lora_fixtures import adapted_modules

# Twelve layers, so that 1 and 11 (and 0 and 10) can be mistaken for one another.
CONFIG = dict(
    vocab_size=20,
    hidden_size=8,
    intermediate_size=12,
    num_hidden_layers=12,
    num_attention_heads=2,
    num_key_value_heads=1,
    attention_bias=True,
    tie_word_embeddings=False,
)

QV = ["q_proj", "v_proj"]
FULL = "model.layers.3.mlp.up_proj"

CASES = {
    "names": dict(target_modules=QV),
    "one name": dict(target_modules=["o_proj"]),
    "partial path": dict(target_modules=["self_attn.q_proj", "mlp.down_proj"]),
    "full path": dict(target_modules=[FULL]),
    "path with layer": dict(target_modules=["layers.1.self_attn.k_proj", "11.mlp.gate_proj"]),
    "suffix must follow a dot": dict(target_modules=["proj", "q_proj"]),
    "a list is literal, not a regex": dict(target_modules=["model.layers.(1|2).mlp.up_proj", "v_proj"]),
    "head and name": dict(target_modules=["lm_head", "v_proj"]),
    "embedding and name": dict(target_modules=["embed_tokens", "v_proj"]),
    "dead entry beside a live one": dict(target_modules=["q_proj", "query"]),
    "nothing matches": dict(target_modules=["query", "value"]),
    "empty list": dict(target_modules=[]),
    "default of the family": dict(),
    "all-linear": dict(target_modules="all-linear"),
    "ALL-LINEAR": dict(target_modules="ALL-LINEAR"),
    "all-linear and excluded": dict(target_modules="all-linear", exclude_modules=["down_proj", "o_proj"]),
    "all-linear and excluded by regex": dict(
        target_modules="all-linear", exclude_modules=r".*\.layers\.(0|11)\..*"
    ),
    "regex": dict(target_modules=r".*\.(q|k)_proj"),
    "regex must cover the whole name": dict(target_modules=r"layers\.1\.self_attn\.q_proj"),
    "regex that stops early": dict(target_modules=r"model\.layers\.1"),
    "regex with alternatives": dict(
        target_modules=r".*\.layers\.(3|7|11)\.self_attn\.(q|v)_proj|.*\.mlp\.up_proj"
    ),
    "regex with unescaped dots": dict(
        target_modules=r"model.layers.[\d]+.(_checkpoint_wrapped_module.)?(mlp|self_attn).(up|k)_proj"
    ),
    "regex with a negative look-ahead": dict(target_modules=r"model\.layers\.(?!0\.|1\.).*\.q_proj"),
    "regex that is a plain name": dict(target_modules="q_proj"),
    "regex with a character class": dict(target_modules=r".*\.[0-4]\..*[^u]p_proj|.*\.5\..*_proj"),
    "exclude a name": dict(target_modules=["q_proj", "k_proj", "v_proj"], exclude_modules=["k_proj"]),
    "exclude a full path": dict(
        target_modules=QV, exclude_modules=["model.layers.4.self_attn.q_proj", "layers.1.self_attn.v_proj"]
    ),
    "exclude by regex": dict(target_modules=QV, exclude_modules=r".*\.1\d?\..*"),
    "exclude regex that is a plain name": dict(target_modules=QV, exclude_modules="q_proj"),
    "exclude everything": dict(target_modules=QV, exclude_modules=QV),
    "exclude what is not there": dict(target_modules=QV, exclude_modules=["nothing"]),
    "layers as list": dict(target_modules=QV, layers_to_transform=[0, 1, 11]),
    "layer as number": dict(target_modules=QV, layers_to_transform=1),
    "layers that are not there": dict(target_modules=QV, layers_to_transform=[1, 99]),
    "no such layer": dict(target_modules=QV, layers_to_transform=[99]),
    "layers with a pattern": dict(
        target_modules=QV, layers_to_transform=[2, 10], layers_pattern="layers"
    ),
    "layers with patterns": dict(
        target_modules=QV, layers_to_transform=[2, 10], layers_pattern=["h", "layers"]
    ),
    "layers with a pattern that is not there": dict(
        target_modules=QV, layers_to_transform=[2], layers_pattern="h"
    ),
    "pattern without layers": dict(target_modules=QV, layers_pattern="layers"),
    "layers never reach the head": dict(target_modules=["lm_head", "q_proj"], layers_to_transform=[0]),
    "a full path ignores layers": dict(target_modules=[FULL, "q_proj"], layers_to_transform=[1]),
    "regex with layers": dict(target_modules=r".*q_proj", layers_to_transform=[1]),
    "layers with exclusions": dict(
        target_modules=QV, layers_to_transform=[1, 2], exclude_modules=["layers.1.self_attn.q_proj"]
    ),
    "rank by name": dict(target_modules=QV, rank_pattern={"q_proj": 2}),
    "rank by partial path": dict(target_modules=QV, rank_pattern={"self_attn.q_proj": 2, "1.self_attn.v_proj": 3}),
    "rank by full path": dict(target_modules=QV, rank_pattern={"model.layers.1.self_attn.q_proj": 2}),
    "rank by regex": dict(target_modules=QV, rank_pattern={r"layers\.(0|1)\..*": 2}),
    "rank anchored at the start": dict(
        target_modules=QV, rank_pattern={r"^model\.layers\.1\.self_attn\.q_proj": 2, r"^layers\.2\..*": 3}
    ),
    "rank key must end where the name ends": dict(target_modules=QV, rank_pattern={"self_attn": 2, "q_pro": 3}),
    "first key wins": dict(
        target_modules=QV, rank_pattern={r".*\.1\.self_attn\.q_proj": 2, "q_proj": 3, r".*\.1\..*": 5}
    ),
    "first key wins, other way round": dict(
        target_modules=QV, rank_pattern={r".*\.1\..*": 5, "q_proj": 3, r".*\.1\.self_attn\.q_proj": 2}
    ),
    "a dot in a key is any character": dict(target_modules=QV, rank_pattern={"q.proj": 2}),
    "key with alternatives": dict(target_modules=QV, rank_pattern={"q_proj|v_proj": 2}, alpha_pattern={"k_proj|v_proj": 16}),
    "alpha by name": dict(target_modules=QV, alpha_pattern={"v_proj": 32}),
    "alpha and rank": dict(
        target_modules=QV, rank_pattern={"q_proj": 2}, alpha_pattern={r"layers\.1\..*": 32, "q_proj": 5}
    ),
    "rslora": dict(target_modules=QV, use_rslora=True),
    "rslora with patterns": dict(
        target_modules=QV, use_rslora=True, rank_pattern={"q_proj": 3}, alpha_pattern={"v_proj": 7}
    ),
    "fractional alpha": dict(target_modules=QV, lora_alpha=2.5),
    "save the head": dict(target_modules=QV, modules_to_save=["lm_head"]),
    "save the head and embeddings": dict(target_modules=QV, modules_to_save=["lm_head", "embed_tokens"]),
    "save by the end of a name": dict(target_modules=QV, modules_to_save=["head"]),
    "save norms": dict(target_modules=QV, modules_to_save=["input_layernorm", "model.norm"]),
    "save wins over target": dict(target_modules=["v_proj", "o_proj"], modules_to_save=["o_proj"]),
    "save one layer's module": dict(target_modules=QV, modules_to_save=["layers.1.mlp.up_proj"]),
    "save what is not there": dict(target_modules=QV, modules_to_save=["classifier"]),
    "all-linear and save the head": dict(target_modules="all-linear", modules_to_save=["lm_head"]),
    "bias all": dict(target_modules=QV, bias="all"),
    "bias lora_only": dict(target_modules=["q_proj", "up_proj"], bias="lora_only"),
    "rank zero": dict(target_modules=QV, r=0),
    "rank zero by pattern": dict(target_modules=QV, rank_pattern={"q_proj": 0}),
}


def plain_model():
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(LlamaConfig(**CONFIG)).eval()


def module_tree(model):
    """Every module but the root, in PyTorch's order, with its parameters' shapes."""
    return [
        {
            "name": name,
            "type": type(module).__name__,
            "parameters": {n: list(p.shape) for n, p in module.named_parameters(recurse=False)},
        }
        for name, module in model.named_modules()
        if name
    ]


def plain_message(error):
    """On one line, without a printed module, with a set's names in order."""
    text = re.sub(r"\s+", " ", str(error)).strip()
    text = re.sub(r"Target module \w+\(.*\) is not supported.*", "Target module is not supported", text)
    names = lambda match: "{" + ", ".join(sorted(match[1].split(", "))) + "}"
    return re.sub(r"\{([^}]*)\}", names, text)


def resolve(arguments):
    arguments = {"r": 8, "lora_alpha": 8, **arguments}
    try:
        model = get_peft_model(plain_model(), LoraConfig(task_type="CAUSAL_LM", **arguments))
    except ValueError as error:
        return {"error": plain_message(error)}
    saved = [
        name.removeprefix("base_model.model.")
        for name, module in model.named_modules()
        if hasattr(module, "modules_to_save")
    ]
    biases = [
        name.removeprefix("base_model.model.").replace(".base_layer.", ".")
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and name.endswith(".bias")
    ]
    return {
        "adapted": adapted_modules(model),
        "saved": saved,
        "trainable_biases": biases,
        "trainable_line": trainable_line(model),
    }


def with_embeddings(model_result, arguments):
    """An embedding's LoRA lies in other tensors: marked, since Hone may refuse it."""
    names = arguments.get("target_modules", [])
    if isinstance(names, list) and "embed_tokens" in names:
        model_result["adapts_embedding"] = True
    return model_result


def main():
    warnings.simplefilter("ignore")
    cases = []
    for name, arguments in CASES.items():
        result = with_embeddings(resolve(arguments), arguments)
        cases.append({"case": name, "arguments": arguments, **result})
        print(f"{name}: {result.get('error') or str(len(result['adapted'])) + ' ' + result['trainable_line']}")
    write_json(
        FIXTURES / "matching.json",
        {
            "versions": versions(),
            "config": {"model_type": "llama", "architectures": ["LlamaForCausalLM"], **CONFIG},
            "defaults": {"r": 8, "lora_alpha": 8},
            "modules": module_tree(plain_model()),
            "cases": cases,
        },
    )


if __name__ == "__main__":
    main()
