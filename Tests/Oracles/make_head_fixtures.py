"""Tiny random encoders, decoders with another head, and models that read numbers, each with logits, loss, every
gradient, ten losses of full and of LoRA training, and an adapter that PEFT wrote."""

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BartConfig,
    BartModel,
    BertConfig,
    BertModel,
    DistilBertConfig,
    GemmaConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    Qwen2Config,
    RobertaConfig,
)

from common import FIXTURES, IGNORED, fresh_folder, trainable_line, versions, write_json, write_tensors
from make_lora_fixtures import adapted_modules, names_in_file, save_adapter
from make_lora_fixtures import randomise as randomise_adapter

STEPS = 10
FULL_RATE, LORA_RATE = 5e-3, 1e-2
VOCABULARY = 48

ENCODER = dict(
    vocab_size=VOCABULARY,
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    max_position_embeddings=24,
)
SMALL = {**ENCODER, "num_hidden_layers": 1}
DISTIL = dict(vocab_size=VOCABULARY, dim=16, hidden_dim=24, n_layers=1, n_heads=4, max_position_embeddings=24)
DECODER = dict(
    vocab_size=VOCABULARY,
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=1,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    pad_token_id=0,
    bos_token_id=1,
    eos_token_id=2,
)
GPT2 = dict(vocab_size=VOCABULARY, n_positions=32, n_embd=16, n_layer=1, n_head=4, pad_token_id=0)

SINGLE, MULTI, REGRESSION, TOKENS, MASKED = "single", "multi", "regression", "tokens", "masked"
CLASSES = {
    SINGLE: AutoModelForSequenceClassification,
    MULTI: AutoModelForSequenceClassification,
    REGRESSION: AutoModelForSequenceClassification,
    TOKENS: AutoModelForTokenClassification,
    MASKED: AutoModelForMaskedLM,
}
PROBLEMS = {
    SINGLE: "single_label_classification",
    MULTI: "multi_label_classification",
    REGRESSION: "regression",
}
ADAPTER_TASKS = {SINGLE: "SEQ_CLS", MULTI: "SEQ_CLS", REGRESSION: "SEQ_CLS", TOKENS: "TOKEN_CLS", MASKED: None}

# name → (config, task, labels, LoRA's targets: None for PEFT's default)
MODELS = {
    "bert-single": (BertConfig(**ENCODER), SINGLE, 3, None),
    "bert-multi": (BertConfig(**SMALL, hidden_act="gelu_new"), MULTI, 4, "all-linear"),
    "bert-regression": (BertConfig(**SMALL), REGRESSION, 2, None),
    "bert-tokens": (BertConfig(**SMALL), TOKENS, 5, None),
    "bert-masked": (BertConfig(**ENCODER), MASKED, 0, ["query", "dense"]),
    "roberta-single": (RobertaConfig(**ENCODER, type_vocab_size=1), SINGLE, 3, None),
    "roberta-tokens": (RobertaConfig(**SMALL, type_vocab_size=1), TOKENS, 5, ["key"]),
    "roberta-masked": (RobertaConfig(**SMALL, type_vocab_size=1), MASKED, 0, None),
    "distilbert-single": (DistilBertConfig(**DISTIL), SINGLE, 3, ["q_lin", "v_lin"]),
    "distilbert-tokens": (DistilBertConfig(**DISTIL), TOKENS, 5, ["out_lin"]),
    "distilbert-masked": (DistilBertConfig(**DISTIL), MASKED, 0, ["v_lin", "lin1"]),
    "llama-single": (LlamaConfig(**DECODER), SINGLE, 3, None),
    "llama-tokens": (LlamaConfig(**DECODER), TOKENS, 5, None),
    "qwen2-regression": (Qwen2Config(**DECODER), REGRESSION, 1, None),
    "gemma-multi": (GemmaConfig(**DECODER, head_dim=6), MULTI, 4, None),
    "gpt2-single": (GPT2Config(**GPT2), SINGLE, 3, None),
    "gpt2-tokens": (GPT2Config(**GPT2), TOKENS, 5, None),
    "gpt_neox-tokens": (
        GPTNeoXConfig(
            **{k: v for k, v in DECODER.items() if k != "num_key_value_heads"},
            rope_parameters={"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5},
        ),
        TOKENS,
        5,
        None,
    ),
    # Seeds go by the place here: what comes later stands at the end.
    "roberta-multi": (RobertaConfig(**SMALL, type_vocab_size=1), MULTI, 4, None),
    "roberta-regression": (RobertaConfig(**SMALL, type_vocab_size=1), REGRESSION, 1, ["value"]),
    "distilbert-multi": (DistilBertConfig(**DISTIL), MULTI, 4, ["k_lin"]),
    "distilbert-regression": (DistilBertConfig(**DISTIL), REGRESSION, 2, ["q_lin", "v_lin"]),
}
# Row lengths, and where the second text of a row begins.
ROWS = [(15, 15), (9, 4), (12, 7)]


INPUTS, OUTPUTS = 7, 5


class Seq2SeqRegression(torch.nn.Module):
    """BART's layers over the columns of a table: numbers in, one number out for each output."""

    def __init__(self):
        super().__init__()
        config = BartConfig(
            vocab_size=4,
            d_model=16,
            encoder_layers=1,
            decoder_layers=2,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            encoder_ffn_dim=20,
            decoder_ffn_dim=24,
            max_position_embeddings=8,
            attn_implementation="eager",
        )
        self.written = {"hone_task": "seq2seq_regression", **config.to_dict()}
        self.model = BartModel(config)
        for side in (self.model.encoder, self.model.decoder):
            side.embed_positions.weight.data.zero_()  # columns have no order
            side.embed_positions.weight.requires_grad = False
        del self.model.shared, self.model.encoder.embed_tokens, self.model.decoder.embed_tokens
        self.model.encoder.embed_values = torch.nn.Linear(1, 16)
        self.model.encoder.embed_ids = torch.nn.Embedding(INPUTS, 16)
        self.model.decoder.embed_ids = torch.nn.Embedding(OUTPUTS, 16)
        self.regression_head = torch.nn.Linear(16, 1)

    def forward(self, values, labels):
        encoder, decoder = self.model.encoder, self.model.decoder
        x = encoder.embed_values(values[..., None]) + encoder.embed_ids.weight
        states = encoder(inputs_embeds=x).last_hidden_state
        y = decoder.embed_ids.weight.expand(len(values), -1, -1)
        everything = torch.zeros(len(values), 1, OUTPUTS, OUTPUTS)
        y = decoder(
            inputs_embeds=y, attention_mask=everything, encoder_hidden_states=states, use_cache=False
        ).last_hidden_state
        found = self.regression_head(y)[..., 0]
        return found, torch.nn.functional.mse_loss(found, labels)


class Regression(torch.nn.Module):
    """BERT's layers over the columns of a table: numbers in, some numbers out for the row."""

    def __init__(self):
        super().__init__()
        config = BertConfig(**{**SMALL, "vocab_size": 4}, attn_implementation="eager")
        self.written = {"hone_task": "regression", **config.to_dict()}
        self.bert = BertModel(config)
        embeddings = self.bert.embeddings
        del embeddings.word_embeddings, embeddings.position_embeddings, embeddings.token_type_embeddings
        embeddings.embed_values = torch.nn.Linear(1, 16)
        embeddings.embed_ids = torch.nn.Embedding(INPUTS, 16)
        self.dropout = torch.nn.Dropout(0.1)  # as transformers has it; not in use
        self.classifier = torch.nn.Linear(16, OUTPUTS)

    def forward(self, values, labels):
        embeddings = self.bert.embeddings
        x = embeddings.LayerNorm(embeddings.embed_values(values[..., None]) + embeddings.embed_ids.weight)
        x = self.bert.encoder(x).last_hidden_state
        found = self.classifier(self.bert.pooler(x))
        return found, torch.nn.functional.mse_loss(found, labels)


# name → (model, task, LoRA)
VALUE_MODELS = {
    "bart-values": (Seq2SeqRegression, "seq2seq-values", dict(target_modules=["q_proj", "v_proj"])),
    "bert-values": (
        Regression,
        REGRESSION,
        dict(target_modules=["query", "value"], modules_to_save=["classifier"]),
    ),
}


def randomise(model, seed):
    """Weights large enough that a wrong formula shows."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            module = name.split(".")[-2].lower()
            if "norm" in module or module.startswith("ln_"):
                centre = 0 if "bias" in name or type(model).__name__.startswith("Gemma") else 1
                parameter.copy_(centre + 0.2 * noise)
            elif "emb" in module or module in ("wte", "wpe"):
                parameter.copy_(0.4 * noise)
            else:
                parameter.copy_(0.3 * noise)


def batch_for(config, task, labels, seed):
    """Rows of different lengths with the labels of their task."""
    generator = torch.Generator().manual_seed(seed)
    width = max(length for length, _ in ROWS)
    pad = config.pad_token_id
    ids = torch.full((len(ROWS), width), pad)
    mask = torch.zeros_like(ids)
    types = torch.zeros_like(ids)
    for row, (length, second) in enumerate(ROWS):
        ids[row, :length] = torch.randint(3, VOCABULARY, (length,), generator=generator)
        mask[row, :length] = 1
        types[row, second:length] = 1
    batch = {"input_ids": ids, "attention_mask": mask}
    if config.model_type == "bert":
        batch["token_type_ids"] = types
    rows = len(ROWS)
    if task == SINGLE:
        batch["labels"] = torch.randint(0, labels, (rows,), generator=generator)
    elif task == MULTI:
        batch["labels"] = torch.randint(0, 2, (rows, labels), generator=generator).float()
    elif task == REGRESSION:
        batch["labels"] = torch.randn((rows, labels), generator=generator)
    elif task == TOKENS:
        found = torch.randint(0, labels, ids.shape, generator=generator)
        keep = (torch.rand(ids.shape, generator=generator) < 0.7) & (mask == 1)
        batch["labels"] = torch.where(keep, found, IGNORED)
    else:
        keep = (torch.rand(ids.shape, generator=generator) < 0.4) & (mask == 1)
        batch["labels"] = torch.where(keep, ids, IGNORED)
        batch["input_ids"] = torch.where(keep, 3, ids)
    return batch


def load(name, task):
    model = CLASSES[task].from_pretrained(
        FIXTURES / name, dtype=torch.float32, attn_implementation="eager"
    )
    return model.eval()  # without dropout; gradients flow all the same


def gradients_of(model, batch):
    model.zero_grad(set_to_none=True)
    loss = model(**batch).loss
    loss.backward()
    return float(loss.detach()), {n: p.grad for n, p in model.named_parameters() if p.requires_grad}


def losses_of(model, batch, rate):
    """Losses of AdamW steps over the same batch."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        losses.append(float(loss.detach()))
        optimizer.step()
    return losses


def logits_of(model, batch):
    with torch.no_grad():
        logits = model(**{k: v for k, v in batch.items() if k != "labels"}).logits
    return logits * batch["attention_mask"][..., None] if logits.ndim == 3 else logits


def make_value_model(root, name, index):
    make, task, arguments = VALUE_MODELS[name]
    folder = root / name
    folder.mkdir()

    def load():
        torch.manual_seed(0)
        model = make()
        randomise(model, seed=1100 + index)
        for parameter_name, parameter in model.named_parameters():
            if "embed_positions" in parameter_name:
                parameter.data.zero_()
        return model.eval()

    def own(parameters):
        return {n: p for n, p in parameters if "embed_positions" not in n}

    model = load()
    generator = torch.Generator().manual_seed(1150 + index)
    values = torch.randn((3, INPUTS), generator=generator)
    batch = {"values": values, "labels": torch.randn((3, OUTPUTS), generator=generator)}
    config = {**model.written, "num_inputs": INPUTS, "num_outputs": OUTPUTS}
    write_json(folder / "config.json", {k: v for k, v in config.items() if not isinstance(v, dict)})
    write_tensors(folder / "model.safetensors", own(model.named_parameters()))
    modules = [n for n, _ in model.named_modules() if n and "embed_positions" not in n]

    def losses_and_gradients(model):
        found, loss = model(**batch)
        loss.backward()
        gradients = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
        return found, float(loss.detach()), gradients

    def losses_of(model, rate):
        parameters = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
        losses = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = model(**batch)[1]
            loss.backward()
            losses.append(float(loss.detach()))
            optimizer.step()
        return losses

    found, loss, gradients = losses_and_gradients(model)
    full_losses = losses_of(load(), FULL_RATE)
    write_json(
        folder / "oracle.json",
        {
            "versions": versions(),
            "task": task,
            "label_count": OUTPUTS,
            "modules": modules,
            "loss": loss,
            "losses": full_losses,
            "gradients": list(gradients),
            **lists(batch),
        },
    )
    write_tensors(
        folder / "oracle.safetensors",
        {"logits": found, **{f"gradient/{n}": g for n, g in gradients.items()}},
    )
    adapter = folder / "adapter"
    torch.manual_seed(1180 + index)
    tuned = get_peft_model(load(), LoraConfig(r=2, lora_alpha=6, **arguments))
    randomise_adapter(tuned, seed=1190 + index)
    tuned.eval()
    save_adapter(tuned, adapter, f"heads/{name}")
    tuned_found, loss, gradients = losses_and_gradients(tuned)
    names = names_in_file(tuned)
    adapted = adapted_modules(tuned)
    lora_losses = losses_of(tuned, LORA_RATE)
    positions = sum(p.numel() for n, p in tuned.named_parameters() if "embed_positions" in n)
    count, every = tuned.get_nb_trainable_parameters()
    every -= positions
    line = f"trainable params: {count:,d} || all params: {every:,d} || trainable%: {100 * count / every:.4f}"
    write_json(
        adapter / "oracle.json",
        {
            "versions": versions(),
            "loss": loss,
            "losses": lora_losses,
            "trainable_line": line,
            "default_targets": True,
            "adapted": adapted,
            "gradients": [names[n] for n in gradients],
        },
    )
    write_tensors(
        adapter / "oracle.safetensors",
        {"logits": tuned_found, **{f"gradient/{names[n]}": g for n, g in gradients.items()}},
    )
    print(f"{name}: {full_losses[0]:.4f} → {full_losses[-1]:.4f}, LoRA → {lora_losses[-1]:.4f}; {line}")


def lists(batch):
    return {name: tensor.tolist() for name, tensor in batch.items()}


def main():
    root = fresh_folder(FIXTURES / "heads")
    for index, (name, (config, task, labels, targets)) in enumerate(MODELS.items()):
        folder = root / name
        folder.mkdir()
        if labels:
            config.num_labels = labels
            config.id2label = {i: f"label {i}" for i in range(labels)}
            config.label2id = {label: i for i, label in config.id2label.items()}
        config.problem_type = PROBLEMS.get(task)
        model = CLASSES[task].from_config(config)
        randomise(model, seed=900 + index)
        model.save_pretrained(folder)
        base = f"heads/{name}"
        model = load(base, task)
        batch = batch_for(config, task, labels, seed=950 + index)
        logits = logits_of(model, batch)
        loss, gradients = gradients_of(model, batch)
        modules = [n for n, _ in model.named_modules() if n]
        full_losses = losses_of(load(base, task), batch, FULL_RATE)
        write_json(
            folder / "oracle.json",
            {
                "versions": versions(),
                "task": task,
                "label_count": labels,
                "modules": modules,
                "loss": loss,
                "losses": full_losses,
                "gradients": list(gradients),
                **lists(batch),
            },
        )
        write_tensors(
            folder / "oracle.safetensors",
            {"logits": logits, **{f"gradient/{n}": g for n, g in gradients.items()}},
        )

        adapter = folder / "adapter"
        torch.manual_seed(980 + index)
        arguments = dict(r=2, lora_alpha=6, target_modules=targets, task_type=ADAPTER_TASKS[task])
        tuned = get_peft_model(load(base, task), LoraConfig(**arguments))
        randomise_adapter(tuned, seed=1000 + index)
        tuned.eval()
        save_adapter(tuned, adapter, base)
        tuned_logits = logits_of(tuned, batch)
        assert (tuned_logits - logits).abs().max() > 0.05, f"{name}: the adapter changes nothing"
        loss, gradients = gradients_of(tuned, batch)
        names = names_in_file(tuned)
        gradients = {names[n]: g for n, g in gradients.items()}
        line, adapted = trainable_line(tuned), adapted_modules(tuned)
        again = PeftModel.from_pretrained(load(base, task), adapter, is_trainable=True).eval()
        lora_losses = losses_of(again, batch, LORA_RATE)
        write_json(
            adapter / "oracle.json",
            {
                "versions": versions(),
                "loss": loss,
                "losses": lora_losses,
                "trainable_line": line,
                "default_targets": targets is None,
                "adapted": adapted,
                "gradients": list(gradients),
            },
        )
        write_tensors(
            adapter / "oracle.safetensors",
            {"logits": tuned_logits, **{f"gradient/{n}": g for n, g in gradients.items()}},
        )
        ends = f"{full_losses[0]:.4f} → {full_losses[-1]:.4f}, LoRA → {lora_losses[-1]:.4f}"
        print(f"{name}: {ends}; {line}")
    for index, name in enumerate(VALUE_MODELS):
        make_value_model(root, name, index)


if __name__ == "__main__":
    main()
