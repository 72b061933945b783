"""Learners side by side in the order of time, fold by fold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from training.labels import check_varied
from training.learners import Learner
from training.measured import fold_lines, measure_unseen
from training.retrain import folds_in_time, moments_of
from training.splits import duplicate_groups
from training.walk_forward import WalkForward


def walked(
    rows: pd.DataFrame, cut: WalkForward, learners: Sequence[Learner], seed: int
) -> Iterator[str]:
    """A table of folds for each learner, line by line; each is fitted anew in every fold.

    Raises
    ------
    ValueError
        When the rows lack the column of dates, span too short a time or are copies of too few.
    """
    groups = duplicate_groups(rows["text"].tolist())
    check_varied(rows, groups)
    folds, moments = folds_in_time(rows, cut, groups), moments_of(rows, cut)
    for learner in learners:
        measured = measure_unseen(rows, folds, learner, groups, seed, in_time=True)
        yield from fold_lines(learner.name, moments, folds, measured)
