"""Jumps of the index: rules as data, judged without look-ahead, with their false alarms stated.

>>> import numpy as np, pandas as pd
>>> from risk_service.core.jumps import Jump, Known, firings
>>> index = 50 + np.tile([-0.5, 0.5], 50)
>>> index[90:] += 20
>>> days = pd.date_range("2025-01-01", periods=100)
>>> found = firings(Jump(1), Known.of_paths(index[:, None]), days, threshold=6.0)
>>> [(str(one.day.date()), one.direction) for one in found.itertuples()]
[('2025-04-01', 'escalation')]

Method, formulas, papers and how quick the rules are: docs/alerts.md.
"""

from risk_service.core.jumps.calibration import (
    FalseAlarms,
    Quiet,
    calibrate,
    false_alarms,
    quiet_of,
    quiet_of_habits,
    rates_of,
    threshold_of,
)
from risk_service.core.jumps.firings import SIGNS, firings
from risk_service.core.jumps.judge import fires
from risk_service.core.jumps.known import Known, calendar, known_then
from risk_service.core.jumps.paths import Habits, habits_of, quiet_paths
from risk_service.core.jumps.rules import (
    DEFAULT_SET,
    DEFAULTS,
    DIRECTIONS,
    Default,
    Direction,
    Drift,
    Jump,
    Level,
    Rule,
    Timing,
)
from risk_service.core.jumps.scores import scores
from risk_service.core.jumps.within_day import WITHIN_DAY, judged_live, within_day
from risk_service.core.jumps.yearly import Yearly, of_january, quiet_before, yearly

__all__ = [
    "DEFAULTS",
    "DEFAULT_SET",
    "DIRECTIONS",
    "SIGNS",
    "WITHIN_DAY",
    "Default",
    "Direction",
    "Drift",
    "FalseAlarms",
    "Habits",
    "Jump",
    "Known",
    "Level",
    "Quiet",
    "Rule",
    "Timing",
    "Yearly",
    "calendar",
    "calibrate",
    "false_alarms",
    "fires",
    "firings",
    "habits_of",
    "judged_live",
    "known_then",
    "of_january",
    "quiet_before",
    "quiet_of",
    "quiet_of_habits",
    "quiet_paths",
    "rates_of",
    "scores",
    "threshold_of",
    "within_day",
    "yearly",
]
