from __future__ import annotations

import numpy as np

from training.splits import duplicate_groups, grouped_folds

COPIES = [
    "Kremlin says talks with Washington were useful",
    "Kremlin says talks with Washington were useful.",
    "KREMLIN SAYS TALKS WITH WASHINGTON WERE USEFUL",
    "Missiles strike the port of Odesa at night",
]


def test_copies_share_a_group_and_others_do_not() -> None:
    groups = duplicate_groups(COPIES)
    assert len(set(groups[:3])) == 1
    assert groups[3] != groups[0]


def test_copies_far_apart_in_a_large_set_are_found() -> None:
    random = np.random.default_rng(3)
    words = ["".join(random.choice(list("abcdefghij"), 7)) for _ in range(400)]
    texts = [" ".join(random.choice(words, 8)) for _ in range(1_200)]
    texts[1_150] = texts[20] + "!"
    groups = duplicate_groups(texts)
    assert groups[1_150] == groups[20]
    assert len(set(groups)) > 1_000


def test_no_group_is_on_both_sides_and_every_row_is_tested_once() -> None:
    groups = np.repeat(np.arange(60), 3)
    directions = np.tile([0, 1, 2], 60)
    folds = grouped_folds(groups, directions, 5, seed=1)
    for seen, unseen in folds:
        assert not set(groups[seen]) & set(groups[unseen])
    tested = np.concatenate([unseen for _, unseen in folds])
    assert sorted(tested.tolist()) == list(range(180))


def test_the_same_seed_gives_the_same_folds() -> None:
    groups, directions = np.arange(90), np.tile([0, 1, 2], 30)
    first = grouped_folds(groups, directions, 3, seed=5)
    second = grouped_folds(groups, directions, 3, seed=5)
    assert all((a[1] == b[1]).all() for a, b in zip(first, second, strict=True))
