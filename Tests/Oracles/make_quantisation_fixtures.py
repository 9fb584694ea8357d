"""Blocks of the quantised dtypes, as gguf-py and a numpy NF4 make and read them, and a GGUF model.

Versions: gguf 0.19.0, numpy 2.4.6.
"""

import json
from importlib.metadata import version
from pathlib import Path

import gguf
import numpy

OUTPUT = Path(__file__).parents[1] / "Fixtures" / "quantisation"
PINNED = {"gguf": "0.19.0"}

# Dettmers et al. 2023, arXiv 2305.14314, appendix E.
LEVELS = numpy.array([
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1.0], dtype=numpy.float32)


def nf4(values):
    """bitsandbytes' nibbles (the first in the high half) behind a float32 absmax, 64 a block."""
    blocks = values.reshape(-1, 64)
    largest = abs(blocks).max(axis=1, keepdims=True).astype(numpy.float32)
    parts = blocks / numpy.where(largest > 0, largest, numpy.float32(1))
    numbers = abs(parts[..., None] - LEVELS).argmin(axis=-1).astype(numpy.uint8)
    stored = numpy.concatenate(
        [largest.view(numpy.uint8), numbers[:, 0::2] << 4 | numbers[:, 1::2]], axis=1)
    return stored, largest * LEVELS[numbers]


def bits(values):
    return values.astype(numpy.float32).reshape(-1).view(numpy.uint32).tolist()


def permuted(stored, heads):
    """The order that llama.cpp's converter gives query and key rows."""
    shape = stored.shape
    return stored.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).swapaxes(1, 2).reshape(shape)


def model():
    """One llama layer of 64 features, 4 heads of 16 and 2 key/value heads, in q8_0 and q4_0."""
    random = numpy.random.default_rng(12)
    kinds = gguf.GGMLQuantizationType
    writer = gguf.GGUFWriter(OUTPUT / "model.gguf", "llama")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(64)
    writer.add_feed_forward_length(128)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(16)
    writer.add_vocab_size(6)
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
    tensors = {
        "token_embd.weight": ((6, 64), kinds.Q8_0),
        "output_norm.weight": ((64,), kinds.F32),
        "blk.0.attn_q.weight": ((64, 64), kinds.Q8_0),
        "blk.0.attn_k.weight": ((32, 64), kinds.Q4_0),
        "blk.0.attn_v.weight": ((32, 64), kinds.Q4_0),
        "blk.0.attn_output.weight": ((64, 64), kinds.Q8_0),
        "blk.0.ffn_gate.weight": ((128, 64), kinds.Q4_0),
        "blk.0.ffn_up.weight": ((128, 64), kinds.Q8_0),
        "blk.0.ffn_down.weight": ((64, 128), kinds.Q8_0),
        "blk.0.attn_norm.weight": ((64,), kinds.F32),
        "blk.0.ffn_norm.weight": ((64,), kinds.F32),
    }
    for name, (shape, kind) in tensors.items():
        values = random.standard_normal(shape).astype(numpy.float32) * numpy.float32(0.1)
        stored = gguf.quants.quantize(values + (1 if len(shape) == 1 else 0), kind)
        if "attn_q" in name:
            stored = permuted(stored, 4)
        if "attn_k" in name:
            stored = permuted(stored, 2)
        writer.add_tensor(name, stored, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    for package, pinned in PINNED.items():
        assert version(package) == pinned, f"{package} {version(package)} is not {pinned}"
    random = numpy.random.default_rng(11)
    values = random.standard_normal((4, 64)).astype(numpy.float32)
    values[1] *= 1e-3
    values[1, 7] = 3.5
    values[2, :32] = 0
    values[2, 32:] = -0.75
    values[3] = numpy.round(values[3] * 8) / 8
    expected = {"values": bits(values)}
    kinds = gguf.GGMLQuantizationType
    for name, kind in {"q8_0": kinds.Q8_0, "q4_0": kinds.Q4_0}.items():
        stored = gguf.quants.quantize(values, kind)
        expected[name] = {
            "bytes": stored.reshape(-1).tolist(),
            "bits": bits(gguf.quants.dequantize(stored, kind)),
        }
    stored, decoded = nf4(values)
    expected["nf4"] = {"bytes": stored.reshape(-1).tolist(), "bits": bits(decoded)}
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "blocks.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    model()


if __name__ == "__main__":
    main()
