"""Walk-forward folds: learn from the past, skip an embargo, test on the next block of days.

The embargo keeps out what the test block's own news may still be an echo of (López de Prado 2018,
ch. 7). Rows of one group, such as copies of a story, are never on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.splits import Fold

Moments = npt.NDArray[np.datetime64]
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class WalkForward:
    """A scikit-learn splitter (``cv=``) of rows with a moment each.

    The first ``first_days`` days, counted from the day of the earliest row, are only learnt from;
    what follows is cut into blocks of ``block_days``. Each block that holds rows is tested once,
    with a model that may learn from every row more than ``embargo_days`` days before the block's
    first midnight UTC, but for the rows of groups that the block holds too. Blocks with fewer than
    ``least_rows`` rows left to learn from are passed over. The last block may still be growing;
    folds before it never change when later rows come.

    ``X`` in ``split`` is a frame with the column ``date``, or the moments themselves; without time
    zone they are taken as UTC. ``groups`` are as ``training.splits.duplicate_groups`` gives them;
    without, every row is a group of its own.

    Examples
    --------
    >>> days = pd.date_range("2026-01-01", periods=6, freq="D")
    >>> cut = WalkForward(first_days=3, block_days=2, embargo_days=1)
    >>> [(seen.tolist(), unseen.tolist()) for seen, unseen in cut.split(days)]
    [([0, 1], [3, 4]), ([0, 1, 2, 3], [5])]
    """

    first_days: int = 180
    block_days: int = 90
    embargo_days: int = 7
    date: str = "date"
    least_rows: int = 1

    def __post_init__(self) -> None:
        for name, least in (
            ("first_days", 1), ("block_days", 1), ("embargo_days", 0), ("least_rows", 1),
        ):  # fmt: skip
            if getattr(self, name) < least:
                raise ValueError(f"{name}: {getattr(self, name)} is less than {least}")

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Fold]:
        """Row numbers to learn from and to test on, the earliest block first; ``y`` is not read.

        Raises
        ------
        ValueError
            When a row has no moment, or there are not as many groups as rows.
        """
        moments = self._moments(X)
        of = np.arange(len(moments)) if groups is None else np.asarray(groups)
        if len(of) != len(moments):
            raise ValueError(f"groups: {len(of)} for {len(moments)} rows")
        for start in self._starts(moments):
            tested = (moments >= start) & (moments < start + self.block_days * _DAY)
            early = moments < start - self.embargo_days * _DAY
            seen = np.flatnonzero(early & ~np.isin(of, of[tested]))
            if tested.any() and len(seen) >= self.least_rows:
                yield seen, np.flatnonzero(tested)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """How many folds ``split`` gives; it depends on the rows, so they are needed."""
        if X is None:
            raise ValueError("X: the number of folds depends on the rows")
        return sum(1 for _ in self.split(X, y, groups))

    def _moments(self, X: Any) -> Moments:
        held = X[self.date] if isinstance(X, pd.DataFrame) else X
        try:
            moments = pd.to_datetime(pd.Series(np.asarray(held)), utc=True, format="ISO8601")
        except ValueError as error:
            raise ValueError(f"{self.date}: is not in ISO 8601 ({error})") from None
        if moments.isna().any():
            raise ValueError(f"{self.date}: row {int(moments.isna().argmax())} has no moment")
        return moments.dt.tz_localize(None).to_numpy("datetime64[us]")

    def _starts(self, moments: Moments) -> list[np.datetime64]:
        if len(moments) == 0:
            return []
        first = moments.min().astype("datetime64[D]") + self.first_days * _DAY
        last = moments.max().astype("datetime64[D]")
        return list(np.arange(first, last + _DAY, self.block_days * _DAY))
