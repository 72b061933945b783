"""Which texts are read together: like lengths, and the two texts of a minimal pair."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

Rows = npt.NDArray[np.int64]


def twins_of(pairs: pd.Series) -> Rows:
    """(n,) row number of the other text of a minimal pair, -1 where there is none.

    ``pairs`` names the pair of each row and is missing for texts of no pair.

    >>> twins_of(pd.Series(["8", None, "8", "9"])).tolist()
    [2, -1, 0, -1]
    """
    twins = np.full(len(pairs), -1)
    for rows in pairs.reset_index(drop=True).groupby(pairs.to_numpy()).indices.values():
        if len(rows) == 2:
            twins[rows] = rows[::-1]
    return twins


def order(lengths: Rows, batch: int, seed: int, twins: Rows | None = None) -> Iterator[Rows]:
    """Row numbers in batches of like length, the batches and their rows in random order.

    The two texts of a pair (``twins_of``) come in one batch, which may hold one row more for it.
    """
    draw = np.random.default_rng(seed)
    other = np.full(len(lengths), -1) if twins is None else twins
    first = np.flatnonzero((other < 0) | (other > np.arange(len(lengths))))
    first = first[draw.permutation(len(first))]
    for start in range(0, len(first), batch * 50):
        near = first[start : start + batch * 50]
        near = near[np.argsort(lengths[near], kind="stable")]
        ends = np.cumsum(1 + (other[near] >= 0))
        parts = np.split(near, np.flatnonzero(np.diff((ends - 1) // batch)) + 1)
        for i in draw.permutation(len(parts)):
            seconds = other[parts[i]]
            yield np.concatenate([parts[i], seconds[seconds >= 0]])


def places(chosen: Rows, twins: Rows) -> Rows:
    """(n,) where in the batch ``chosen`` the other text of a pair stands, -1 where it does not.

    >>> places(np.array([4, 7, 2]), np.array([-1, -1, 4, -1, 2, -1, -1, -1])).tolist()
    [2, -1, 0]
    """
    place = {row: i for i, row in enumerate(chosen.tolist())}
    return np.array([place.get(twin, -1) for twin in twins[chosen].tolist()])
