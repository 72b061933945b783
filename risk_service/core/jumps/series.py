"""What rules may watch, each on the index's own scale: 50 is neither, and a point is a risk point.

``risk`` is the index. ``escalation`` is 50 plus what escalation adds to it and ``thaw`` is 50 less
what thaw takes off, so that their distances from 50 add up to the index's; ``theme:<name>`` is 50
plus what the theme's news adds, either way. ``pressure`` is 50 plus ten times the sum of all
decayed news, escalation less thaw: a point is a tenth of one sure report, and it ends at no 0 or
100. ``sector:<name>`` is no index: 100 times the logarithm of the sector's level, so that a move of
a point is one of about a per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from risk_service.core.dyads import THEMES
from risk_service.core.jumps.rules import NEITHER

PARTS = ("risk", "escalation", "thaw", "pressure", *(f"theme:{theme}" for theme in THEMES))
SECTOR = "sector:"
_PRESSURE_POINTS = 10.0


def on_scale(series: str, days: pd.DataFrame) -> pd.Series[float]:
    """A series of index days, columns ``risk_index``, ``escalation``, ``thaw``, ``pressure``
    and the themes.

    >>> days = pd.DataFrame({"escalation": [0.4], "thaw": [0.1], "energy": [-3.0]})
    >>> [float(on_scale(name, days)[0]) for name in ("escalation", "thaw", "theme:energy")]
    [70.0, 45.0, 47.0]

    Raises
    ------
    ValueError
        "series: message" for one that is not of the index.
    """
    check_part(series)
    if series == "risk":
        found = days["risk_index"]
    elif series == "escalation":
        found = NEITHER + NEITHER * days["escalation"]
    elif series == "thaw":
        found = NEITHER - NEITHER * days["thaw"]
    elif series == "pressure":
        found = NEITHER + _PRESSURE_POINTS * days["pressure"]
    else:
        found = NEITHER + days[series.removeprefix("theme:")]
    values: pd.Series[float] = found.astype(float)
    return values


def live_on_scale(series: str, answer: Mapping[str, Any]) -> float:
    """The same of the live index: ``risk_index``, ``pressure``, ``threats``, ``acts``,
    ``net_escalation`` and ``themes`` of ``live_answer``.
    """
    check_part(series)
    escalation = float(answer["threats"]) + float(answer["acts"])
    if series == "risk":
        return float(answer["risk_index"])
    if series == "pressure":
        return NEITHER + _PRESSURE_POINTS * float(answer["pressure"])
    if series == "escalation":
        return NEITHER + NEITHER * escalation
    if series == "thaw":
        return NEITHER - NEITHER * (escalation - float(answer["net_escalation"]))
    return NEITHER + float(answer["themes"][series.removeprefix("theme:")])


def check_part(series: str) -> None:
    """Raise ValueError for what is no part of the index."""
    if series not in PARTS:
        raise ValueError(f"series: {series!r} is not one of {', '.join(PARTS)}")
