"""Texts that transformers writes with beams, on the quickstart's model: Tests/Fixtures/beams.json."""


import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from common import FIXTURES, versions, write_json

MODEL = FIXTURES.parent.parent / "pipelines/tiny"
PROMPTS = ["It is a truth", "Elizabeth was", "Question: Who wrote Hamlet?\nAnswer:\n"]


def main():
    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    cases = []
    for beams, penalty in [(2, 1.0), (4, 1.0), (4, 0.0), (5, 2.0), (3, -1.0)]:
        for prompt in PROMPTS:
            inputs = tokenizer(prompt, return_tensors="pt")
            written = model.generate(
                **inputs, max_new_tokens=20, num_beams=beams, length_penalty=penalty, do_sample=False
            )
            text = tokenizer.decode(written[0][inputs.input_ids.shape[1] :], skip_special_tokens=True)
            cases.append({"beams": beams, "length_penalty": penalty, "prompt": prompt, "text": text})
    write_json(FIXTURES / "beams.json", {"versions": versions(), "cases": cases})


if __name__ == "__main__":
    main()
