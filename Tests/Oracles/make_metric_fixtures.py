"""Measures as scikit-learn, scipy, numpy, sacrebleu and rouge-score compute them."""

import math
import warnings
from importlib.metadata import version

import numpy as np
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF
from scipy import stats
from sklearn import metrics as sk

from common import FIXTURES, fresh_folder, write_json

warnings.filterwarnings("ignore")
OUT = FIXTURES / "metrics"


def versions():
    names = ["numpy", "scipy", "scikit-learn", "sacrebleu", "rouge-score"]
    return {name: version(name) for name in names}


def plain(value):
    """JSON has no nan: an undefined measure is null."""
    value = float(value)
    return None if math.isnan(value) else value


def averaged(expected, predicted, labels=None):
    result = {}
    for suffix, average in (("", "macro"), ("_micro", "micro")):
        for name, score in (
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
        ):
            value = score(expected, predicted, labels=labels, average=average, zero_division=0)
            result[name + suffix] = plain(value)
    return result


def per_label(expected, predicted, labels):
    precision, recall, f1, _ = sk.precision_recall_fscore_support(
        expected, predicted, labels=labels, zero_division=0
    )
    return [[plain(p), plain(r), plain(f)] for p, r, f in zip(precision, recall, f1)]


def label_case(name, scores, expected):
    scores = np.asarray(scores, dtype=np.float32)
    expected = np.asarray(expected)
    kept = expected >= 0
    truth, kept_scores = expected[kept], scores[kept]
    count = scores.shape[1]
    predicted = kept_scores.argmax(axis=1)
    values = {
        "accuracy": plain(sk.accuracy_score(truth, predicted)),
        "matthews": plain(sk.matthews_corrcoef(truth, predicted)),
        **averaged(truth, predicted),
    }
    top = {}
    for k in (1, 2, 3, 5):
        if count > 2 and k < count:
            score = sk.top_k_accuracy_score(truth, kept_scores, k=k, labels=list(range(count)))
            top[str(k)] = plain(score)
    return {
        "name": name,
        "scores": [[float(cell) for cell in row] for row in scores],
        "expected": expected.tolist(),
        "values": values,
        "top": top,
        "per_label": per_label(truth, predicted, list(range(count))),
    }


def label_cases(rng):
    def scores(rows, labels):
        return rng.normal(size=(rows, labels)).round(3) + np.arange(labels) * 1e-4

    yield label_case("two labels", scores(40, 2), rng.integers(0, 2, 40))
    hidden = rng.integers(0, 7, 60)
    strong = scores(60, 7)
    strong[np.arange(60), hidden] += 1.5
    yield label_case("seven labels that are often right", strong, hidden)
    yield label_case("tokens of which many are ignored", scores(80, 6), rng.integers(-3, 6, 80))
    yield label_case("labels that never occur", scores(12, 9)[:, :9], rng.integers(2, 4, 12))
    one = scores(10, 3)
    one[:, 1] += 100
    yield label_case("one label is always predicted", one, rng.integers(0, 3, 10))
    yield label_case("one label is always expected", scores(10, 3), [2] * 10)
    yield label_case("one row", [[0.0, 1.0, 0.5]], [1])
    perfect = rng.integers(0, 4, 20)
    yield label_case("all right", np.eye(4)[perfect], perfect)


def multi_label_case(name, logits, expected):
    logits = np.asarray(logits, dtype=np.float32)
    expected = np.asarray(expected)
    predicted = (logits > 0).astype(int)
    values = {
        "accuracy": plain(sk.accuracy_score(expected, predicted)),
        **averaged(expected, predicted),
    }
    return {
        "name": name,
        "logits": [[float(cell) for cell in row] for row in logits],
        "expected": expected.tolist(),
        "values": values,
        "per_label": per_label(expected, predicted, list(range(expected.shape[1]))),
    }


def multi_label_cases(rng):
    expected = (rng.random((50, 5)) < 0.4).astype(int)
    noisy = (expected - 0.5) * 2 + rng.normal(size=expected.shape)
    yield multi_label_case("five labels", noisy, expected)
    rare = expected * np.array([1, 1, 0, 1, 0])
    quiet = noisy.copy()
    quiet[:, 2] = -1
    yield multi_label_case("a label that neither occurs nor is predicted", quiet, rare)
    yield multi_label_case("nothing is predicted", -np.ones((6, 3)), np.eye(3, dtype=int)[[0, 1, 2] * 2])
    yield multi_label_case("all right", np.eye(3)[[0, 1, 2]] - 0.5, np.eye(3, dtype=int))
    yield multi_label_case("logits of exactly 0", np.zeros((3, 2)), [[0, 1], [0, 0], [1, 1]])


def number_values(predicted, expected):
    p, e = predicted.astype(np.float64), expected.astype(np.float64)
    covariance = ((p - p.mean()) * (e - e.mean())).mean()
    with np.errstate(all="ignore"):
        ccc = 2 * covariance / (p.var() + e.var() + (p.mean() - e.mean()) ** 2)
    return {
        "mse": plain(sk.mean_squared_error(e, p)),
        "mae": plain(sk.mean_absolute_error(e, p)),
        "r2": plain(sk.r2_score(e, p)),
        "pearson": plain(stats.pearsonr(p, e).statistic),
        "spearman": plain(stats.spearmanr(p, e).statistic),
        "ccc": plain(ccc),
    }


def number_case(name, predicted, expected):
    predicted = np.asarray(predicted, dtype=np.float32)
    expected = np.asarray(expected, dtype=np.float32)
    columns = [
        number_values(predicted[:, column], expected[:, column])
        for column in range(predicted.shape[1])
    ]
    # sklearn's own mean over outputs, where it has one.
    p, e = predicted.astype(np.float64), expected.astype(np.float64)
    means = {
        "mse": plain(sk.mean_squared_error(e, p)),
        "mae": plain(sk.mean_absolute_error(e, p)),
        "r2": plain(sk.r2_score(e, p)),
    }
    return {
        "name": name,
        "predicted": [[float(cell) for cell in row] for row in predicted],
        "expected": [[float(cell) for cell in row] for row in expected],
        "pooled": number_values(predicted.ravel(), expected.ravel()),
        "columns": columns,
        "column_means": means,
    }


def number_cases(rng):
    e = rng.normal(size=(60, 1))
    yield number_case("one output", e * 0.8 + rng.normal(size=e.shape) * 0.3, e)
    e = rng.normal(size=(25, 4)) * [1, 10, 0.1, 3] + [0, 5, -2, 100]
    yield number_case("outputs of other scales", e + rng.normal(size=e.shape), e)
    ties = rng.integers(0, 4, (40, 2))
    yield number_case("many ties", rng.integers(0, 3, (40, 2)), ties)
    yield number_case("a large mean", 1e4 + rng.normal(size=(50, 1)), 1e4 + rng.normal(size=(50, 1)))
    yield number_case("against the truth", -e[:, :1], e[:, :1])
    yield number_case("one value is always predicted", np.full((8, 1), 0.5), rng.normal(size=(8, 1)))
    yield number_case("one value is always expected", rng.normal(size=(8, 1)), np.full((8, 1), 2.0))
    yield number_case("one value, predicted rightly", np.full((8, 1), 2.0), np.full((8, 1), 2.0))
    yield number_case("all right", e, e)


TEXTS = {
    "sentences": [
        ("The cat sat on the mat.", "The cat is on the mat."),
        ("Hello, world! It costs $3.50, or 1,000 yen.", "Hello world, it costs $3.50 or 1,000 yen."),
        ("the the the the", "the cat the dog"),
        ("A well-known 12-year-old e.g. here", "A well-known 12-year old, e.g., here"),
        ("It's 50% off (really)...", "It is 50% off - really!"),
        ("We met at 5 p.m. on 3-4 May.", "We met at 5p.m., on 3 - 4 May."),
    ],
    "markup and lines": [
        ("a &quot;quoted&quot; &amp;lt; b &lt;tag&gt;", 'a "quoted" < b <tag>'),
        ("one<skipped> two-\nthree\nfour  ", "one two three four"),
        ("tabs\tand\u00a0no-break\u2003spaces\x1ckeep", "tabs and no-break spaces keep"),
        ("a/b\\c [d] {e} ^f_ `g` ~h|", "a / b \\ c [ d ] { e } ^ f _ ` g ` ~ h |"),
        ("1.2.3,4 .5 6. ,7 8,,9 a..b -1-2--3", "1.2.3,4 .5 6. ,7 8 , , 9 a . . b -1 - 2 - - 3"),
    ],
    "other scripts": [
        ("Ünïcödé naïve façade İstanbul \u212aelvin", "Unicode naive façade istanbul kelvin"),
        ("Kafe\u0301 ist zu", "Kaf\u00e9 ist zu"),
        ("我 喜欢 吃 苹果。", "我喜欢吃苹果。"),
        ("ΣΊΣΥΦΟΣ и Ёлка 123", "σίσυφος и ёлка 123"),
        ("🙂👩‍👩‍👧 ok", "🙂 ok"),
    ],
    "protein windows": [
        ("MKTAYIAKQRQISFVKSHFSRQ", "MKTAYIAKQRQISFVKSHFSRQ"),
        ("MVLSPADKTNVKAAWGKVGAHAGEYGAEALERMFLSF", "MVLSPADKTNVKAAWGKVGGHAGEYGAEALERMFLSF"),
        ("MGDVEKGKKIFIMKCSQCHTVEK", "MGDVEKGKKIFVQKCAQCHTVEKGGKHKTG"),
        ("MMMMMM", "MALWMRLLPLLALLALWGPDPAAA"),
    ],
    "an exact copy": [("All of this is the same text.", "All of this is the same text.")] * 2,
    "nothing in common": [("alpha beta gamma delta", "one two three four")],
    "few words in common": [("one two", "one two three"), ("x", "x y")],
    "short texts": [("a b c", "a b c")],
    "no four words follow each other": [("a b c d x e f g h", "a c b d x f e h g")],
    "empty texts": [("", "a reference"), ("a hypothesis", ""), ("", ""), (" . ", "!")],
    "an empty text beside others": [("", "a b c d e"), ("a b c d e f", "a b c d e g")],
}


def text_case(name, pairs):
    hypotheses = [pair[0] for pair in pairs]
    references = [pair[1] for pair in pairs]
    scorer = rouge_scorer.RougeScorer(["rougeL"])
    rouge = [scorer.score(ref, hyp)["rougeL"].fmeasure for hyp, ref in pairs]
    return {
        "name": name,
        "pairs": [list(pair) for pair in pairs],
        "exact_match": float(np.mean([hyp == ref for hyp, ref in pairs])),
        "bleu": BLEU().corpus_score(hypotheses, [references]).score,
        "bleu_char": BLEU(tokenize="char").corpus_score(hypotheses, [references]).score,
        "chrf": CHRF().corpus_score(hypotheses, [references]).score,
        "rouge_l": float(np.mean(rouge)),
    }


def random_texts(rng):
    """Strings of what the tokenizers treat apart, so that rules meet in every order."""
    pieces = list("ab12.,-&;<>/'\"(_ \n\t") + ["&amp;", "&lt;", "-\n", "<skipped>", " ", "é", "word"]
    pairs = []
    for _ in range(60):
        hyp = "".join(rng.choice(pieces, size=rng.integers(1, 30)))
        cut = "".join(rng.choice(pieces, size=rng.integers(0, 6)))
        at = rng.integers(0, len(hyp) + 1)
        pairs.append((hyp, hyp[:at] + cut + hyp[at + 2 :]))
    return pairs


def main():
    rng = np.random.default_rng(20)
    fresh_folder(OUT)
    write_json(OUT / "labels.json", {"versions": versions(), "cases": list(label_cases(rng))})
    write_json(
        OUT / "multi-labels.json", {"versions": versions(), "cases": list(multi_label_cases(rng))}
    )
    write_json(OUT / "values.json", {"versions": versions(), "cases": list(number_cases(rng))})
    cases = [text_case(name, pairs) for name, pairs in TEXTS.items()]
    pairs = random_texts(rng)
    cases += [text_case(f"random text {i}", [pair]) for i, pair in enumerate(pairs)]
    cases.append(text_case("all random texts", pairs))
    write_json(OUT / "texts.json", {"versions": versions(), "cases": cases})


if __name__ == "__main__":
    main()
