"""The JSON Schema of pipelines against Python's jsonschema and Hone itself.

    schema_agreement.py --hone HONE

* The committed schema is a valid draft-07 schema, and what `hone schema` prints.
* Every pipeline of the project that `hone validate --no-files` accepts fits it, as do the good examples of all codes.
* Every bad example of a code that a schema can see does not.
* For every key of a whole pipeline and values of every kind: what the schema refuses, Hone refuses.

YAML is read as YAML 1.2 has it, as editors do.
"""

import argparse
import copy
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from jsonschema import Draft7Validator
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent.parent
# What a schema can see: names, kinds and ranges of values, and which keys stand together.
VISIBLE = {"unknown-key", "missing-key", "wrong-type", "unknown-choice", "value-out-of-range", "conflicting-keys",
           "unsupported-version"}
CANDIDATES = [None, True, -1, 0, 3, 0.5, 10**18, "word", "", "10%", "5 steps", [], ["word"], [1, 2], {}, {"word": 1}]

failures = []


def check(condition, message):
    if not condition:
        failures.append(message)


def load(text):
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))


def errors(hone, paths):
    """The error codes that Hone finds in each file."""
    found = {str(path): [] for path in paths}
    for start in range(0, len(paths), 200):
        part = [str(path) for path in paths[start:start + 200]]
        run = subprocess.run([hone, "validate", "--no-files", "--format", "json", *part], capture_output=True, text=True)
        for finding in json.loads(run.stdout)["diagnostics"]:
            if finding["severity"] == "error":
                found[finding["place"]["file"]].append(finding["code"])
    return found


def examples():
    """(code, bad, good) of each page that has them."""
    for page in sorted((ROOT / "docs/diagnostics").glob("*.md")):
        blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.S)
        blocks = [block for block in blocks if re.search(r"^hone:", block, re.M)]
        if len(blocks) >= 2:
            yield page.stem, blocks[0], blocks[1]


def variations(value, path=()):
    """Every place below a value."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, inner in items:
        yield from variations(inner, path + (key,))


def replaced(value, path, new):
    changed = copy.deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return changed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hone", required=True)
    arguments = parser.parse_args()
    committed = (ROOT / "docs/schema/pipeline-1.schema.json").read_text()
    printed = subprocess.run([arguments.hone, "schema"], capture_output=True, text=True, check=True).stdout
    check(printed == committed, "`hone schema` prints something else than docs/schema holds")
    schema = json.loads(committed)
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)

    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        files = sorted((ROOT / "pipelines").glob("*.yaml"))
        files += sorted((ROOT / "Tests/LanguageTests/Fixtures").rglob("*.yaml"))
        bad = []
        for code, wrong, right in examples():
            for kind, text in [("bad", wrong), ("good", right)]:
                path = work / f"{code}-{kind}.yaml"
                path.write_text(text)
                (bad if kind == "bad" else files).append(path)
        found = errors(arguments.hone, files + bad)
        fitting = 0
        for path in files:
            if found[str(path)]:
                continue
            problems = [problem.message for problem in validator.iter_errors(load(path.read_text()))]
            check(not problems, f"{path.name} is accepted by Hone, not by the schema: {problems[:2]}")
            fitting += 1
        seen = 0
        for path in bad:
            code = path.stem.removesuffix("-bad")
            if code in VISIBLE and code in found[str(path)]:
                check(not validator.is_valid(load(path.read_text())), f"the schema accepts the bad example of {code}")
                seen += 1

        whole = load((ROOT / "Tests/LanguageTests/Fixtures/every-key.yaml").read_text())
        refused = []
        count = 0
        for path in variations(whole):
            for candidate in CANDIDATES:
                count += 1
                changed = replaced(whole, path, candidate)
                if not validator.is_valid(changed):
                    file = work / f"variation-{count}.yaml"
                    file.write_text(json.dumps(changed))
                    refused.append((file, path, candidate))
        found = errors(arguments.hone, [file for file, _, _ in refused])
        for file, path, candidate in refused:
            check(found[str(file)], f"Hone accepts {candidate!r} at {'.'.join(map(str, path))}, the schema does not")

    for message in failures[:20]:
        print(f"schema: {message}")
    print(f"schema: {fitting} pipelines fit, {seen} bad examples do not, {len(refused)} of {count} variations are refused"
          f" by both: {'FAILED' if failures else 'ok'}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
