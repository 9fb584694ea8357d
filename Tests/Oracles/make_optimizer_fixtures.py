"""Ten steps of torch's optimizers on a small vector with given gradients."""

import torch

from common import FIXTURES, versions, write_json

STEPS = 10
LENGTH = 7

CASES = [
    ("sgd", dict(lr=0.1)),
    ("sgd", dict(lr=0.1, weight_decay=0.05)),
    ("sgd", dict(lr=0.05, momentum=0.9)),
    ("sgd", dict(lr=0.05, momentum=0.9, weight_decay=0.05)),
    ("sgd", dict(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.05)),
    ("sgd", dict(lr=0.05, momentum=0.9, dampening=0.3)),
    ("adam", dict(lr=0.02)),
    ("adam", dict(lr=0.02, weight_decay=0.1)),
    ("adam", dict(lr=0.02, amsgrad=True)),
    ("adam", dict(lr=0.02, amsgrad=True, weight_decay=0.1, betas=(0.8, 0.95), eps=1e-3)),
    ("adamw", dict(lr=0.02)),
    ("adamw", dict(lr=0.02, weight_decay=0.1, betas=(0.8, 0.95), eps=1e-3)),
    ("adamw", dict(lr=0.02, weight_decay=0.1, amsgrad=True)),
]

CLASSES = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def gradients():
    """Large at first and small later, so that amsgrad differs; one element is always zero."""
    values = torch.randn(STEPS, LENGTH, generator=torch.Generator().manual_seed(7))
    values *= torch.linspace(3, 0.05, STEPS)[:, None]
    values[:, 3] = 0
    values[4] = 0  # a step without any gradient
    return values


def run(kind, arguments, start, steps):
    parameter = torch.nn.Parameter(start.clone())
    optimizer = CLASSES[kind]([parameter], **arguments)
    path = []
    for gradient in steps:
        parameter.grad = gradient.clone()
        optimizer.step()
        path.append(parameter.detach().tolist())
    return {"kind": kind, **arguments, "parameters": path}


def main():
    start = torch.randn(LENGTH, generator=torch.Generator().manual_seed(6))
    steps = gradients()
    written = [run(kind, arguments, start, steps) for kind, arguments in CASES]
    paths = [str(case["parameters"]) for case in written]
    assert len(set(paths)) == len(paths), "every case must differ from every other"
    write_json(
        FIXTURES / "optimizers.json",
        {
            "versions": versions(),
            "start": start.tolist(),
            "gradients": steps.tolist(),
            "cases": written,
        },
    )
    print(f"optimizers.json: {len(written)} cases")


if __name__ == "__main__":
    main()
