"""How often a rule would cry wolf, and the threshold for at most so many times a quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.firings import SIGNS
from risk_service.core.jumps.judge import fires
from risk_service.core.jumps.known import Known
from risk_service.core.jumps.paths import Habits, habits_again, quiet_paths
from risk_service.core.jumps.rules import Drift, Rule
from risk_service.core.jumps.scores import scores

QUARTER = 365.25 / 4
"""Days."""
LEVEL = 0.9
LONGEST = 3_652
"""Days of a path at most; what a longer history knows more is left out of the interval."""
PATHS = 60
GRID = 12
ROUNDS = 3


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
    """Two sets of shaken paths (T, P): thresholds are found on one and their rates on the other."""

    to_choose: Floats
    to_measure: Floats


def quiet_of(history: Floats, seed: int, each: int = PATHS) -> Quiet:
    """Shaken paths of a history (T,), so many to choose by and as many to measure; the error is
    that of ``habits_of``.
    """
    rng = np.random.default_rng(seed)
    both = habits_again(history, 2 * each, rng)
    return _quiet(both, len(history), each, rng)


def quiet_of_habits(habits: Habits, days: int, seed: int) -> Quiet:
    """The same for habits that are known, of paths as long as a history of so many days."""
    return _quiet(habits, days, PATHS, np.random.default_rng(seed))


def _quiet(
    habits: Habits | Sequence[Habits], days: int, each: int, rng: np.random.Generator
) -> Quiet:
    both = quiet_paths(habits, min(days, LONGEST), 2 * each, rng)
    return Quiet(both[:, :each], both[:, each:])


def false_alarms(rule: Rule, threshold: float, quiet: Quiet) -> FalseAlarms:
    """The rate of a threshold on the paths kept for that."""
    signed = scores(rule, Known.of_paths(quiet.to_measure))
    return false_alarms_of(rates_of(rule, signed, np.array([threshold]))[:, 0], len(signed))


def false_alarms_of(rates: Floats, days: int) -> FalseAlarms:
    """Of the rates (P,) of paths of so many days."""
    low, high = np.quantile(rates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return FalseAlarms(float(rates.mean()), float(low), float(high), days, len(rates))


def calibrate(rule: Rule, most: float, quiet: Quiet) -> float:
    """The threshold for at most ``most`` false alarms a quarter, from the paths kept for that."""
    return threshold_of(rule, scores(rule, Known.of_paths(quiet.to_choose)), most)


def threshold_of(rule: Rule, signed: Floats, most: float) -> float:
    """The lowest threshold from which on no higher one fires more than ``most`` times a quarter.

    Parameters
    ----------
    signed
        Scores (T, P) of paths on which nothing changes.
    most
        0.005–90.
    """
    return float(thresholds_of(rule, signed, most, 1)[0])


def thresholds_of(rule: Rule, signed: Floats, most: float, groups: int) -> Floats:
    """The same for each of so many groups of paths, equally large, side by side in ``signed``."""
    if not 0.005 <= most <= 90:
        raise ValueError(f"max_false_alarms: {most} is not within 0.005–90 a quarter")
    high: Floats = _highest(rule, signed).reshape(groups, -1).max(axis=1) * (1 + 1e-9) + 1e-9
    low = high / 1_000
    size = signed.shape[1] // groups
    for _ in range(ROUNDS):
        grid = np.geomspace(low, high, GRID, axis=1)
        rates = rates_of(rule, signed, grid.repeat(size, axis=0))
        # From above: a threshold so low that the rule fires for ever starts seldom too. Nothing
        # reaches the highest, so that one always keeps the promise.
        broken = rates.reshape(groups, size, GRID).mean(axis=1) > most
        last = np.where(broken.any(axis=1), GRID - 1 - broken[:, ::-1].argmax(axis=1), -1)
        of = np.arange(groups)
        low, high = grid[of, np.maximum(last, 0)], grid[of, last + 1]
    return high


def rates_of(rule: Rule, signed: Floats, thresholds: Floats) -> Floats:
    """Firings a quarter of judged days, both ways together: (P, K), of scores (T, P); thresholds
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
    rates: Floats = both / (judged / QUARTER)
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
