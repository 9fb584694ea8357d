"""Orders of transformers' and torch's samplers over permutations that are given."""

from unittest import mock

import torch
from torch.utils.data.distributed import DistributedSampler
from transformers.trainer_pt_utils import get_length_grouped_indices

from common import FIXTURES, versions, write_json


def with_permutation(permutation, make):
    """What `make` returns where every permutation that it asks for is `permutation`."""
    with mock.patch.object(torch, "randperm", lambda *_, **__: torch.tensor(permutation)):
        return make()


def permutation(count, generator):
    return torch.randperm(count, generator=generator).tolist()


def grouped_cases(generator):
    for count, batch, longest in [
        (1, 4, 9), (7, 2, 5), (16, 2, 3), (40, 4, 60), (41, 3, 4), (200, 1, 30), (230, 4, 50), (64, 100, 9),
    ]:
        lengths = torch.randint(1, longest + 1, (count,), generator=generator).tolist()
        given = permutation(count, generator)
        rows = with_permutation(given, lambda: get_length_grouped_indices(lengths, batch))
        yield {"lengths": lengths, "batch": batch, "permutation": given, "rows": rows}


def distributed_cases(generator):
    for count, world in [(1, 1), (10, 2), (11, 2), (11, 4), (12, 4), (3, 5), (2, 7), (23, 8)]:
        given = permutation(count, generator)
        for shuffle in (True, False):
            for drop_last in (False, True):
                shares = []
                for rank in range(world):
                    sampler = DistributedSampler(
                        range(count), world, rank, shuffle=shuffle, drop_last=drop_last
                    )
                    shares.append(with_permutation(given, lambda: list(sampler)))
                yield {
                    "order": given if shuffle else list(range(count)),
                    "drop_last": drop_last,
                    "shares": shares,
                }


def main():
    generator = torch.Generator().manual_seed(31)
    write_json(
        FIXTURES / "samplers.json",
        {
            "versions": versions(),
            "grouped": list(grouped_cases(generator)),
            "distributed": list(distributed_cases(generator)),
        },
    )


if __name__ == "__main__":
    main()
