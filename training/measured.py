"""How good a learner is on rows its models have not seen, whichever way the rows were folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.estimators import calibrated
from training.calibration import best_temperature, cross_calibrated
from training.labels import direction_numbers
from training.learners import Learner, Unseen, read_unseen
from training.metrics import Report, measure
from training.splits import Fold, grouped_folds

FOLDS = 5
BY_FOLD = ("macro_f1", "brier", "log_loss", "ece")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """``report`` of all unseen rows with their ``probabilities``; ``temperature`` of all of them.

    ``severity_error`` is the mean absolute error, NaN where the learner tells no severity;
    ``folds`` are the reports of the single folds, for folds in the order of time.
    """

    report: Report
    probabilities: Floats
    truth: npt.NDArray[np.int64]
    temperature: float
    severity_error: float
    folds: tuple[Report, ...] = ()


def measure_unseen(
    rows: pd.DataFrame,
    folds: Sequence[Fold],
    learner: Learner,
    groups: npt.NDArray[np.int64],
    seed: int,
    in_time: bool = False,
) -> Measured:
    """Fit to the seen and read the unseen rows of every fold; intervals keep ``groups`` together.

    No row is calibrated by itself: at the temperature that other rows ask for, or with ``in_time``
    (folds of ``WalkForward``) at the one that the folds before ask for, 1 in the first.
    """
    unseen = read_unseen(rows, folds, learner)
    truth, of = direction_numbers(rows)[unseen.rows], groups[unseen.rows]
    if in_time:
        told = _calibrated_by_the_past(unseen, truth)
    else:
        told = cross_calibrated(unseen.logits, truth, grouped_folds(of, truth, FOLDS, seed))
    error = np.abs(unseen.severity - rows["intensity"].to_numpy(np.float64)[unseen.rows])
    by_fold = unseen.folds if in_time else ()
    return Measured(
        measure(truth, told, of, seed),
        told,
        truth,
        best_temperature(unseen.logits, truth),
        float("nan") if np.isnan(error).all() else float(np.nanmean(error)),
        tuple(measure(truth[places], told[places], of[places], seed) for places in by_fold),
    )


def fold_lines(
    name: str, moments: pd.Series[pd.Timestamp], folds: Sequence[Fold], measured: Measured
) -> Iterator[str]:
    """A table of folds in the order of time: days, rows, figures with their 95 % intervals."""
    yield f"{name:32}{'learnt':>8}{'tested':>8}" + "".join(f"{f:>22}" for f in BY_FOLD)
    for (seen, unseen), report in zip(folds, measured.folds, strict=True):
        days = moments.iloc[unseen]
        span = f"{days.min():%Y-%m-%d} – {days.max():%Y-%m-%d}"
        yield f"{span:32}{len(seen):8d}{_figures(report)}"
    yield f"{'all':32}{'':8}{_figures(measured.report)}"


def _figures(report: Report) -> str:
    told = (report.figures[name] for name in BY_FOLD)
    spelled = (f"{f.value:.3f} ({f.low:.3f}–{f.high:.3f})" for f in told)
    return f"{report.rows:8d}" + "".join(f"{one:>22}" for one in spelled)


def _calibrated_by_the_past(unseen: Unseen, truth: npt.NDArray[np.int64]) -> Floats:
    probabilities = np.zeros_like(unseen.logits)
    before = np.zeros(0, dtype=np.int64)
    for places in unseen.folds:
        of_past = unseen.logits[before], truth[before]
        temperature = best_temperature(*of_past) if len(before) else 1.0
        probabilities[places] = calibrated(unseen.logits[places], temperature)
        before = np.concatenate([before, places])
    return probabilities
