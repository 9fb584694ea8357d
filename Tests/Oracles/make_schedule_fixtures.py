"""50 steps of each learning-rate schedule, as transformers and torch produce them."""

import torch
from torch.optim.lr_scheduler import LambdaLR, SequentialLR, StepLR
from transformers import optimization

from common import FIXTURES, versions, write_json

STEPS = 50
RATE = 3e-3
WARMUPS = [0, 1, 7]


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)


def rates(scheduler, every=1):
    """The rate in use at each of the steps; the scheduler advances after every `every`-th."""
    values = []
    for step in range(STEPS):
        values.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        if (step + 1) % every == 0:
            scheduler.step()
    return values


def transformers_cases():
    for warmup in WARMUPS:
        if warmup == 0:
            yield "constant", warmup, {}, optimization.get_constant_schedule(optimizer())
        yield (
            "constant",
            warmup,
            {},
            optimization.get_constant_schedule_with_warmup(optimizer(), warmup),
        )
        for total in (STEPS, 40):
            yield (
                "linear",
                warmup,
                {"total": total},
                optimization.get_linear_schedule_with_warmup(optimizer(), warmup, total),
            )
            for cycles in (0.5, 1.0):
                yield (
                    "cosine",
                    warmup,
                    {"total": total, "cycles": cycles},
                    optimization.get_cosine_schedule_with_warmup(
                        optimizer(), warmup, total, num_cycles=cycles
                    ),
                )
            for power, end in ((1.0, 1e-7), (2.0, 1e-4)):
                yield (
                    "polynomial",
                    warmup,
                    {"total": total, "power": power, "end": end},
                    optimization.get_polynomial_decay_schedule_with_warmup(
                        optimizer(), warmup, total, lr_end=end, power=power
                    ),
                )
        for timescale in (None, 5):
            yield (
                "inverse_sqrt",
                warmup,
                {"timescale": timescale},
                optimization.get_inverse_sqrt_schedule(optimizer(), warmup, timescale=timescale),
            )


def cases():
    for kind, warmup, arguments, scheduler in transformers_cases():
        yield {"kind": kind, "warmup": warmup, **arguments, "rates": rates(scheduler)}
    for size, gamma in ((5, 0.5), (13, 0.9)):
        step = StepLR(optimizer(), step_size=size, gamma=gamma)
        yield {"kind": "step", "warmup": 0, "steps": size, "gamma": gamma, "rates": rates(step)}
        # torch has no warm-up of its own here: its way to say it is SequentialLR, in which StepLR
        # begins to count when the warm-up ends.
        for warmup in WARMUPS[1:]:
            yield {
                "kind": "step",
                "warmup": warmup,
                "steps": size,
                "gamma": gamma,
                "rates": sequential(warmup, size, gamma),
            }
    # By epochs of 8 optimizer steps, the last one cut short by the end of the run.
    for epochs, gamma in ((1, 0.5), (2, 0.9)):
        step = StepLR(optimizer(), step_size=epochs, gamma=gamma)
        yield {
            "kind": "step",
            "warmup": 0,
            "epochs": epochs,
            "steps_per_epoch": 8,
            "gamma": gamma,
            "rates": rates(step, every=8),
        }


def sequential(warmup, size, gamma):
    base = optimizer()
    rise = LambdaLR(base, lambda step: step / max(1, warmup))
    fall = StepLR(base, step_size=size, gamma=gamma)
    return rates(SequentialLR(base, [rise, fall], milestones=[warmup]))


def main():
    written = list(cases())
    write_json(
        FIXTURES / "schedules.json",
        {"versions": versions(), "steps": STEPS, "learning_rate": RATE, "cases": written},
    )
    print(f"schedules.json: {len(written)} cases")


if __name__ == "__main__":
    main()
