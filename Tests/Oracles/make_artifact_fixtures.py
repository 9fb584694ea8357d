"""Writes the small files that Tests/ArtifactsTests reads, and what is in them.

Versions: safetensors 0.8.0, gguf 0.19.0, peft 0.21.2, torch 2.13.0, numpy 2.4.6.
Values come from fixed seeds, so that a second run writes the same bytes.
Expected values are float32 bit patterns in JSON, row-major.
"""

import json
import pathlib
import shutil
from importlib.metadata import version

import gguf
import numpy
import torch
from safetensors.torch import save_file

OUTPUT = pathlib.Path(__file__).parent.parent / "ArtifactsTests" / "Fixtures"
PINNED = {"safetensors": "0.8.0", "gguf": "0.19.0", "peft": "0.21.2"}


def bits(values):
    values = numpy.array(values, dtype=numpy.float32, order="C")
    return {"shape": list(values.shape), "bits": values.reshape(-1).view(numpy.uint32).tolist()}


def write_json(path, value):
    path.write_text(json.dumps(value) + "\n")


def safetensors_dtypes():
    generator = torch.Generator().manual_seed(1)
    real = torch.randn(3, 5, generator=generator)
    whole = torch.randint(-100, 100, (7,), generator=generator)
    special = torch.tensor([0.0, -0.0, float("inf"), -float("inf"), float("nan"), 1e-40, 65504.0])
    halves = torch.arange(0, 65536, 61, dtype=torch.int32).to(torch.uint16).view(torch.float16)
    tensors = {
        "real.f32": real,
        "real.f16": real.half(),
        "real.bf16": real.bfloat16(),
        "real.f64": real.double() / 3,
        "special.f32": special,
        "special.f16": special.half(),
        "special.bf16": special.bfloat16(),
        "halves.f16": halves,
        "whole.i8": whole.to(torch.int8),
        "whole.i16": whole.to(torch.int16) * 300,
        "whole.i32": whole.to(torch.int32) * 20_000_000,
        "whole.i64": whole * 12_345_678_901,
        "whole.u8": (whole + 128).to(torch.uint8),
        "truth.bool": whole > 0,
        "scalar.f32": torch.tensor(2.5),
        "empty.f32": torch.zeros(0, 4),
    }
    save_file(tensors, OUTPUT / "dtypes.safetensors", metadata={"format": "pt"})
    expected = {}
    for name, tensor in tensors.items():
        expected[name] = bits(tensor.float().numpy())
        expected[name]["bfloat16"] = (
            tensor.float().bfloat16().reshape(-1).view(torch.int16).to(torch.int32) & 0xFFFF
        ).tolist()
    write_json(OUTPUT / "dtypes.json", expected)


def sharded():
    directory = OUTPUT / "sharded"
    directory.mkdir()
    generator = torch.Generator().manual_seed(2)
    weights = {}
    for shard in (1, 2):
        name = f"model-0000{shard}-of-00002.safetensors"
        tensors = {
            f"model.layers.{shard}.mlp.up_proj.weight": torch.randn(4, 2, generator=generator),
            f"model.layers.{shard}.mlp.down_proj.weight": torch.randn(2, 4, generator=generator),
        }
        save_file(tensors, directory / name, metadata={"format": "pt"})
        weights.update({key: name for key in tensors})
    index = {"metadata": {"total_parameters": 32, "total_size": 128}, "weight_map": weights}
    (directory / "model.safetensors.index.json").write_text(
        json.dumps(index, indent=2, sort_keys=True) + "\n")
    write_json(directory / "config.json", {"model_type": "llama", "hidden_size": 2})


def gguf_quantizations():
    random = numpy.random.default_rng(3)
    writer = gguf.GGUFWriter(OUTPUT / "quantizations.gguf", "llama")
    expected = {}
    kinds = gguf.GGMLQuantizationType
    for kind in (kinds.F32, kinds.F16, kinds.BF16, kinds.Q4_0, kinds.Q4_1, kinds.Q8_0):
        values = random.standard_normal((3, 64)).astype(numpy.float32)
        stored = gguf.quants.quantize(values, kind)
        name = f"values.{kind.name}"
        writer.add_tensor(name, stored, raw_dtype=kind)
        expected[name] = bits(gguf.quants.dequantize(stored, kind))
    write(writer)
    write_json(OUTPUT / "quantizations.json", expected)

    writer = gguf.GGUFWriter(OUTPUT / "unsupported.gguf", "llama")
    stored = numpy.zeros((1, gguf.GGML_QUANT_SIZES[kinds.Q6_K][1]), dtype=numpy.uint8)
    writer.add_tensor("blk.0.attn_v.weight", stored, raw_dtype=kinds.Q6_K)
    write(writer)


def write(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def permuted(weights, heads):
    """The order that llama.cpp's converter gives query and key rows."""
    shape = weights.shape
    return weights.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).swapaxes(1, 2).reshape(
        shape)


def gguf_llama():
    """One layer of 32 features, 4 heads of 8 and 2 key/value heads."""
    random = numpy.random.default_rng(4)
    kinds = gguf.GGMLQuantizationType
    writer = gguf.GGUFWriter(OUTPUT / "llama.gguf", "llama")
    writer.add_name("tiny")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(8)
    writer.add_vocab_size(6)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(["<|endoftext|>", "<|im_start|>", "<|im_end|>", "a", "\u0120b", "\u0120ba"])
    writer.add_token_types([3, 3, 3, 1, 1, 1])
    writer.add_token_merges(["\u0120b a"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template("{% for message in messages %}{{ message.content }}{% endfor %}")
    writer.add_uint8("test.uint8", 200)
    writer.add_int8("test.int8", -100)
    writer.add_uint16("test.uint16", 60000)
    writer.add_int16("test.int16", -30000)
    writer.add_uint32("test.uint32", 4_000_000_000)
    writer.add_int32("test.int32", -2_000_000_000)
    writer.add_uint64("test.uint64", 2**63 + 1)
    writer.add_int64("test.int64", -(2**62))
    writer.add_float32("test.float32", 0.25)
    writer.add_float64("test.float64", 0.1)
    writer.add_bool("test.bool", True)
    writer.add_array("test.strings", ["one", "two"])
    writer.add_array("test.nested", [[1, 2], [3]])

    shapes = {
        "token_embd.weight": ("model.embed_tokens.weight", (6, 32), kinds.Q8_0),
        "output_norm.weight": ("model.norm.weight", (32,), kinds.F32),
        "blk.0.attn_q.weight": ("model.layers.0.self_attn.q_proj.weight", (32, 32), kinds.Q8_0),
        "blk.0.attn_q.bias": ("model.layers.0.self_attn.q_proj.bias", (32,), kinds.F32),
        "blk.0.attn_k.weight": ("model.layers.0.self_attn.k_proj.weight", (16, 32), kinds.F16),
        "blk.0.attn_v.weight": ("model.layers.0.self_attn.v_proj.weight", (16, 32), kinds.Q4_0),
        "blk.0.attn_output.weight": ("model.layers.0.self_attn.o_proj.weight", (32, 32), kinds.Q4_1),
        "blk.0.ffn_gate.weight": ("model.layers.0.mlp.gate_proj.weight", (64, 32), kinds.BF16),
        "blk.0.ffn_up.weight": ("model.layers.0.mlp.up_proj.weight", (64, 32), kinds.Q8_0),
        "blk.0.ffn_down.weight": ("model.layers.0.mlp.down_proj.weight", (32, 64), kinds.Q8_0),
        "blk.0.attn_norm.weight": ("model.layers.0.input_layernorm.weight", (32,), kinds.F32),
        "blk.0.ffn_norm.weight": (
            "model.layers.0.post_attention_layernorm.weight", (32,), kinds.F32),
    }
    expected = {}
    for name, (ours, shape, kind) in shapes.items():
        values = random.standard_normal(shape).astype(numpy.float32)
        stored = gguf.quants.quantize(values, kind)
        expected[ours] = bits(gguf.quants.dequantize(stored, kind))
        if "attn_q" in name:
            stored = permuted(stored, 4)
        if "attn_k" in name:
            stored = permuted(stored, 2)
        writer.add_tensor(name, stored, raw_dtype=kind)
    write(writer)
    write_json(OUTPUT / "llama.json", expected)


def adapters():
    from peft import LoraConfig

    for name, options in {
        "defaults": {"target_modules": ["v_proj", "q_proj"]},
        "everything": {
            "r": 16, "lora_alpha": 32, "lora_dropout": 0.05, "bias": "lora_only",
            "use_rslora": True, "target_modules": ["q_proj"], "exclude_modules": ["lm_head"],
            "modules_to_save": ["embed_tokens"], "layers_to_transform": [0, 2],
            "layers_pattern": ["layers"],
            "rank_pattern": {"a.q_proj": 4, "q_proj": 2}, "alpha_pattern": {"q_proj": 8},
            "init_lora_weights": "gaussian", "revision": "main",
        },
        "pattern": {"target_modules": r".*\.(q|v)_proj", "task_type": None},
    }.items():
        options = {"task_type": "CAUSAL_LM", "base_model_name_or_path": "models/base", **options}
        configuration = LoraConfig(**options)
        configuration.inference_mode = True
        configuration.save_pretrained(OUTPUT / "adapters" / name)
        # A set has no order: sorted, as Hone writes it.
        path = OUTPUT / "adapters" / name / "adapter_config.json"
        value = json.loads(path.read_text())
        for key in ("target_modules", "exclude_modules"):
            if isinstance(value[key], list):
                value[key].sort()
        path.write_text(json.dumps(value, indent=2, sort_keys=True))


if __name__ == "__main__":
    for package, pinned in PINNED.items():
        assert version(package) == pinned, f"{package} {version(package)} is not {pinned}"
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    safetensors_dtypes()
    sharded()
    gguf_quantizations()
    gguf_llama()
    adapters()
