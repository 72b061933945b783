"""How much more often a rule fires where it is judged within the day, not on settled days alone.

A rate of false alarms is found on shaken paths of settled days, a value a day. A rule that is kept
is judged on the live index, whose highest moment of a day lies above where the day ends.
"""

from __future__ import annotations

from dataclasses import replace

from risk_service.core.jumps.calibration import FalseAlarms
from risk_service.core.jumps.rules import Drift, Jump, Rule

WITHIN_DAY = {"jump_1d": 1.41, "jump_7d": 1.44, "level": 1.48, "drift": 1.05}
"""False alarms judged each hour by those of settled days, of ``rules.DEFAULTS`` at one a quarter.

Measured on simulated hours by ``python -m training.jump_delays`` (``by_the_hour``), table in
docs/alerts.md; rules of the same kind with another timing are taken to be alike.
"""


def within_day(rule: Rule) -> float:
    """How many times as often the rule fires where it is judged live."""
    if isinstance(rule, Jump):
        return WITHIN_DAY[f"jump_{rule.days}d"]
    return WITHIN_DAY["drift" if isinstance(rule, Drift) else "level"]


def judged_live(rule: Rule, settled: FalseAlarms) -> FalseAlarms:
    """False alarms of live judging, from those of settled days; the factor is taken as certain."""
    times = within_day(rule)
    return replace(
        settled,
        expected=times * settled.expected,
        low=times * settled.low,
        high=times * settled.high,
    )
