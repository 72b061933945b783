"""Index paths on which nothing happens that did not happen before: history, shaken.

The residuals of a first-order autoregression are resampled in blocks and put together again, so
that a path keeps the index's slow decay, its fat tails and the clusters of its news, and has no
seam where a jump rule would fire (residual-based block bootstrap: Paparoditis and Politis 2003,
Econometrica 71(3); blocks of random length: Politis and Romano 1994, JASA 89(428)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risk_service.core.jumps.baseline import Floats

BLOCK = 28
"""Mean days of a block: four half-lives of news."""
LEAST_DAYS = 365
"""Known pairs of days below which history says too little of how often a rule is wrong."""
_MOST_PERSISTENT = 0.995


@dataclass(frozen=True, slots=True)
class Habits:
    """How a history moves: x − mean = persistence (x₋₁ − mean) + residual; residuals in order."""

    mean: float
    persistence: float
    residuals: Floats


def habits_of(values: Floats) -> Habits:
    """The habits of a daily series (T,), NaN where it has gaps.

    Raises
    ------
    ValueError
        Where fewer than ``LEAST_DAYS`` pairs of neighbouring days are known.
    """
    today, before = values[1:], values[:-1]
    both = ~np.isnan(today) & ~np.isnan(before)
    if both.sum() < LEAST_DAYS:
        raise ValueError(
            f"calibrated_before: {both.sum()} days with a known day before them come before it, "
            f"and {LEAST_DAYS} are needed"
        )
    mean = float(values[~np.isnan(values)].mean())
    x, y = before[both] - mean, today[both] - mean
    power = float(x @ x)
    persistence = float(np.clip(x @ y / power, 0, _MOST_PERSISTENT)) if power else 0.0
    residuals = y - persistence * x
    return Habits(mean, persistence, residuals - residuals.mean())


def quiet_paths(
    habits: Habits, days: int, paths: int, rng: np.random.Generator, block: int = BLOCK
) -> Floats:
    """Paths (days, paths) of these habits, 0–100, each begun at the mean."""
    chosen = habits.residuals[_blocks(len(habits.residuals), days, paths, rng, block)]
    found = np.empty((days, paths))
    now = np.full(paths, habits.mean)
    for day in range(days):
        now = habits.mean + habits.persistence * (now - habits.mean) + chosen[day]
        now = np.clip(now, 0, 100)
        found[day] = now
    return found


def _blocks(
    length: int, days: int, paths: int, rng: np.random.Generator, block: int
) -> np.typing.NDArray[np.int64]:
    """Places (days, paths) in a history that is closed to a circle, in blocks of random length."""
    begins = rng.random((days, paths)) < 1 / block
    begins[0] = True
    day = np.arange(days)[:, None]
    begun = np.maximum.accumulate(np.where(begins, day, 0), axis=0)
    starts = np.take_along_axis(rng.integers(0, length, (days, paths)), begun, axis=0)
    return (starts + day - begun) % length
