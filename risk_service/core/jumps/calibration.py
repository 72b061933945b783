"""How often a rule would cry wolf, and the threshold for at most so many times a quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.firings import SIGNS
from risk_service.core.jumps.judge import fires
from risk_service.core.jumps.known import Known
from risk_service.core.jumps.paths import Habits, habits_of, quiet_paths
from risk_service.core.jumps.rules import Rule
from risk_service.core.jumps.scores import scores

QUARTER = 365.25 / 4
"""Days."""
LEVEL = 0.9
LONGEST = 3_652
"""Days of a path at most; what a longer history knows more is left out of the interval."""
PATHS = 60
GRID = 16
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


def quiet_of(history: Floats, seed: int) -> Quiet:
    """Shaken paths of a history (T,); the error is that of ``habits_of``."""
    return quiet_of_habits(habits_of(history), len(history), seed)


def quiet_of_habits(habits: Habits, days: int, seed: int) -> Quiet:
    """The same for habits that are known, of paths as long as a history of so many days."""
    rng = np.random.default_rng(seed)
    both = quiet_paths(habits, min(days, LONGEST), 2 * PATHS, rng)
    return Quiet(both[:, :PATHS], both[:, PATHS:])


def false_alarms(rule: Rule, threshold: float, quiet: Quiet) -> FalseAlarms:
    """The rate of a threshold on the paths kept for that."""
    signed = scores(rule, Known.of_paths(quiet.to_measure))
    rates = rates_of(rule, signed, np.array([threshold]))[:, 0]
    low, high = np.quantile(rates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    days, paths = quiet.to_measure.shape
    return FalseAlarms(float(rates.mean()), float(low), float(high), days, paths)


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
        0.01–90.
    """
    if not 0.01 <= most <= 90:
        raise ValueError(f"max_false_alarms: {most} is not within 0.01–90 a quarter")
    high = _highest(rule, signed)
    low = high / 1_000
    for _ in range(ROUNDS):
        grid = np.geomspace(low, high, GRID)
        # From above: a threshold so low that the rule fires for ever starts seldom too. Nothing
        # reaches the highest, so that one always keeps the promise.
        broken = np.flatnonzero(rates_of(rule, signed, grid).mean(axis=0) > most)
        if len(broken) == 0:
            return float(grid[0])
        low, high = grid[broken[-1]], grid[broken[-1] + 1]
    return float(high)


def rates_of(rule: Rule, signed: Floats, thresholds: Floats) -> Floats:
    """Firings a quarter of judged days, both ways together: (P, K), of scores (T, P)."""
    count = np.zeros((signed.shape[1], len(thresholds)))
    for direction in rule.timing.directions:
        for started, _ in fires(rule, SIGNS[direction] * signed, thresholds):
            count += started
    judged = (~np.isnan(signed)).sum(axis=0)[:, None]
    rates: Floats = count / (judged / QUARTER)
    return rates


def _highest(rule: Rule, signed: Floats) -> float:
    """A threshold above whatever is seen."""
    most = [_peak(rule, SIGNS[one] * signed) for one in rule.timing.directions]
    return max(most) * (1 + 1e-9) + 1e-9


def _peak(rule: Rule, towards: Floats) -> float:
    never = np.array([np.inf])
    held = (np.nan_to_num(one, nan=0.0).max() for _, one in fires(rule, towards, never))
    return float(max(held))
