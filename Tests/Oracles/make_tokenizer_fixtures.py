"""Writes Tests/TokenizersTests/Fixtures: small tokenizers and what Hugging Face makes of texts.

Made with Python 3.11 and tokenizers 0.23.3. Run from the repository's root:

    python Tests/Oracles/make_tokenizer_fixtures.py

The training text is written here (below) and, for the larger vocabulary, drawn from it by a fixed
random sequence, so that nothing but this file is needed.
"""

import json
import random
from pathlib import Path

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

OUT = Path("Tests/TokenizersTests/Fixtures")
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")

PROSE = """
It was a grey morning when Miss Harcourt set out for the village, and the lane was still wet.
She had promised her aunt to be home before eleven o'clock, but she didn't hurry; there'd be time.
"You're early," said the miller, who'd seen her come over the bridge. "I've nothing for you yet."
They walked on together, talking of the weather, of the harvest, and of the new curate's sermons.
He thought that nobody could be so agreeable; she thought that he'd never been so dull.
In the year 1811 there were 14 houses, 3 farms and 1 inn; by 1850 there were 220 houses in all.
The happiness of a family depends on the whole upon good temper, good sense, and a good fire.
def greet(name):\n    if name is None:\n        return "Hello, world!"\n    return f"Hello, {name}!"
for (int i = 0; i < 100; i++) {\n\tsum += values[i] * weights[i];\n}\n\nreturn sum / 100.0;
SELECT id, name FROM people WHERE age >= 21 AND city = 'Zürich' ORDER BY name DESC LIMIT 10;
Der Käse schmeckt köstlich, sagte die Königin, und das Mädchen lächelte fröhlich über die Größe.
L'été dernier, à la plage, nous avons mangé des crêpes et bu du café près de la forêt.
El niño comió una manzana mañana por la mañana; ¿cómo estás? ¡Muy bien, señor!
Москва слезам не верит, а весна приходит всегда. Это правда, сказал старый рыбак.
日本語の文章です。今日は天気がいいから、公園を散歩しましょう。東京は大きな都市です。
我们今天去图书馆看书，明天再去公园。学习使人进步。
안녕하세요, 오늘은 날씨가 좋네요. 한국어 문장입니다.
مرحبا بالعالم، كيف حالك اليوم؟ שלום עולם, מה שלומך היום? नमस्ते दुनिया, आप कैसे हैं?
😀 😃 🎉 👍🏽 👩‍👩‍👧‍👦 🇫🇷 ❤️ ✨ I love it!!! Wow... (really?) [yes] {no} <maybe> #tag @name 50% $3.99
""".strip().split("\n")
PROSE = [line.replace("\\n", "\n").replace("\\t", "\t") for line in PROSE]


def corpus():
    draw = random.Random(7)
    words = [word for line in PROSE for word in line.split(" ")]
    lines = list(PROSE)
    for _ in range(1500):
        lines.append(" ".join(draw.choice(words) for _ in range(draw.randint(3, 12))))
    return lines


def texts():
    draw = random.Random(11)
    out = ["", " ", "  ", "\n", "\r\n", "\t", "a", "é", "e\u0301", "\u212b", "ﬁ", "\u0000", "\ufeff"]
    out += PROSE
    out += [
        "hello world", " hello", "hello ", "  two  spaces  ", "tabs\tand\nlines\n\n\nmore",
        "   indented\n\n    code", "trailing \n", "a\r\n\r\nb", "x \n y", "\n\n", " \n \n ",
        "\u00a0nbsp\u00a0\u00a0", "\u2003em space\u3000ideographic", "a\u0085b", "a\u180eb",
        "a\u2028b\u2029c", "a\u200bb\u200dc", "a\x1cb\x1fc",
        "don't DON'T Don'T we'll WE'LL I'M i'd it's IT'S they're THEY'RE you've",
        "don\u2019t it\u2019s", "'S 'sS 'ſ 'tt '' ''s", "l'heure aujourd'hui",
        "123", "1234567890", "3.14159", "1,234,567.89", "0x1F600", "１２３ ４", "Ⅷ ½ ² ٣٤٥", "a1b22c333d4444",
        "CamelCaseWord snake_case_word kebab-case-word SCREAMING_CASE", "__init__(self)", "a_b_c",
        "!!!", "???!?", "...", "-----", "=====>", "/* comment */ // line", "#!/bin/sh",
        "<s>", "</s>", "a<s>b</s>c", "<s> <s>", " <s>", "<s>hello</s>", "<|end|>", "a <|end|> b",
        "<|end|><|end|>", "<|endx|>", "<|en", "<|pad|>x", "x  <|pad|>  y", "x<mask>y <mask> z",
        "word <mask>, <mask>.", "<MASK>", "Ⓜ<norm>ß", "<NORM> <norm>",
        "\u0041\u030a\u0323", "\u1e9b\u0323", "q\u0307\u0323 q\u0323\u0307", "각 \u1100\u1161\u11a8",
        "Å Å Å", "Ω Ω", "①②③", "ｆｕｌｌ　ｗｉｄｔｈ", "İstanbul ıI", "STRASSE straße", "ΑΣ ας",
        "नि ते षि", "ก็ เกี่ยว", "ﷺ", "\u202eright\u202c", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "👩🏽‍💻👨‍👩‍👧", "\U0001f1e9\U0001f1ea", "\U0002f800\U0002f801 \U00020000", "\ufffd\ufffd", "a\ufe0f",
        "\U000e0001", "\ue000", "<0x0A>", "▁▁ ▁a", "Ġhello Ċ", "Ã©",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "thethethethethethethethethethethethethethethethethethethethethethethethethethe",
        " " * 70 + "x" + " " * 33, "\n" * 20 + "y" + "\t" * 9,
    ]
    alphabets = [
        [chr(c) for c in range(32, 127)],
        list(" \t\n\r\u00a0\u2003'\"") + list("ab"),
        list("的一是不了人我在有他这中大来上国，。！"),
        list("あいうえおカキクケコ漢字ー。"),
        list("😀😃🎉👍🏽👩‍🇫🇷❤\ufe0f✨\u200d"),
        list("aeiou") + [chr(c) for c in range(0x300, 0x316)] + list("\u0323\u0327\u0338"),
        list("абвгдеёжз АБВ") + list("0123456789"),
        [chr(c) for c in range(0xA0, 0x250)],
        list("'s't're've'm'll'd STRE ") + list("nx"),
    ]
    while len(out) < 320:
        alphabet = alphabets[len(out) % len(alphabets)]
        out.append("".join(draw.choice(alphabet) for _ in range(draw.randint(1, 24))))
    while len(out) < 360:
        raw = bytes(draw.randrange(256) for _ in range(draw.randint(1, 20)))
        out.append(raw.decode("utf-8", "replace"))
    while len(out) < 400:
        parts = ["<s>", "</s>", "<|end|>", "<mask>", "<|pad|>", " ", "  ", "a", "é", "the ", "\n", "12", "漢"]
        out.append("".join(draw.choice(parts) for _ in range(draw.randint(2, 9))))
    assert len(out) == 400
    return out


SPECIAL = [
    AddedToken("<s>", special=True, normalized=False),
    AddedToken("</s>", special=True, normalized=False),
    AddedToken("<|end|>", special=True, normalized=False),
]
ADDED = [
    AddedToken("<mask>", special=False, normalized=False, single_word=True),
    AddedToken("<|pad|>", special=True, normalized=False, lstrip=True, rstrip=True),
    AddedToken("<norm>", special=False, normalized=True),
]


def with_added(tokenizer):
    tokenizer.add_special_tokens([ADDED[1]])
    tokenizer.add_tokens([ADDED[0], ADDED[2]])
    return tokenizer


def around(tokenizer):
    ids = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    return processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A $B", special_tokens=ids)


def byte_level(pre_tokenizer, size, normalizer=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return with_added(tokenizer)


def gpt2():
    return byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), 900)


def smollm():
    return byte_level(
        pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=True)]
        ),
        420,
    )


def llama3():
    tokenizer = byte_level(
        pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(LLAMA3), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        ),
        700,
        ignore_merges=True,
    )
    # A token that no merge makes, so that `ignore_merges` shows.
    described = json.loads(tokenizer.to_str())
    described["model"]["merges"] = [
        merge for merge in described["model"]["merges"] if "".join(merge) != "the"
    ]
    tokenizer = Tokenizer.from_str(json.dumps(described))
    tokenizer.post_processor = processors.Sequence(
        [processors.ByteLevel(trim_offsets=False), around(tokenizer)]
    )
    return tokenizer


def qwen():
    return byte_level(
        pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(QWEN), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        ),
        420,
        normalizer=normalizers.NFC(),
    )


def sentence_piece(byte_fallback=True, normalizer=None, pre_tokenizer=None, unknown="<unk>", fuse=True):
    tokenizer = Tokenizer(models.BPE(unk_token=unknown, fuse_unk=fuse, byte_fallback=byte_fallback))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = [AddedToken("<unk>", special=True, normalized=False)] + SPECIAL[:2]
    alphabet = [f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else []
    trainer = trainers.BpeTrainer(
        vocab_size=len(special) + len(alphabet) + 420,
        special_tokens=special + [AddedToken(token, special=False) for token in alphabet],
        limit_alphabet=150,
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    described = json.loads(tokenizer.to_str())
    described["added_tokens"] = [
        token for token in described["added_tokens"] if not token["content"].startswith("<0x")
    ]
    tokenizer = Tokenizer.from_str(json.dumps(described))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    return with_added(tokenizer)


def llama2():
    """As Llama 2's: a normalizer instead of a pre-tokenizer, so that a whole text is one word."""
    tokenizer = sentence_piece(
        normalizer=normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1, right=0),
        ]
    )
    tokenizer.post_processor = around(tokenizer)
    return tokenizer


def metaspace():
    """As the newer Llama and Mistral files: Metaspace at the start only, unknown characters apart."""
    tokenizer = sentence_piece(
        byte_fallback=False,
        normalizer=normalizers.Sequence(
            [normalizers.NFKC(), normalizers.Strip(left=False), normalizers.Lowercase(),
             normalizers.Replace(Regex(" {3,}"), "  ")]
        ),
        pre_tokenizer=pre_tokenizers.Metaspace(prepend_scheme="first"),
        fuse=False,
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    return tokenizer


def pieces():
    """Texts cut by every pre-tokenizer and behaviour, without a model."""
    inputs = ["Hey friend!     How are you?!?", "ab12cd 345,6", "  a--b--  ", "x", "漢字 abc_d é１２!", "--"]
    kinds = {
        "Whitespace": pre_tokenizers.Whitespace(),
        "WhitespaceSplit": pre_tokenizers.WhitespaceSplit(),
        "Punctuation": pre_tokenizers.Punctuation(),
        "PunctuationContiguous": pre_tokenizers.Punctuation("contiguous"),
        "Digits": pre_tokenizers.Digits(),
        "DigitsEach": pre_tokenizers.Digits(individual_digits=True),
        "MetaspaceAlways": pre_tokenizers.Metaspace(),
        "MetaspaceNever": pre_tokenizers.Metaspace(prepend_scheme="never"),
        "MetaspaceWhole": pre_tokenizers.Metaspace(split=False),
    }
    for behavior in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]:
        for invert in [False, True]:
            name = f"{behavior}{'Inverted' if invert else ''}"
            kinds["String" + name] = pre_tokenizers.Split("-", behavior, invert)
            kinds["Regex" + name] = pre_tokenizers.Split(Regex(r"\s|\d+"), behavior, invert)
    cases = []
    for name, kind in kinds.items():
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = kind
        described = json.loads(tokenizer.to_str())["pre_tokenizer"]
        results = [[piece for piece, _ in kind.pre_tokenize_str(text)] for text in inputs]
        cases.append({"name": name, "pre_tokenizer": described, "pieces": results})
    return {"texts": inputs, "cases": cases}


def byte_offsets(text, offsets):
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    return [[starts[start], starts[end]] for start, end in offsets]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    strings = texts()
    draw = random.Random(5)
    (OUT / "texts.json").write_text(json.dumps(strings, ensure_ascii=True))
    for make in [gpt2, smollm, llama3, qwen, llama2, metaspace]:
        tokenizer = make()
        name = make.__name__
        (OUT / f"{name}.tokenizer.json").write_text(
            json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
        )
        encodings = [tokenizer.encode(text) for text in strings]
        size = tokenizer.get_vocab_size()
        noise = [[draw.randrange(size) for _ in range(draw.randint(1, 12))] for _ in range(40)]
        result = {
            # Ids and, for a part, where each token stands: bytes, whole characters.
            "ids": [encoding.ids for encoding in encodings],
            "offsets": [
                byte_offsets(text, encoding.offsets)
                for text, encoding in list(zip(strings, encodings))[:60]
            ],
            # Decoded texts that differ from the text that was encoded, by position.
            "decoded": {
                str(position): decoded
                for position, (text, encoding) in enumerate(zip(strings, encodings))
                if (decoded := tokenizer.decode(encoding.ids, skip_special_tokens=True)) != text
            },
            "noise": noise,
            "noise_decoded": [tokenizer.decode(ids, skip_special_tokens=False) for ids in noise],
        }
        (OUT / f"{name}.expected.json").write_text(
            json.dumps(result, ensure_ascii=True, separators=(",", ":"))
        )
    (OUT / "pieces.json").write_text(json.dumps(pieces(), ensure_ascii=True, separators=(",", ":")))


if __name__ == "__main__":
    main()
