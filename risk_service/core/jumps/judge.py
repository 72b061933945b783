"""From scores to firings: dwell, hold and cooldown, for many series and thresholds at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.rules import Drift, Level, Rule

Bools = npt.NDArray[np.bool_]

_LONG_AGO = -1_000_000


def fires(rule: Rule, towards: Floats, thresholds: Floats) -> Iterator[tuple[Bools, Floats]]:
    """What starts to fire on each day, in one direction.

    A gap breaks a dwell, for nobody knows whether the condition held; it ends no firing, and
    leaves a CUSUM as it was. A CUSUM starts anew when it has fired.

    Parameters
    ----------
    towards
        Scores (T, P), positive in the direction judged, NaN unknown.
    thresholds
        Shape (K,).

    Yields
    ------
    started, statistic
        For each day, (P, K): whether a firing starts, and what was held against the threshold.
    """
    timing = rule.timing
    hysteresis = rule.hysteresis if isinstance(rule, Level) else 0.0
    shape = (towards.shape[1], len(thresholds))
    active, run = np.zeros(shape, bool), np.zeros(shape, np.int64)
    quiet, last = np.zeros(shape, np.int64), np.full(shape, _LONG_AGO)
    total = np.zeros(shape)
    for day, row in enumerate(towards):
        score = np.broadcast_to(row[:, None], shape)
        known = ~np.isnan(score)
        if isinstance(rule, Drift):
            total = np.where(known, np.maximum(0, total + score - rule.allowance), total)
            score = np.where(known, total, np.nan)
        above = score >= thresholds
        run = np.where(above, run + 1, 0)
        quiet = np.where(score < thresholds - hysteresis, quiet + 1, np.where(known, 0, quiet))
        active &= quiet <= timing.hold
        started = ~active & (run >= timing.dwell) & (day - last >= timing.cooldown)
        active |= started
        last = np.where(started, day, last)
        total = np.where(started, 0, total)
        yield started, score
