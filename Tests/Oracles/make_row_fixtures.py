"""How Hugging Face cuts texts, pairs and words to a length, and shifts labels into decoder inputs."""

import json

import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast
from transformers.models.bart.modeling_bart import shift_tokens_right
from transformers.models.mbart.modeling_mbart import shift_tokens_right as rotate_tokens_right

from common import FIXTURES, write_json

WORDS = "the a cat dog sat on mat log and not un ##s ##ed ##ing ##able . ,".split()
TEXTS = [
    "The cats sat on the mat .",
    "a dog",
    "not unable, the dogs and the cats sat and sat and sat on the logs.",
    "cat",
    "the mat and the log and the dog and the cat , not a mat on a log .",
]
SENTENCES = [
    (["The", "cats", "sat", ",", "unable"], ["O", "B", "I", "O", "B"]),
    (["dogs", "and", "cats"], ["B", "O", "B"]),
    (["a", "\u200b", "matted", "log", "."], ["O", "O", "I", "B", "-100"]),
]
LIMITS = [None, 12, 9, 7, 6, 5]


def word_piece():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = sorted(set("thecatdogsmnlundibg"))
    vocab = special + WORDS + letters + ["##" + letter for letter in letters]
    tokenizer = Tokenizer(models.WordPiece({t: i for i, t in enumerate(dict.fromkeys(vocab))}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in special])
    return tokenizer, dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")


def byte_level():
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("Ġ", "t"), ("h", "e"), ("Ġt", "he"), ("a", "t"), ("Ġ", "a"), ("Ġ", "c"), ("Ġc", "at"), ("o", "g"), ("Ġa", "nd")]
    merges.insert(8, ("n", "d"))
    vocab = special + alphabet + [a + b for a, b in merges]
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(vocab)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in special])
    return tokenizer, dict(pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", mask_token="<mask>")


def sentence_piece():
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    words = ["▁the", "▁cat", "▁dog", "▁sat", "▁on", "▁mat", "▁a", "▁and", "▁log", "▁not", "s", "ed", "▁un", "able"]
    pieces += [(w, -2.0 - 0.1 * i) for i, w in enumerate(words)]
    pieces += [(c, -6.0 - 0.01 * i) for i, c in enumerate("▁thecadogsmnlunbi.,T")if c not in "s"]
    pieces = list(dict(pieces).items())
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A:0 </s>:0", pair="$A:0 </s>:0 $B:0 </s>:0", special_tokens=[("</s>", 1)]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in ["<pad>", "</s>", "<unk>"]])
    return tokenizer, dict(pad_token="<pad>", eos_token="</s>", unk_token="<unk>")


def cut(tokenizer, limit):
    return dict(truncation=True, max_length=limit) if limit else dict(truncation=False)


def singles(tokenizer):
    return [
        {"text": text, "limit": limit, "ids": tokenizer(text, **cut(tokenizer, limit))["input_ids"]}
        for text in TEXTS
        for limit in LIMITS
    ]


def pairs(tokenizer):
    cases = []
    for first in TEXTS:
        for second in TEXTS:
            for limit in LIMITS[:5]:
                encoding = tokenizer(first, second, return_token_type_ids=True, **cut(tokenizer, limit))
                cases.append(
                    {
                        "first": first,
                        "second": second,
                        "limit": limit,
                        "ids": encoding["input_ids"],
                        "types": encoding["token_type_ids"],
                    }
                )
    return cases


def tagged(tokenizer, names):
    """The recipe of Hugging Face's course: the label at the first token of a word, -100 elsewhere."""
    cases = []
    for words, tags in SENTENCES:
        for limit in LIMITS:
            encoding = tokenizer(words, is_split_into_words=True, **cut(tokenizer, limit))
            labels, previous = [], None
            for word in encoding.word_ids():
                if word is None or word == previous:
                    labels.append(-100)
                else:
                    labels.append(-100 if tags[word] == "-100" else names.index(tags[word]))
                previous = word
            cases.append(
                {"words": words, "tags": tags, "limit": limit, "ids": encoding["input_ids"], "labels": labels}
            )
    return cases


def translations(tokenizer):
    cases = []
    for source, target in zip(TEXTS, TEXTS[1:] + TEXTS[:1]):
        for limits in [(None, None), (7, 6), (6, 9)]:
            encoding = tokenizer(source, **cut(tokenizer, limits[0]))
            labels = tokenizer(text_target=target, **cut(tokenizer, limits[1]))["input_ids"]
            row = torch.tensor([labels])
            pad = tokenizer.pad_token_id
            cases.append(
                {
                    "source": source,
                    "target": target,
                    "source_limit": limits[0],
                    "target_limit": limits[1],
                    "source_ids": encoding["input_ids"],
                    "labels": labels,
                    "started_with_2": shift_tokens_right(row, pad, 2)[0].tolist(),
                    "rotated": rotate_tokens_right(row, pad)[0].tolist(),
                }
            )
    return cases


def main():
    names = ["B", "I", "O"]
    result = {"versions": {"transformers": transformers.__version__}, "labels": names}
    for name, (core, special) in {
        "word_piece": word_piece(),
        "byte_level": byte_level(),
        "sentence_piece": sentence_piece(),
    }.items():
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, **special)
        words = tokenizer
        if name == "byte_level":
            # Words are given one by one, which byte-level tokenizers only take with a space before each.
            spaced = Tokenizer.from_str(core.to_str())
            spaced.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
            words = PreTrainedTokenizerFast(tokenizer_object=spaced, add_prefix_space=True, **special)
        result[name] = [
            {"tokenizer": json.loads(core.to_str())},
            {"singles": singles(tokenizer)},
            {"pairs": pairs(tokenizer)},
            {"tagged": tagged(words, names)},
            {"translations": translations(tokenizer)},
        ]
        core.no_truncation()
    write_json(FIXTURES / "rows.json", result)


if __name__ == "__main__":
    main()
