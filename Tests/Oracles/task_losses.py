"""The losses of transformers' models over rows of each task, one row at a time, as Hone's `evaluate` means them."""

import torch


def loaded(kind, folder):
    """A model of which the folder holds every weight and nothing else."""
    model, report = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    missing = [key for key in report["missing_keys"] if "position_ids" not in key]
    if missing or report["unexpected_keys"]:
        raise SystemExit(f"{folder}: missing {missing}, unexpected {report['unexpected_keys']}")
    return model.eval()


def logits_of(model, inputs):
    return model(input_ids=inputs.input_ids, attention_mask=inputs.attention_mask).logits[0]


def pair_loss(model, tokenizer, pairs):
    """Cross-entropy a target token over pairs of a source and a target."""
    total, count = 0.0, 0
    for source, target in pairs:
        inputs = tokenizer(source, return_tensors="pt")
        labels = tokenizer(target, return_tensors="pt").input_ids
        loss = model(input_ids=inputs.input_ids, attention_mask=inputs.attention_mask, labels=labels).loss
        total += loss.item() * labels.numel()
        count += labels.numel()
    return total / count


def row_loss(model, tokenizer, rows, loss):
    """The mean of `loss(logits, row)` over rows with a text under `rna`."""
    losses = [loss(logits_of(model, tokenizer(row["rna"], return_tensors="pt")), row).item() for row in rows]
    return sum(losses) / len(losses)


def class_loss(model, tokenizer, rows):
    numbers = model.config.label2id
    return row_loss(
        model, tokenizer, rows,
        lambda logits, row: torch.nn.functional.cross_entropy(logits, torch.tensor(numbers[row["origin"]])),
    )


def marks_loss(model, tokenizer, rows):
    """Binary cross-entropy over all labels of all rows, of which `marks` names those that apply."""
    numbers = model.config.label2id

    def loss(logits, row):
        applies = torch.zeros(len(numbers))
        applies[[numbers[mark] for mark in row["marks"]]] = 1
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, applies)

    return row_loss(model, tokenizer, rows, loss)


def value_loss(model, tokenizer, rows, columns=("hydropathy",)):
    """The mean square over all numbers of all rows."""
    return row_loss(
        model, tokenizer, rows,
        lambda logits, row: ((logits - torch.tensor([row[column] for column in columns])) ** 2).mean(),
    )


def tag_loss(model, tokenizer, rows):
    """Cross-entropy a word, at the first of its tokens."""
    total, count = 0.0, 0
    for row in rows:
        inputs = tokenizer(row["codons"], is_split_into_words=True, return_tensors="pt")
        words = inputs.word_ids(0)
        labels = [
            model.config.label2id[row["kinds"][word]] if word is not None and word != words[place - 1] else -100
            for place, word in enumerate(words)
        ]
        total += torch.nn.functional.cross_entropy(
            logits_of(model, inputs), torch.tensor(labels), ignore_index=-100, reduction="sum"
        ).item()
        count += sum(label >= 0 for label in labels)
    return total / count
