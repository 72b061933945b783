"""Paths of a series on which nothing happens that did not happen before: history, shaken.

The residuals of a first-order autoregression are resampled in blocks and put together again, so
that a path keeps the series' slow decay, its fat tails and the clusters of its news, and has no
seam where a jump rule would fire (residual-based block bootstrap: Paparoditis and Politis 2003,
Econometrica 71(3); blocks of random length: Politis and Romano 1994, JASA 89(428)).

How a history moves is itself known from few years: some were calm and some were not. So each path
has habits of its own, found again from as many years drawn from the history with replacement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.pace import DAILY, Pace

_MOST_PERSISTENT = 0.995


@dataclass(frozen=True, slots=True)
class Habits:
    """How a history moves: x − mean = persistence (x₋₁ − mean) + residual; residuals in order."""

    mean: float
    persistence: float
    residuals: Floats


def habits_of(values: Floats, pace: Pace = DAILY) -> Habits:
    """The habits of a series (T,), NaN where it has gaps.

    Raises
    ------
    ValueError
        Where fewer than ``pace.least`` pairs of neighbouring steps are known.
    """
    before, today = _pairs(values, pace)
    return _habits(float(values[~np.isnan(values)].mean()), before, today)


def habits_again(
    values: Floats, count: int, rng: np.random.Generator, pace: Pace = DAILY
) -> list[Habits]:
    """Habits of so many histories that are put together from stretches of this one.

    A stretch is ``pace.together`` pairs of neighbouring steps (a year of days) from a random one
    on, in a history closed to a circle. Raises as ``habits_of`` does.
    """
    before, today = _pairs(values, pace)
    stretches = -(-len(today) // pace.together)
    found = []
    for _ in range(count):
        starts = rng.integers(0, len(today), stretches)
        drawn = (starts[:, None] + np.arange(pace.together)).ravel()[: len(today)] % len(today)
        found.append(_habits(float(today[drawn].mean()), before[drawn], today[drawn]))
    return found


def quiet_paths(
    habits: Habits | Sequence[Habits],
    days: int,
    paths: int,
    rng: np.random.Generator,
    block: int = DAILY.block,
) -> Floats:
    """Paths (days, paths) of these habits, or each of its own, each begun at its mean.

    They are not cut at 0 and 100, for not every series ends there: an index path may leave the
    scale for a day by a few points.
    """
    each = [habits] * paths if isinstance(habits, Habits) else list(habits)
    length = len(each[0].residuals)
    places = _blocks(length, days, paths, rng, block)
    chosen = np.stack([one.residuals[places[:, n]] for n, one in enumerate(each)], axis=1)
    persistence = np.array([one.persistence for one in each])
    found = np.empty((days, paths))
    away = np.zeros(paths)
    for day in range(days):
        away = persistence * away + chosen[day]
        found[day] = away
    found += np.array([one.mean for one in each])
    return found


def _pairs(values: Floats, pace: Pace) -> tuple[Floats, Floats]:
    """Known steps whose step before is known too: those before, and they themselves."""
    today, before = values[1:], values[:-1]
    both = ~np.isnan(today) & ~np.isnan(before)
    if both.sum() < pace.least:
        raise ValueError(
            f"calibrated_before: {both.sum() // pace.a_day} days of known neighbours come before "
            f"it, and {pace.least // pace.a_day} are needed"
        )
    return before[both], today[both]


def _habits(mean: float, before: Floats, today: Floats) -> Habits:
    x, y = before - mean, today - mean
    power = float(x @ x)
    persistence = float(np.clip(x @ y / power, 0, _MOST_PERSISTENT)) if power else 0.0
    residuals = y - persistence * x
    return Habits(mean, persistence, residuals - residuals.mean())


def _blocks(
    length: int, days: int, paths: int, rng: np.random.Generator, block: int
) -> npt.NDArray[np.int64]:
    """Places (days, paths) in a history that is closed to a circle, in blocks of random length."""
    begins = rng.random((days, paths)) < 1 / block
    begins[0] = True
    day = np.arange(days)[:, None]
    begun = np.maximum.accumulate(np.where(begins, day, 0), axis=0)
    starts = np.take_along_axis(rng.integers(0, length, (days, paths)), begun, axis=0)
    return (starts + day - begun) % length
