"""How far the index has moved within the hour, beside how it moved in the hours before."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np

from risk_service.core.jumps.baseline import Floats, baseline
from risk_service.core.jumps.calibration import (
    FalseAlarms,
    Quiet,
    false_alarms_of,
    rates_of,
    threshold_of,
)
from risk_service.core.jumps.conditions import HourJump
from risk_service.core.jumps.pace import TEN_MINUTES
from risk_service.core.jumps.rules import Jump, Timing

HOURS = 28 * 24
"""Hours before this one that the scale is made of."""
HALF_LIFE = 168.0
"""Memory of the scale, in hours: a week."""
_HOUR = timedelta(hours=1)
_STEPS = TEN_MINUTES.a_day // 24
"""An hour is so many steps."""


def hours_before(now: datetime) -> list[datetime]:
    """The moments that are looked at, oldest first: ``HOURS`` hours and the one that is judged.

    >>> from datetime import UTC
    >>> seen = hours_before(datetime(2025, 3, 1, 12, 30, tzinfo=UTC))
    >>> len(seen), str(seen[-2])
    (674, '2025-03-01 11:30:00+00:00')
    """
    return [now - n * _HOUR for n in range(HOURS + 1, -1, -1)]


def hourly_score(values: Floats) -> float:
    """The last change in robust scales of those before it, positive towards escalation.

    Parameters
    ----------
    values
        The index an hour apart (T,), oldest first, the last one judged; NaN unknown. The scale is
        that of ``baseline``: the change that is judged is not in it, and one index point is the
        least.

    Returns
    -------
    float
        NaN where one of the last two is unknown, or fewer than 60 changes came before.

    Examples
    --------
    >>> quiet = 50 + np.tile([0.0, 2.0], 50)
    >>> round(hourly_score(np.append(quiet, 40.0)), 1)
    -4.8
    """
    changes = np.diff(values)[:, None]
    if len(changes) == 0:
        return float("nan")
    _, scale = baseline(changes, HALF_LIFE, centred=False)
    return float(changes[-1, 0] / scale[-1, 0])


def steps_before(now: datetime) -> list[datetime]:
    """The last ``TEN_MINUTES.longest`` full ten minutes that are over, oldest first."""
    step = timedelta(days=1) / TEN_MINUTES.a_day
    last = now - (now - datetime(2000, 1, 1, tzinfo=UTC)) % step
    return [last - n * step for n in range(TEN_MINUTES.longest - 1, -1, -1)]


def hour_scores(values: Floats) -> Floats:
    """Scores (T, P) of each step of ten minutes, as ``hourly_score`` would tell it there.

    The change over the hour that ends at a step, beside the changes an hour apart before it; the
    scale remembers what ``hourly_score``'s has forgotten after ``HOURS``, a sixteenth at most.
    """
    found = np.full(values.shape, np.nan)
    for first in range(_STEPS):
        apart = values[first::_STEPS]
        changes = np.diff(apart, axis=0)
        _, scale = baseline(changes, HALF_LIFE, centred=False)
        found[first + _STEPS :: _STEPS] = changes / scale
    return found


def in_steps(rule: HourJump) -> Jump:
    """The rule's timing in steps of ten minutes: it is looked at so often, if not oftener."""
    hours = rule.hours
    timing = Timing(
        1 + math.ceil(hours.dwell * _STEPS),
        math.ceil(hours.hold * _STEPS),
        math.ceil(hours.cooldown * _STEPS),
        rule.directions,
    )
    return Jump(1, timing=timing)


def calibrate_hours(rule: HourJump, most: float, quiet: Quiet) -> float:
    """The threshold for at most ``most`` false alarms a quarter, of paths by ``TEN_MINUTES``.

    By so much fewer firings on the paths as ``hours_told`` adds for what they cannot know.
    """
    signed = hour_scores(quiet.to_choose)
    held = most * len(signed) / TEN_MINUTES.quarter
    return threshold_of(in_steps(rule), signed, most / _unknown(held), TEN_MINUTES)


def measured_hours(rule: HourJump, threshold: float, quiet: Quiet) -> Floats:
    """Firings a quarter on each path that is kept to measure, (P,)."""
    signed = hour_scores(quiet.to_measure)
    found: Floats = rates_of(in_steps(rule), signed, np.array([threshold]), TEN_MINUTES)[:, 0]
    return found


def hours_told(rule: HourJump, threshold: float, quiet: Quiet, seed: int) -> FalseAlarms:
    """False alarms of a threshold, with what a year or less of history cannot know of them.

    Shaken paths hold no other leaps than history does, of which few are as large as a threshold.
    How many a history of these n firings might as well have held is drawn for each path from the
    gamma distribution with shape n + 1/2 (Jeffreys' prior of a Poisson rate).
    """
    rates = measured_hours(rule, threshold, quiet)
    steps = len(quiet.to_measure)
    held = max(float(rates.mean()) * steps / TEN_MINUTES.quarter, 0.5)
    drawn = np.random.default_rng(seed).gamma(held * _unknown(held), 1 / held, len(rates))
    return false_alarms_of(rates * drawn, steps, TEN_MINUTES)


def _unknown(held: float) -> float:
    """Mean of the gamma distribution of ``hours_told``, by the firings that history held."""
    return (held + 0.5) / held
