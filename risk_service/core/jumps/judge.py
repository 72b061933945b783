"""From scores to firings: dwell, hold and cooldown, for many series and thresholds at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.rules import Drift, Level, Rule

Bools = npt.NDArray[np.bool_]


def fires(rule: Rule, towards: Floats, thresholds: Floats) -> Iterator[tuple[Bools, Floats]]:
    """What starts to fire on each day, in one direction.

    A gap breaks a dwell, for nobody knows whether the condition held; it ends no firing, and
    leaves a CUSUM as it was. A CUSUM starts anew when it has fired.

    Parameters
    ----------
    towards
        Scores (T, P), positive in the direction judged, NaN unknown.
    thresholds
        Shape (K,); (P, K) where each series has its own; (T, 1, K) where each day has.

    Yields
    ------
    started, statistic
        For each day, (P, K): whether a firing starts, and what was held against the threshold.
    """
    timing = rule.timing
    hysteresis = rule.hysteresis if isinstance(rule, Level) else 0.0
    shape = (towards.shape[1], thresholds.shape[-1])
    active, run = np.zeros(shape, bool), np.zeros(shape, np.int32)
    quiet, free_from = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    total, nothing = np.zeros(shape), np.zeros(shape, bool)
    for day, row in enumerate(towards):
        least = thresholds[day] if thresholds.ndim == 3 else thresholds
        score = row[:, None]
        known = ~np.isnan(score)
        if isinstance(rule, Drift):
            total = np.where(known, np.maximum(0, total + score - rule.allowance), total)
            score = np.where(known, total, np.nan)
        above = score >= least
        if not (above.any() or active.any()):
            # Most days of most rules: nothing fires, and nothing is counted on.
            run[:] = 0
            yield nothing, np.broadcast_to(score, shape)
            continue
        run = (run + 1) * above
        clear = score < least - hysteresis
        quiet = (quiet + clear) * (clear | ~known)
        active &= quiet <= timing.hold
        started = ~active & (run >= timing.dwell) & (day >= free_from)
        active |= started
        np.copyto(free_from, day + timing.cooldown, where=started)
        np.copyto(total, 0, where=started)
        yield started, np.broadcast_to(score, shape)
