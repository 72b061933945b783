"""How far each day is from what came before it, in the unit of a rule's threshold."""

from __future__ import annotations

import numpy as np

from risk_service.core.jumps.baseline import Floats, baseline
from risk_service.core.jumps.known import Known
from risk_service.core.jumps.rules import NEITHER, Jump, Level, Rule

MOST = 3.0
"""Scales at which one day enters a CUSUM: drift is many days, and one shock is a jump."""


def scores(rule: Rule, known: Known) -> Floats:
    """Signed scores (T, P): positive towards escalation, negative towards thaw, NaN unknown.

    Jump: change / robust scale of past changes, of which none shares a day with this one.
    Level: points from 50. Drift: (index − centre) / scale, cut at ±``MOST``, which the CUSUM adds
    up; centre and scale are of earlier days only.
    """
    if isinstance(rule, Level):
        return known.values - NEITHER
    if isinstance(rule, Jump):
        changes = known.values - known.before[rule.days]
        _, scale = baseline(changes, rule.half_life, centred=False)
        return changes / _lagged(scale, rule.days - 1)
    centre, scale = baseline(known.values, rule.half_life, centred=True)
    return np.clip((known.values - centre) / scale, -MOST, MOST)


def _lagged(scale: Floats, days: int) -> Floats:
    """A change over a week shares days with those of the six days before: they are left out."""
    if days == 0:
        return scale
    lagged = np.full_like(scale, np.nan)
    lagged[days:] = scale[:-days]
    return lagged
