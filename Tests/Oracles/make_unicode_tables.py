"""Writes Sources/Tokenizers/UnicodeForms/*Decompositions.swift from Python's unicodedata.

Made with Python 3.11 (Unicode 14.0). Run from the repository's root:

    python3 Tests/Oracles/make_unicode_tables.py

An entry is `delta=scalars`: the distance from the entry before, and what the scalar becomes one
level down, in hexadecimal. `delta*count=scalar` is a run of neighbours that become neighbours.
A `!` says that the pair never composes again.
"""

import sys
import unicodedata
from pathlib import Path

OUT = Path("Sources/Tokenizers/UnicodeForms")


def one_level(compatible):
    table = {}
    for value in range(sys.maxunicode + 1):
        text = unicodedata.decomposition(chr(value))
        if not text or text.startswith("<") != compatible:
            continue
        table[value] = [int(part, 16) for part in text.split() if not part.startswith("<")]
    return table


def entries(table, compatible):
    values = sorted(table)
    previous = 0
    index = 0
    while index < len(values):
        value = values[index]
        target = table[value]
        count = 1
        while (
            len(target) == 1
            and index + count < len(values)
            and values[index + count] == value + count
            and table[value + count] == [target[0] + count]
        ):
            count += 1
        mark = ""
        if not compatible and len(target) == 2:
            if unicodedata.normalize("NFC", chr(value)) != chr(value):
                mark = "!"
        run = f"*{count:x}" if count > 1 else ""
        yield f"{value - previous:x}{run}={mark}" + ",".join(f"{part:x}" for part in target)
        previous = value + count - 1
        index += count


def write(name, summary, compatible):
    lines = []
    line = ""
    for entry in entries(one_level(compatible), compatible):
        if len(line) + 1 + len(entry) > 93:
            lines.append(line)
            line = ""
        line += (" " if line else "") + entry
    lines.append(line)
    body = "\n".join(f"    {line} \\" for line in lines[:-1]) + f"\n    {lines[-1]}"
    (OUT / f"UnicodeForm+{name}.swift").write_text(
        "// Made by Tests/Oracles/make_unicode_tables.py, Unicode "
        f"{unicodedata.unidata_version}; do not edit.\n\n"
        f"extension UnicodeForm {{\n  /// {summary}\n"
        f'  static let {name[0].lower() + name[1:]} = """\n{body}\n    """\n}}\n'
    )
    print(name, len(lines), "lines")


OUT.mkdir(exist_ok=True)
write("CanonicalDecompositions", "What scalars are made of canonically.", False)
write("CompatibleDecompositions", "What scalars stand for compatibly.", True)
