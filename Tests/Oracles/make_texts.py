"""The texts in pipelines/data: Jane Austen's prose, and questions and answers of chatterbot-corpus.

Austen needs Rscript and Debian's r-cran-janeaustenr; without them that part is left as it is.
"""

import json
import random
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "pipelines" / "data"
NOVELS = ("prideprejudice", "sensesensibility")

AUSTEN_LICENCE = """\
austen.txt: Jane Austen, "Pride and Prejudice" (1813) and "Sense and Sensibility" (1811).

The novels are in the public domain. The text is that of Project Gutenberg as packaged in the R package
janeaustenr 1.0.0 by Julia Silge (Debian: r-cran-janeaustenr), whose own code is under the MIT licence.
Changed here: title pages, chapter headings and end marks left out, hard-wrapped lines joined into one line
a paragraph, underscores of emphasis removed. Tests/Oracles/make_texts.py makes the file.
"""

CORPUS_LICENCE = """\
tech-support.jsonl and questions.jsonl are made from chatterbot-corpus 1.3.3
(https://github.com/gunthercox/chatterbot-corpus, PyPI chatterbot-corpus), which is under this licence:

{licence}
Changed here. questions.jsonl: questions with a short answer from some topics, one answer a question, white space,
capitals, quotation marks and final stops made even. tech-support.jsonl: the topic has ten different problems, each
with one answer; the answers are the corpus's, the problems are also worded in other ways that are Hone's own.
Tests/Oracles/make_texts.py makes the files.
"""

# The upstream repository's license.md; the wheel only names the licence (BSD).
BSD_3 = """\
Copyright (c) 2017, Gunther Cox All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met:

Redistributions of source code must retain the above copyright notice, this list of conditions and
the following disclaimer.

Redistributions in binary form must reproduce the above copyright notice, this list of conditions
and the following disclaimer in the documentation and/or other materials provided with the
distribution.

Neither the name of chatterbot nor the names of its contributors may be used to endorse or promote
products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF
THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""

TOPICS = (
    "trivia science literature computers ai history politics money food movies botprofile".split()
)

ASKS = re.compile(
    r"(what|who|whose|whom|which|where|when|why|how|in what|in which|on what|is|are|do|does|did|can|have|will)\b",
    re.IGNORECASE,
)

UNFIT = re.compile(r"\b(suicide|mate|drunk|die|dead|guns?)\b", re.IGNORECASE)

# The corpus's problem → other wordings of it.
WORDINGS = {
    "My system is overheating.": [
        "My computer gets very hot.",
        "The fan is loud and the case is hot to the touch.",
        "My laptop shuts down because it is too warm.",
    ],
    "My computer won't turn on.": [
        "Nothing happens when I press the power button.",
        "My PC does not start.",
        "The computer is dead and stays dark.",
    ],
    "My mouse is not responding.": [
        "The pointer does not move.",
        "My mouse stopped working.",
        "I move the mouse and nothing happens.",
    ],
    "My laptop screen is black.": [
        "The display of my laptop shows nothing.",
        "My laptop is on but the screen stays dark.",
        "I cannot see anything on my laptop screen.",
    ],
    "I can't hear any sound.": [
        "There is no audio.",
        "My speakers are silent.",
        "Videos play without sound.",
    ],
    "My internet is not working.": [
        "I cannot open any website.",
        "The Wi-Fi is connected but no page loads.",
        "I am offline and do not know why.",
    ],
    "My webcam isn't detected.": [
        "The computer does not find my camera.",
        "Nobody can see me in video calls.",
        "My webcam does not show up in the list of devices.",
    ],
    "I forgot my password.": [
        "I cannot log in any more.",
        "I don't remember my password.",
        "My account is locked and I have lost the password.",
    ],
    "My printer is not printing.": [
        "The printer does nothing when I send a document.",
        "My print jobs are stuck.",
        "Nothing comes out of the printer.",
    ],
    "My screen is flickering.": [
        "The picture on my monitor blinks.",
        "My display flashes all the time.",
        "The monitor goes on and off for a moment again and again.",
    ],
}

FRAMES = (
    "{problem}",
    "{problem} What should I do?",
    "Hi! {problem}",
    "Hello, I need some help. {problem}",
    "{problem} How can I fix it?",
    "{problem} Can you help me?",
)


def prose(lines):
    """Paragraphs of one line each, without title page, headings, ornaments, notes and end mark."""
    text = "\n".join(line.rstrip() for line in lines)
    text = text[re.search(r"^chapter 1$", text, re.IGNORECASE | re.MULTILINE).start() :]
    for paragraph in re.split(r"\n\s*\n", text):
        line = re.sub(r"\s+", " ", paragraph).strip().replace("_", "")
        heading = re.fullmatch(r"(chapter|volume) [0-9ivx]+|the end|finis", line, re.IGNORECASE)
        if line and not heading and re.search(r"[A-Za-z]", line) and not line.startswith("["):
            yield line


def make_austen():
    if shutil.which("Rscript") is None:
        print("austen.txt left as it is: no Rscript")
        return
    paragraphs = []
    for novel in NOVELS:
        script = f"library(janeaustenr); writeLines({novel})"
        run = subprocess.run(["Rscript", "-e", script], check=True, capture_output=True, text=True)
        paragraphs += prose(run.stdout.splitlines())
    text = "\n\n".join(paragraphs) + "\n"
    assert text.isascii() and len(text) < 1_400_000
    (DATA / "austen.txt").write_text(text)
    (DATA / "austen.LICENSE.txt").write_text(AUSTEN_LICENCE)
    print(f"austen.txt: {len(paragraphs)} paragraphs, {len(text)} bytes")


def conversations(topic):
    folder = resources.files("chatterbot_corpus") / "data" / "english"
    return yaml.safe_load((folder / f"{topic}.yml").read_text(encoding="utf-8"))["conversations"]


def clean(text):
    """ASCII quotation marks, single spaces, first letter large, no lone `i`, no quotes around all of it."""
    for curly, plain in zip("‘’“”–—…", ("'", "'", '"', '"', "-", "-", "...")):
        text = text.replace(curly, plain)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"^'([^']*)'$", r"\1", text)
    text = re.sub(r"\bi\b(?!\.)", "I", text)
    return text[:1].upper() + text[1:]


def question(text):
    text = clean(text)
    if not text.isascii() or len(text) > 120 or not (text.endswith("?") or ASKS.match(text)):
        return None
    return None if UNFIT.search(text) else text.rstrip("? ") + "?"


def answer(text):
    text = clean(text)
    if not text.isascii() or not 2 <= len(text) <= 160 or text.endswith("?") or text == "It":
        return None
    return text if text[-1] in ".!" else text.rstrip("\"',;: ") + "." if text[-1] in ",;:" else text + "."


def make_questions():
    rows, seen = [], set()
    for topic in TOPICS:
        for asked, *answers in conversations(topic):
            prompt = question(str(asked))
            completion = next(filter(None, (answer(str(a)) for a in answers)), None)
            key = re.sub(r"\W+", " ", prompt or "").lower().strip()
            if prompt and completion and key not in seen:
                seen.add(key)
                rows.append({"prompt": prompt, "completion": completion})
    random.Random(2).shuffle(rows)
    write_rows("questions.jsonl", rows)


def make_tech_support():
    answers = {asked: clean(reply) for asked, reply in conversations("tech_support")}
    assert set(answers) == set(WORDINGS), "the corpus has other problems than this script words"
    rows = []
    for asked, reply in answers.items():
        for problem in (asked, *WORDINGS[asked]):
            for frame in FRAMES:
                turns = (("user", frame.format(problem=problem)), ("assistant", reply))
                rows.append({"messages": [{"role": role, "content": text} for role, text in turns]})
    random.Random(3).shuffle(rows)
    write_rows("tech-support.jsonl", rows)


def write_rows(name, rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (DATA / name).write_text(text)
    print(f"{name}: {len(rows)} rows, {len(text)} bytes")


def main():
    DATA.mkdir(parents=True, exist_ok=True)
    make_austen()
    make_questions()
    make_tech_support()
    (DATA / "chatterbot-corpus.LICENSE.txt").write_text(CORPUS_LICENCE.format(licence=BSD_3))


if __name__ == "__main__":
    main()
