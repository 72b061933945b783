"""The two texts of a minimal pair are read in one batch, and every text once a pass."""

import numpy as np
import pandas as pd
import pytest

from training.accurate.batches import order, places, twins_of

NAMES = pd.Series([f"p{i // 2}" if i < 120 else None for i in range(301)])
TWINS = twins_of(NAMES)
LENGTHS = np.random.default_rng(5).integers(20, 180, len(NAMES))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_pass_reads_every_text_once_and_no_pair_apart(seed: int) -> None:
    batches = list(order(LENGTHS, 16, seed, TWINS))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(NAMES)))
    assert max(map(len, batches)) <= 17
    for batch in batches:
        assert set(TWINS[batch]) - {-1} <= set(batch.tolist())


def test_two_seeds_are_two_orders_and_one_seed_is_one() -> None:
    told = [np.concatenate(list(order(LENGTHS, 16, seed, TWINS))).tolist() for seed in (3, 3, 4)]
    assert told[0] == told[1] != told[2]


def test_without_pairs_batches_are_full() -> None:
    sizes = [len(batch) for batch in order(LENGTHS, 16, 0)]
    assert sorted(sizes)[1:] == [16] * 18 and sum(sizes) == len(NAMES)


def test_a_text_whose_other_was_left_out_has_no_twin() -> None:
    assert twins_of(pd.Series(["a", "b", "a", None, "c"])).tolist() == [2, -1, 0, -1, -1]


def test_places_are_those_within_the_batch() -> None:
    batch = np.array([1, 200, 0, 2])
    assert places(batch, TWINS).tolist() == [2, -1, 0, -1]
