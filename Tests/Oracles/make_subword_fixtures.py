"""Writes WordPiece, Unigram and word-level tokenizers and what Hugging Face makes of 2,000 texts.

Made with Python 3.11, tokenizers 0.23.3 and sentencepiece 0.2.3. Run from the repository's root:

    python Tests/Oracles/make_subword_fixtures.py

The texts are not stored: both sides put them together from the fragments in
Tests/TokenizersTests/Fixtures/fragments.json by the same sequence of numbers.
"""

import io
import json
import sys
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece
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

sys.path.insert(0, str(Path(__file__).parent))
from make_tokenizer_fixtures import OUT, PROSE, corpus  # noqa: E402

COUNT = 2000
LISTED = 200
PAIRS = 500
FILES = 500
ODD = [
    " ", " ", " ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u3000", "\u2028", "\u200b", "\u200d", "\ufeff", "\x00", "\x07",
    "\x85", "\x9f", "\ufffd", "\u00ad", "\ue000", ".", ",", "!", "?", "'", "n't", "'s", "'re", " do not", "-", "_", "▁", "##", "#",
    "(", ")", "…", "¿", "«", "»", "。", "、", "é", "e\u0301", "É", "ä", "ö\u0323", "ß", "İ", "ı", "Σ", "ς", "ñ", "n\u0303", "Å", "Å",
    "ﬁ", "ﬃ", "①", "½", "²", "Ⅷ", "Ａ", "ｂ", "１", "ｶﾞ", "が", "か\u3099", "각", "각", "漢", "字", "東京", "中国", "日本語",
    "\u4e00", "\u3400", "\U00020000", "\U0002b740", "\U0002b820", "\uf900", "نِ", "שָׁ", "हिन्दी", "กำ", "ไ", "😀", "👍🏽", "👩‍👩‍👧", "🇫🇷", "❤\ufe0f", "x\u20dd",
    "\u0301", "\u0e33", "0", "12", "1999", "3.14", "A", "The", "THE", "DON'T", "<s>", "</s>", "[CLS]", "[SEP]", "[MASK]", "<mask>",
    "<unk>", "[UNK]", "\u1885", "\u166d", "\u08d4", "\u1cf2", "\u0890", "\u2e43", "\ua9bd", "\u1734", "a\u0328\u0301",
]


def fragments():
    words = []
    for line in PROSE:
        for word in line.split():
            if word not in words and len(word) < 14:
                words.append(word)
    return ODD + words


class Numbers:
    """Knuth's MMIX sequence; its upper half is used."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 32) % bound


def texts(parts):
    numbers = Numbers(4)
    out = []
    for _ in range(COUNT):
        text = ""
        for _ in range(1 + numbers.below(12)):
            text += parts[numbers.below(len(parts))]
            if numbers.below(3) == 0:
                text += " "
        out.append(text)
    return out


def fnv(data):
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 % 2**32
    return f"{value:08x}"


def hash_ids(ids):
    return fnv(b"".join(id.to_bytes(4, "little") for id in ids))


def character_map():
    """A small map as sentencepiece compiles it: compatibility forms, spaces, sequences, nothing."""
    rules = {}
    for character in "ﬁﬂﬃ①②½²³ⅧＡＢａｂ１２（）！ｶｷ゛㍿㌔ÅΩ…“”„":
        rules[character] = unicodedata.normalize("NFKC", character)
    for base in "aeiou":
        for mark in "\u0300\u0301\u0302\u0308":
            rules[base + mark] = unicodedata.normalize("NFC", base + mark)
    rules |= {"ｶﾞ": "ガ", "か\u3099": "が", "\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " ", "\u2028": " ", "\u200b": " "}
    rules |= {"\x07": "", "\ufeff": "", "\u00ad": "", "\u1100\u1161\u11a8": "\uac01", "x\u20dd": "(x)"}
    lines = [
        " ".join(f"{ord(c):X}" for c in key) + "\t" + " ".join(f"{ord(c):X}" for c in value)
        for key, value in rules.items()
        if key != value
    ]
    path = Path("/tmp/hone-rules.tsv")
    path.write_text("\n".join(lines) + "\n")
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=writer, vocab_size=400,
        normalization_rule_tsv=str(path), minloglevel=2,
    )
    path.unlink()
    return member(member(writer.getvalue(), 3), 2)


def member(message, wanted):
    """The bytes of a field of a protocol buffer."""

    def number(position):
        value = shift = 0
        while True:
            byte = message[position]
            value |= (byte & 127) << shift
            position, shift = position + 1, shift + 7
            if byte < 128:
                return value, position

    position = 0
    while position < len(message):
        tag, position = number(position)
        if tag & 7 == 2:
            length, position = number(position)
            if tag >> 3 == wanted:
                return message[position : position + length]
            position += length
        elif tag & 7 == 5:
            position += 4
        else:
            _, position = number(position)
    raise KeyError(wanted)


def around(first, last, tokenizer, pair):
    ids = [(token, tokenizer.token_to_id(token)) for token in (first, last)]
    single = f"{first}:0 $A:0 {last}:0"
    return processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)


def bert(cased):
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=16 if cased else 100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=not cased)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=700, special_tokens=special, limit_alphabet=230, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    if cased:
        ids = [(token, tokenizer.token_to_id(token)) for token in ("[SEP]", "[CLS]")]
        tokenizer.post_processor = processors.BertProcessing(*ids)
        tokenizer.decoder = decoders.WordPiece(cleanup=False)
    else:
        tokenizer.post_processor = around(
            "[CLS]", "[SEP]", tokenizer, "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1"
        )
        tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def unigram(normalizer, pre_tokenizer, alphabet=()):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    special = [AddedToken("<pad>"), AddedToken("</s>"), AddedToken("<unk>"), AddedToken("<s>"), AddedToken("<mask>", lstrip=True)]
    trainer = trainers.UnigramTrainer(
        vocab_size=420, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def t5():
    tokenizer = unigram(
        normalizers.Precompiled(character_map()), pre_tokenizers.Metaspace(prepend_scheme="always")
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    return tokenizer


def marian():
    """Bytes for unknown characters, and a chain of normalizers."""
    tokenizer = unigram(
        normalizers.Sequence(
            [
                normalizers.Nmt(), normalizers.NFKC(), normalizers.NFD(), normalizers.StripAccents(),
                normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip(),
            ]
        ),
        pre_tokenizers.Sequence(
            [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
        ),
    )
    described = json.loads(tokenizer.to_str())
    model = described["model"]
    model["byte_fallback"] = True
    model["vocab"] = [entry for entry in model["vocab"] if len(entry[0]) > 1 or entry[0] in "▁aeiou.,"]
    model["vocab"] += [[f"<0x{byte:02X}>", -9.0] for byte in range(256)]
    tokenizer = Tokenizer.from_str(json.dumps(described))
    tokenizer.post_processor = around("<s>", "</s>", tokenizer, "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0")
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always")]
    )
    return tokenizer


def word_level():
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.CharDelimiterSplit("-"), pre_tokenizers.Whitespace()]
    )
    trainer = trainers.WordLevelTrainer(vocab_size=150, special_tokens=["[UNK]", "[PAD]"], show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def roberta():
    """GPT-2's tokenizer with RoBERTa's post-processor."""
    tokenizer = Tokenizer.from_file(str(OUT / "gpt2.tokenizer.json"))
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", tokenizer.token_to_id("</s>")), ("<s>", tokenizer.token_to_id("<s>")), trim_offsets=True, add_prefix_space=False
    )
    return tokenizer


def byte_offsets(text, offsets):
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    return [starts[place] for offset in offsets for place in offset]


def expected(tokenizer, strings):
    encodings = [tokenizer.encode(text) for text in strings]
    pairs = [tokenizer.encode(text, strings[place + 1]) for place, text in enumerate(strings[:PAIRS])]
    plain = [tokenizer.encode(text, strings[place + 1], add_special_tokens=False) for place, text in enumerate(strings[:LISTED])]
    cut = []
    for length in (7, 12, 13, 30):
        tokenizer.enable_truncation(length, strategy="longest_first")
        cut += [tokenizer.encode(text, strings[place + 1]) for place, text in enumerate(strings[:50])]
        tokenizer.no_truncation()
    return {
        "ids": [encoding.ids for encoding in encodings[:LISTED]],
        "hashes": "".join(hash_ids(encoding.ids) for encoding in encodings),
        "decoded": "".join(fnv(tokenizer.decode(encoding.ids).encode()) for encoding in encodings),
        "offsets": "".join(
            hash_ids(byte_offsets(text, encoding.offsets))
            for text, encoding in list(zip(strings, encodings))[:LISTED]
        ),
        "pairs": "".join(hash_ids(pair.ids + pair.type_ids) for pair in pairs),
        "plain_pairs": "".join(hash_ids(pair.ids + pair.type_ids) for pair in plain),
        "cut_pairs": "".join(hash_ids(pair.ids + pair.type_ids) for pair in cut),
    }


def main():
    parts = fragments()
    (OUT / "fragments.json").write_text(json.dumps(parts, ensure_ascii=True))
    strings = texts(parts)
    trained = {
        "bert": lambda: bert(cased=False), "bert-cased": lambda: bert(cased=True), "t5": t5,
        "marian": marian, "word-level": word_level,
    }
    # Trainers break ties by chance, so that what was trained once is kept.
    made = ["made-character", "made-character-cut", "made-bpe"]  # by Hone: MadeTokenizerTests
    for name in [*trained, *made, "roberta"]:
        path = OUT / f"{name}.tokenizer.json"
        if name in trained and not path.exists():
            described = json.loads(trained[name]().to_str())
            path.write_text(json.dumps(described, ensure_ascii=False, separators=(",", ":")))
        tokenizer = roberta() if name == "roberta" else Tokenizer.from_file(str(path))
        (OUT / f"{name}.expected.json").write_text(
            json.dumps(expected(tokenizer, strings), separators=(",", ":"))
        )
    files(strings)


def files(strings):
    """Directories without tokenizer.json as transformers reads them: ids, and those of pairs."""
    from transformers import BartTokenizer, BertTokenizer, GPT2Tokenizer, Qwen2Tokenizer

    bert_vocabulary = json.loads((OUT / "bert.tokenizer.json").read_text())["model"]["vocab"]
    lines = "\n".join(sorted(bert_vocabulary, key=bert_vocabulary.get)) + "\n"
    gpt2 = json.loads((OUT / "gpt2.tokenizer.json").read_text())
    vocabulary = dict(gpt2["model"]["vocab"])
    for token in ["<pad>", "<unk>", "<mask>", "<|endoftext|>"]:
        vocabulary[token] = len(vocabulary)
    merges = "#version: 0.2\n" + "\n".join(" ".join(merge) for merge in gpt2["model"]["merges"]) + "\n"
    pairs = {"vocab.json": json.dumps(vocabulary, ensure_ascii=False), "merges.txt": merges}
    cases = {
        "bert": (BertTokenizer, {"vocab.txt": lines}, {}),
        "bert-cased": (BertTokenizer, {"vocab.txt": lines}, {"do_lower_case": False, "tokenizer_class": "BertTokenizer"}),
        "bert-accents": (BertTokenizer, {"vocab.txt": lines}, {"strip_accents": False, "tokenize_chinese_chars": False}),
        "gpt2": (GPT2Tokenizer, pairs, {"tokenizer_class": "GPT2Tokenizer"}),
        "bart": (BartTokenizer, pairs, {"tokenizer_class": "BartTokenizer"}),
        "roberta-space": (BartTokenizer, pairs, {"tokenizer_class": "RobertaTokenizerFast", "add_prefix_space": True, "mask_token": {"__type": "AddedToken", "content": "<mask>", "lstrip": False, "rstrip": True}}),
        "qwen2": (Qwen2Tokenizer, pairs, {"tokenizer_class": "Qwen2Tokenizer"}),
    }
    result = {"files": {"vocab.txt": lines, "vocab.json": pairs["vocab.json"], "merges.txt": merges}, "cases": []}
    for name, (kind, contents, configuration) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            for file, text in contents.items():
                (Path(folder) / file).write_text(text)
            (Path(folder) / "tokenizer_config.json").write_text(json.dumps(configuration))
            if name == "roberta-space":
                kind = __import__("transformers").RobertaTokenizer
            tokenizer = kind.from_pretrained(folder)
        encodings = [tokenizer._tokenizer.encode(text) for text in strings[:FILES]]
        couples = [tokenizer._tokenizer.encode(text, strings[place + 1]) for place, text in enumerate(strings[:100])]
        result["cases"].append({
            "name": name, "files": sorted(contents), "configuration": configuration,
            "ids": "".join(hash_ids(encoding.ids) for encoding in encodings),
            "pairs": "".join(hash_ids(pair.ids + pair.type_ids) for pair in couples),
            "roles": {role: getattr(tokenizer, role + "_token_id") for role in ["bos", "eos", "pad", "unk", "mask", "sep", "cls"]},
        })
    (OUT / "vocabulary-files.json").write_text(json.dumps(result, separators=(",", ":")))


if __name__ == "__main__":
    main()
