"""Writes the torch checkpoints that Tests/ArtifactsTests reads, good and hostile, and what is in them.

Version: torch 2.13.0. Values come from a fixed seed. Files of the older format have addresses of memory in them, so a
second run writes other bytes there: run it by hand.
`torch/expected.json` holds, for each file, the tensors that `torch.load` finds, as float32 bit patterns, row-major;
`torch/hostile.json` the words that must be in the message about each hostile file. Nothing here loads a hostile file.
"""

import collections
import io
import json
import pathlib
import pickle
import re
import struct
import warnings
import zipfile
import zlib

import torch
from common import fresh_folder

OUTPUT = pathlib.Path(__file__).parent.parent / "ArtifactsTests" / "Fixtures" / "torch"
GENERATOR = torch.Generator().manual_seed(7)


def random(*shape):
    return torch.randn(*shape, generator=GENERATOR)


def bits(tensor):
    values = tensor.detach().float().contiguous().reshape(-1)
    return {
        "type": str(tensor.dtype).removeprefix("torch."),
        "shape": list(tensor.shape),
        "bits": [value & 0xFFFFFFFF for value in values.view(torch.int32).tolist()],
    }


class Gate(torch.nn.Module):
    """A module of a class that Hone does not know, with everything that a state dict leaves out."""

    def __init__(self, table):
        super().__init__()
        self.table = table
        self.scale = torch.nn.Parameter(random(3).half())
        self.activation = torch.nn.functional.gelu
        self.register_parameter("bias", None)
        self.register_buffer("kept", torch.arange(4))
        self.register_buffer("hidden", random(2), persistent=False)
        self.register_buffer("empty", None)
        self.unnamed = random(2)
        self.options = {"dropout": 0.1, "names": ["a", "b"], "shape": torch.Size([2, 3]), "device": torch.device("cpu")}


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        table = torch.nn.Embedding(5, 3)
        self.gate = Gate(table)
        self.body = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU())
        self.head = torch.nn.Linear(3, 5, bias=False)
        self.head.weight = table.weight


def views():
    base = random(6, 8)
    wide = random(4, 3, 5)
    return {
        "whole": base,
        "transposed": base.t(),
        "rows": base[2:5],
        "columns": base[:, 1::3],
        "backfirst": wide.permute(2, 0, 1),
        "inner": wide[1:, ::2, 2:4],
        "expanded": random(1, 4).expand(3, 4),
        "scalar": base[3, 3],
        "empty": base[:0],
        "flat": base.reshape(-1)[5:],
    }


def kinds():
    real = random(3, 4)
    whole = torch.randint(-100, 100, (5,), generator=GENERATOR)
    return {
        "float32": real,
        "float16": real.half(),
        "bfloat16": real.bfloat16(),
        "float64": real.double() / 3,
        "parameter": torch.nn.Parameter(real.clone()),
        "half.parameter": torch.nn.Parameter(real.half(), requires_grad=False),
        "int64": whole,
        "int32": whole.int(),
        "int16": whole.short(),
        "int8": whole.to(torch.int8),
        "uint8": (whole + 100).to(torch.uint8),
        "bool": whole > 0,
        "strided.float64": real.double().t(),
        "strided.bfloat16": real.bfloat16().t(),
        "strided.int8": whole.to(torch.int8)[::2],
    }


def state(module):
    return {name: tensor for name, tensor in module.state_dict().items() if torch.is_tensor(tensor)}


def good_files():
    torch.manual_seed(7)
    network = Network()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(random(*parameter.shape))
    plain = state(network)
    optimizer = torch.optim.AdamW(network.parameters())
    ordinary = {"epoch": 3, "loss": torch.tensor(0.5), "optimizer": optimizer.state_dict(), "rng": torch.get_rng_state()[:8]}
    attributes = torch.nn.Parameter(random(2, 2))
    attributes.note = "kept beside"
    old = {"_use_new_zipfile_serialization": False}
    return {
        "kinds.pt": (kinds(), {}, None),
        "kinds-protocol4.pt": (kinds(), {"pickle_protocol": 4}, None),
        "kinds-protocol5.pt": (kinds(), {"pickle_protocol": 5}, None),
        "kinds-legacy.pt": (kinds(), old, None),
        "kinds-legacy-protocol4.pt": (kinds(), old | {"pickle_protocol": 4}, None),
        "views.pt": (views(), {}, None),
        "views-legacy.pt": (views(), old, None),
        "state.pt": (network.state_dict(), {}, plain),
        "nested.pt": (ordinary | {"model_state_dict": network.state_dict()}, {}, plain),
        "wrapped.pt": ({"state_dict": {"module._orig_mod." + name: value for name, value in plain.items()}}, {}, plain),
        "parallel.pt": (torch.nn.DataParallel(network).state_dict(), old, plain),
        "module.pt": (network, {}, plain),
        "module-protocol4.pt": (network, {"pickle_protocol": 4}, plain),
        "module-legacy.pt": (network, old, plain),
        "nested-module.pt": ({"epoch": 1, "model": torch.nn.DataParallel(network)}, {}, plain),
        "attributes.pt": (collections.OrderedDict(a=attributes), {}, None),
    }


def no_source(_):
    raise OSError("the source of torch's modules is not to be in the files")


def write_good():
    torch.serialization.get_source_lines_and_file = no_source
    expected = {}
    for name, (value, options, tensors) in good_files().items():
        torch.save(value, OUTPUT / name, **options)
        tensors = value if tensors is None else tensors
        expected[name] = {key: bits(tensor) for key, tensor in tensors.items()}
        loaded = torch.load(OUTPUT / name, weights_only=False)
        assert loaded is not None
    (OUTPUT / "expected.json").write_text(json.dumps(expected) + "\n")


# What follows writes pickles by hand, instruction by instruction: nothing is imported, nothing is run.


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def call(module, name, *arguments):
    return f"c{module}\n{name}\n".encode() + b"(" + b"".join(arguments) + b"tR"


def number(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -(1 << 31) <= value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    return b"\x8a\x08" + struct.pack("<q", value)


def numbers(*values):
    return b"(" + b"".join(map(number, values)) + b"t"


def storage(key="0", count=6, kind="FloatStorage"):
    return b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + number(count) + b"tQ"


def tensor(offset=0, sizes=(2, 3), strides=(3, 1), **options):
    return call(
        "torch._utils", "_rebuild_tensor_v2", storage(**options), number(offset), numbers(*sizes), numbers(*strides),
        b"\x89", b"}",
    )


def state_pickle(*values):
    entries = b"".join(text(f"t{index}") + value for index, value in enumerate(values))
    return b"\x80\x02}(" + entries + b"u."


def archive(pickle_bytes, records=None, compression=zipfile.ZIP_STORED, order=b"little"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:

        def add(name, data):
            file.writestr(zipfile.ZipInfo(f"archive/{name}"), data, compress_type=compression)

        add("data.pkl", pickle_bytes)
        add("byteorder", order)
        for key, data in (records or {"0": bytes(24)}).items():
            add(f"data/{key}", data)
        add("version", b"3\n")
    return out.getvalue()


def legacy(pickle_bytes, keys=("0",), storages=((6, bytes(24)),), rest=b""):
    machine = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    parts = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, machine)]
    parts += [pickle_bytes, pickle.dumps(list(keys), 2)]
    parts += [struct.pack("<q", count) + data for count, data in storages]
    return b"".join(parts) + rest


def legacy_around(pickle_bytes):
    """The older format with the storages that the pickle names."""
    if b"storage" not in pickle_bytes:
        return legacy(pickle_bytes, keys=(), storages=())
    return legacy(pickle_bytes, storages=((3 if b"Complex" in pickle_bytes else 6, bytes(24)),))


def calls():
    """Pickles that would call what they name, each by another way, and the name that the message must have."""
    echo = text("echo")
    short = lambda value: b"\x8c" + bytes([len(value)]) + value.encode()  # noqa: E731
    return {
        "reduce-posix": (b"\x80\x02" + call("posix", "system", echo) + b".", "posix.system"),
        "reduce-os": (b"\x80\x02" + call("os", "system", echo) + b".", "os.system"),
        "protocol0": (b"cposix\nsystem\np0\n(S'echo'\np1\ntp2\nRp3\n.", "posix.system"),
        "eval": (b"\x80\x02" + call("builtins", "eval", text("1")) + b".", "builtins.eval"),
        "exec": (b"\x80\x02" + call("__builtin__", "exec", text("1")) + b".", "__builtin__.exec"),
        "stack-global": (b"\x80\x04" + short("posix") + short("system") + b"\x93" + echo + b"\x85R.", "posix.system"),
        "inst": (b"(" + echo + b"iposix\nsystem\n.", "posix.system"),
        "obj": (b"(cposix\nsystem\n" + echo + b"o.", "posix.system"),
        "ext1": (b"\x80\x02\x82\x01.", "EXT1"),
        "ext4": (b"\x80\x02\x84\x01\x00\x00\x00.", "EXT4"),
        "persid": (b"Pstorage\n.", "PERSID"),
        "in-state-dict": (state_pickle(tensor(), call("subprocess", "Popen", echo)), "subprocess.Popen"),
        "in-build": (state_pickle(tensor() + b"}" + text("a") + call("posix", "system", echo) + b"sb"), "posix.system"),
        "in-persistent-id": (b"\x80\x02(" + text("storage") + call("posix", "system", echo) + b"tQ.", "posix.system"),
        "getattr": (state_pickle(call("builtins", "getattr", tensor(), text("x"))), "builtins.getattr"),
        "nested-load": (state_pickle(call("torch.storage", "_load_from_bytes", b"C\x01x")), "torch.storage._load_from_bytes"),
        "jit": (state_pickle(call("torch.jit", "load", echo)), "torch.jit.load"),
        "imported": (state_pickle(call("importlib", "import_module", echo)), "importlib.import_module"),
        "called-result": (b"\x80\x02" + call("collections", "OrderedDict") + b")R.", "does not find a name"),
        "partial-called": (b"\x80\x02" + call("functools", "partial", b"cposix\nsystem\n", echo) + b")R.", "does not find a name"),
        "reconstructed": (
            b"\x80\x02" + call("copy_reg", "_reconstructor", b"cposix\nsystem\n", b"N", b"N") + b"}R.", "does not find",
        ),
        "from-type": (
            state_pickle(call("torch._tensor", "_rebuild_from_type_v2", b"cposix\nsystem\n", b"N", b"(" + echo + b"t", b"N")),
            "posix.system",
        ),
        "storage-class": (state_pickle(tensor(kind="../system")), "torch.../system"),
        "long-name": (b"c" + b"a" * 5000 + b"\nb\n.", "bytes of a name"),
    }


def broken():
    """Pickles that lie about sizes, or would take the memory of the machine."""
    nest = lambda code, count: b"\x80\x02" + code * count + b"."  # noqa: E731
    doubling = b"\x80\x02]q\x00" + b"".join(b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60)) + b"."
    module = lambda children: (  # noqa: E731
        b"cmodels\nBlock\n)\x81}(" + text("_parameters") + b"}" + text("_buffers") + b"}" + text("_modules") + b"}(" + children + b"uub"
    )
    shared = module(text("w") + b"N") + b"q\x00"
    for index in range(40):
        shared += b"0" + module(text("a") + b"h" + bytes([index]) + text("b") + b"h" + bytes([index])) + b"q" + bytes([index + 1])
    cycle = b"cmodels\nBlock\n)\x81q\x00}(" + text("_parameters") + b"}" + text("_modules") + b"}" + text("a") + b"h\x00sub"
    return {
        "memo-number": (b"\x80\x02Nr\xff\xff\xff\xffj\xfe\xff\xff\xff.", "that it recalls"),
        "memo-bomb": (b"\x80\x04" + b"N" + b"\x94" * 1_100_000 + b".", "remembered values"),
        "deep-lists": (nest(b"]", 1_100_000), "more than"),
        "deep-marks": (nest(b"(", 1_100_000), "marks"),
        "deep-tuples": (b"\x80\x02)" + b"\x85" * 1_100_000 + b".", "objects"),
        "duplicates": (b"\x80\x02]" + b"2" * 1_100_000 + b".", "values"),
        "doubling": (doubling, "nothing in it holds tensors"),
        "growing": (
            b"\x80\x02](" + b"N" * 1000 + b"eq\x00" + b"".join(call("builtins", "set", b"h\x00") for _ in range(5000)) + b".", "elements",
        ),
        "shared-modules": (b"\x80\x02" + shared + b".", "too deeply|bytes of names"),
        "module-cycle": (b"\x80\x02" + cycle + b".", "too deeply"),
        "long-text": (b"\x80\x02X\xff\xff\xff\xffabc.", "ends within"),
        "long-text8": (b"\x80\x04\x8d" + b"\xff" * 8 + b"abc.", "ends within"),
        "long-integer": (b"\x80\x02\x8b\xff\xff\xff\x7fabc.", "ends within"),
        "no-stop": (b"\x80\x02}", "ends within"),
        "empty": (b"", "ends within"),
        "stop-only": (b".", "does not find a value"),
        "unknown-code": (b"\x80\x02\xfe.", "254"),
        "protocol9": (b"\x80\x09}.", "protocol"),
        "odd-pairs": (b"\x80\x02}(NNNu.", "a value for each key"),
        "no-mark": (b"\x80\x02}u.", "a mark"),
        "append-to-nothing": (b"\x80\x02N.", "nothing in it holds tensors"),
        "state-of-number": (b"\x80\x02K\x01}b.", "an object"),
        "sizes-too-large": (state_pickle(tensor(sizes=(1 << 40, 3))), "`t0` lead out"),
        "sizes-overflow": (state_pickle(tensor(sizes=(1 << 62, 1 << 62), strides=(0, 0))), "`t0` lead out"),
        "bytes-overflow": (state_pickle(tensor(sizes=(1 << 62,), strides=(0,))), "`t0` lead out"),
        "stride-overflow": (state_pickle(tensor(sizes=(2, 2), strides=(1 << 62, 1 << 62))), "`t0` lead out"),
        "negative-size": (state_pickle(tensor(sizes=(-2, 3))), "`t0` lead out"),
        "negative-stride": (state_pickle(tensor(strides=(3, -1))), "`t0` lead out"),
        "negative-offset": (state_pickle(tensor(offset=-1)), "an offset"),
        "offset-too-large": (state_pickle(tensor(offset=1)), "`t0` lead out"),
        "offset-huge": (state_pickle(tensor(offset=(1 << 63) - 1)), "`t0` lead out"),
        "rank-mismatch": (state_pickle(tensor(sizes=(2, 3, 1))), "sizes and strides"),
        "rank-huge": (state_pickle(tensor(sizes=(1,) * 65, strides=(1,) * 65)), "sizes and strides"),
        "storage-negative": (state_pickle(tensor(count=-6)), "the id of a storage"),
        "storage-too-large": (state_pickle(tensor(count=1 << 60)), "the storage `0`"),
        "storage-overflow": (state_pickle(tensor(count=(1 << 63) - 1)), "the storage `0`"),
        "storage-missing": (state_pickle(tensor(key="1")), "storage `1` are missing|the key of a storage"),
        "storage-of-two-kinds": (state_pickle(tensor(), tensor(kind="IntStorage")), "in two ways"),
        "complex": (state_pickle(tensor(count=3, kind="ComplexFloatStorage", sizes=(3,), strides=(1,))), "complex64"),
        "no-tensors": (state_pickle(b"K\x01"), "nothing in it holds tensors"),
        "two-models": (
            b"\x80\x02}(" + text("model") + b"}" + text("a") + tensor() + b"s" + text("ema") + b"}" + text("a") + tensor() + b"su.",
            "`model`, `ema`",
        ),
    }


def containers():
    good = state_pickle(tensor())
    whole = archive(good)
    end = whole.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack("<HII", whole[end + 10 : end + 20])

    def patched(place, data, base=whole):
        return base[:place] + data + base[place + len(data) :]

    second = whole.index(b"PK\x01\x02", start + 4)
    doubled = io.BytesIO()
    with zipfile.ZipFile(doubled, "w") as file:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for data in (good, state_pickle(call("posix", "system", text("echo")))):
                file.writestr("archive/data.pkl", data)
    jit = io.BytesIO()
    with zipfile.ZipFile(jit, "w") as file:
        file.writestr("archive/data.pkl", good)
        file.writestr("archive/constants.pkl", good)
    tar = bytearray(1024)
    tar[:8] = b"storages"
    tar[257:262] = b"ustar"
    return {
        "zip-compressed": (archive(good, compression=zipfile.ZIP_DEFLATED), "is compressed"),
        "zip-big-endian": (archive(good, order=b"big"), "big-endian"),
        "zip-checksum": (whole.replace(good, good.replace(b"t0", b"t1")), "checksum"),
        "zip-short-storage": (archive(good, {"0": bytes(20)}), "needs 24 bytes and has 20"),
        "zip-long-storage": (archive(good, {"0": bytes(28)}), "needs 24 bytes and has 28"),
        "zip-twice": (doubled.getvalue(), "twice"),
        "zip-no-pickle": (archive(good).replace(b"data.pkl", b"data.pki"), "no `data.pkl`"),
        "zip-script": (jit.getvalue(), "torch.jit.save"),
        "zip-no-directory": (whole[:end], "no directory"),
        "zip-directory-moved": (patched(end + 16, struct.pack("<I", start - 1)), "not where its end says"),
        "zip-directory-long": (patched(end + 12, struct.pack("<I", size + 1)), "not where its end says"),
        "zip-count-high": (patched(end + 8, struct.pack("<HH", count + 1, count + 1)), "archive's directory"),
        "zip-count-low": (patched(end + 8, struct.pack("<HH", count - 1, count - 1)), "not where its end says"),
        "zip-prefixed": (b"PK\x03\x04" + whole, "not where its end says"),
        "zip-entry-moved": (patched(second + 42, struct.pack("<I", 0)), "is not where"),
        "zip-entry-beyond": (patched(start + 42, struct.pack("<I", 0xFFFFFF0)), "entry 1"),
        "zip-size-disagrees": (patched(start + 20, struct.pack("<I", 3)), "entry 1"),
        "zip-size-beyond": (patched(start + 20, struct.pack("<II", 1 << 30, 1 << 30)), "is not where"),
        "zip-size-overlap": (patched(start + 20, struct.pack("<II", len(good) + 40, len(good) + 40)), "overlaps|checksum"),
        "zip64-absent": (patched(start + 20, b"\xff" * 8), "entry 1"),
        "zip-encrypted": (patched(start + 8, struct.pack("<H", 1)), "is encrypted"),
        "zip-name-differs": (patched(30, b"Archive/data.pkl"), "is not where"),
        "zip-local-compressed": (patched(8, struct.pack("<H", 8)), "is not where"),
        "tar": (bytes(tar), "tar archive"),
        "text": (b"not a checkpoint at all", "begins neither"),
        "nothing": (b"", "begins neither"),
        "plain-pickle": (pickle.dumps({"a": 1}, 2), "begins neither"),
        "legacy-version": (pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1002, 2), "begins neither"),
        "legacy-count": (legacy(good, storages=((7, bytes(28)),)), "ends within the storage"),
        "legacy-negative": (legacy(good, storages=((-1, b""),)), "ends within the storage"),
        "legacy-key-missing": (legacy(good, keys=(), storages=()), "bytes of the storage `0` are missing"),
        "legacy-key-unknown": (legacy(good, keys=("1",)), "the key of a storage"),
        "legacy-key-twice": (legacy(good, keys=("0", "0"), storages=((6, bytes(24)),) * 2), "the key of a storage"),
        "legacy-trailing": (legacy(good, rest=b"more"), "4 bytes follow"),
        "legacy-prelude": (pickle.dumps(0x1950A86A20F9469CFC6C, 2) + b"\x80\x02" + call("posix", "system", text("x")) + b".", "posix.system"),
    }


def write_hostile():
    """One object a file: the words that its message must have, and its bytes as pieces of hexadecimal text and how
    often each stands."""
    files = {}
    for name, (data, words) in (calls() | broken()).items():
        files[f"{name}.zip"] = entry(archive(data), words)
        if len(data) < 100_000 and b"." in data[-1:]:
            files[f"{name}.legacy"] = entry(legacy_around(data), words)
    for name, (data, words) in containers().items():
        files[name] = entry(data, words)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in files.items())
    (OUTPUT / "hostile.json").write_text("{\n" + lines + "\n}\n")


def entry(data, words):
    pieces, place = [], 0
    for run in re.finditer(rb"(.{1,24}?)\1{99,}", data, re.DOTALL):
        pieces += [[data[place : run.start()].hex(), 1], [run[1].hex(), len(run[0]) // len(run[1])]]
        place = run.end()
    pieces.append([data[place:].hex(), 1])
    assert b"".join(bytes.fromhex(text) * count for text, count in pieces) == data
    return {"words": words.split("|"), "pieces": pieces}


def written():
    """The bytes that Hone's own writer makes of four tensors and an alias, written a second time here."""
    tensors = {
        "table": torch.arange(1, 7).float().reshape(2, 3),
        "scalar": torch.tensor(7.0),
        "none": torch.zeros(0, 3),
        "größe": torch.arange(300).float(),
    }
    entries = list(enumerate(tensors.items())) + [(0, ("head", tensors["table"]))]
    ordered = b"ccollections\nOrderedDict\n)R"

    def shortest(value):
        return b"M" + struct.pack("<H", value) if 256 <= value < 65536 else number(value)

    def string(value):
        return b"X" + struct.pack("<I", len(value.encode())) + value.encode()

    body = b"\x80\x02" + ordered + b"("
    for place, (name, value) in entries:
        body += string(name) + b"ctorch._utils\n_rebuild_tensor_v2\n((" + string("storage") + b"ctorch\nFloatStorage\n"
        body += string(str(place)) + string("cpu") + shortest(value.numel()) + b"tQK\x00("
        body += b"".join(map(shortest, value.shape)) + b"t(" + b"".join(map(shortest, value.stride())) + b"t\x89" + ordered + b"tR"
    body += b"u."
    out, directory, count = bytearray(), bytearray(), 0
    records = [("data.pkl", body), ("byteorder", b"little")]
    records += [(f"data/{place}", value.numpy().tobytes()) for place, value in enumerate(tensors.values())]
    for name, data in [*records, ("version", b"3\n")]:
        name = f"archive/{name}".encode()
        padding = -(len(out) + 30 + len(name) + 4) % 64
        start, checksum = len(out), zlib.crc32(data)
        out += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0x808, 0, 0, 0x21, 0, 0, 0, len(name), 4 + padding)
        out += name + b"FB" + struct.pack("<H", padding) + b"Z" * padding
        out += data + struct.pack("<IIII", 0x08074B50, checksum, len(data), len(data))
        directory += struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0x808, 0, 0, 0x21, checksum, len(data), len(data), len(name), 0, 0, 0,
            0, 0, start,
        ) + name
        count += 1
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(directory), len(out), 0)
    path = OUTPUT / "written.pt"
    path.write_bytes(out + directory + end)
    for options in ({}, {"mmap": True}):
        loaded = torch.load(path, weights_only=True, **options)
        assert list(loaded) == [*tensors, "head"]
        assert all(torch.equal(loaded[name], value) for name, value in tensors.items())
        assert loaded["head"].data_ptr() == loaded["table"].data_ptr()
    assert zipfile.ZipFile(path).testzip() is None


def main():
    assert torch.__version__.startswith("2.13.0")
    fresh_folder(OUTPUT)
    write_good()
    write_hostile()
    written()


if __name__ == "__main__":
    main()
