"""How often a rule would cry wolf, and the threshold for at most so many times a quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.firings import SIGNS
from risk_service.core.jumps.judge import fires
from risk_service.core.jumps.known import Known
from risk_service.core.jumps.pace import DAILY, Pace
from risk_service.core.jumps.paths import Habits, habits_again, quiet_paths
from risk_service.core.jumps.rules import Drift, Rule
from risk_service.core.jumps.scores import scores

QUARTER = DAILY.quarter
"""Days."""
LEVEL = 0.9
PATHS = 60
GRID = 12
ROUNDS = 3
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Firings a quarter on paths with no change: their mean, and the 5 % and 95 % quantiles of what
    single paths as long as the history (ten years at most) show.
    """

    expected: float
    low: float
    high: float
    days: int
    paths: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """Two sets of shaken paths (T, P): thresholds are found on one and their rates on the other.

    A row is a step of ``pace``; rates are a quarter all the same.
    """

    to_choose: Floats
    to_measure: Floats
    pace: Pace = DAILY


def quiet_of(history: Floats, seed: int, each: int = PATHS, pace: Pace = DAILY) -> Quiet:
    """Shaken paths of a history (T,), so many to choose by and as many to measure; the error is
    that of ``habits_of``.
    """
    rng = np.random.default_rng(seed)
    both = habits_again(history, 2 * each, rng, pace)
    return _quiet(both, len(history), each, rng, pace)


def quiet_of_habits(habits: Habits, days: int, seed: int) -> Quiet:
    """The same for habits that are known, of paths as long as a history of so many days."""
    return _quiet(habits, days, PATHS, np.random.default_rng(seed), DAILY)


def _quiet(
    habits: Habits | Sequence[Habits],
    steps: int,
    each: int,
    rng: np.random.Generator,
    pace: Pace,
) -> Quiet:
    both = quiet_paths(habits, min(steps, pace.longest), 2 * each, rng, pace.block)
    return Quiet(both[:, :each], both[:, each:], pace)


def false_alarms(rule: Rule, threshold: float, quiet: Quiet) -> FalseAlarms:
    """The rate of a threshold on the paths kept for that."""
    return false_alarms_of(measured(rule, threshold, quiet), len(quiet.to_measure), quiet.pace)


def measured(rule: Rule, threshold: float, quiet: Quiet) -> Floats:
    """Firings a quarter on each of the paths kept to measure, (P,)."""
    signed = scores(rule, Known.of_paths(quiet.to_measure))
    rates: Floats = rates_of(rule, signed, np.array([threshold]), quiet.pace)[:, 0]
    return rates


def false_alarms_of(rates: Floats, steps: int, pace: Pace = DAILY) -> FalseAlarms:
    """Of the rates (P,) of paths of so many steps."""
    low, high = np.quantile(rates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    days = steps // pace.a_day
    return FalseAlarms(float(rates.mean()), float(low), float(high), days, len(rates))


def calibrate(rule: Rule, most: float, quiet: Quiet) -> float:
    """The threshold for at most ``most`` false alarms a quarter, from the paths kept for that."""
    signed = scores(rule, Known.of_paths(quiet.to_choose))
    return threshold_of(rule, signed, most, quiet.pace)


def threshold_of(rule: Rule, signed: Floats, most: float, pace: Pace = DAILY) -> float:
    """The lowest threshold from which on no higher one fires more than ``most`` times a quarter.

    Parameters
    ----------
    signed
        Scores (T, P) of paths on which nothing changes.
    most
        0.005–90.
    """
    return float(thresholds_of(rule, signed, most, 1, pace)[0])


def thresholds_of(
    rule: Rule, signed: Floats, most: float, groups: int, pace: Pace = DAILY
) -> Floats:
    """The same for each of so many groups of paths, equally large, side by side in ``signed``."""
    if not 0.005 <= most <= 90:
        raise ValueError(f"max_false_alarms: {most} is not within 0.005–90 a quarter")
    high: Floats = _highest(rule, signed).reshape(groups, -1).max(axis=1) * (1 + 1e-9) + 1e-9
    low = high / 1_000
    for _ in range(ROUNDS):
        grid = np.geomspace(low, high, GRID, axis=1)
        last = _last_broken(rule, signed, grid, most, pace)
        of = np.arange(groups)
        low, high = grid[of, np.maximum(last, 0)], grid[of, last + 1]
    return high


def _last_broken(
    rule: Rule, signed: Floats, grid: Floats, most: float, pace: Pace
) -> npt.NDArray[np.intp]:
    """The place of the highest threshold of each group (G, K) that fires too often; -1 for none.

    From above, a few at a time: a threshold so low that the rule fires for ever starts seldom too.
    Nothing reaches the highest, so that one always keeps the promise.
    """
    groups, size = len(grid), signed.shape[1] // len(grid)
    last = np.full(groups, -1)
    for top in range(grid.shape[1], 0, -AT_ONCE):
        some = grid[:, max(0, top - AT_ONCE) : top]
        rates = rates_of(rule, signed, some.repeat(size, axis=0), pace)
        broken = rates.reshape(groups, size, -1).mean(axis=1) > most
        highest = top - 1 - broken[:, ::-1].argmax(axis=1)
        last = np.where((last < 0) & broken.any(axis=1), highest, last)
        if (last >= 0).all():
            break
    return last


def rates_of(rule: Rule, signed: Floats, thresholds: Floats, pace: Pace = DAILY) -> Floats:
    """Firings a quarter of judged steps, both ways together: (P, K), of scores (T, P); thresholds
    as ``fires`` takes them.
    """
    ways = rule.timing.directions
    if thresholds.ndim == 2:
        thresholds = np.tile(thresholds, (len(ways), 1))
    count = np.zeros((len(ways) * signed.shape[1], thresholds.shape[-1]))
    for started, _ in fires(rule, _each_way(rule, signed), thresholds):
        count += started
    both = count.reshape(len(ways), signed.shape[1], -1).sum(axis=0)
    judged = (~np.isnan(signed)).sum(axis=0)[:, None]
    rates: Floats = both / (judged / pace.quarter)
    return rates


def _each_way(rule: Rule, signed: Floats) -> Floats:
    return np.hstack([SIGNS[one] * signed for one in rule.timing.directions])


def _highest(rule: Rule, signed: Floats) -> Floats:
    """The highest that is ever held against a threshold on each path, (P,)."""
    towards = _each_way(rule, signed)
    if isinstance(rule, Drift):
        never = np.array([np.inf])
        held = np.array([one[:, 0] for _, one in fires(rule, towards, never)])
    else:
        held = towards
    peaks = np.nan_to_num(held, nan=0.0).max(axis=0)
    highest: Floats = peaks.reshape(-1, signed.shape[1]).max(axis=0)
    return highest
