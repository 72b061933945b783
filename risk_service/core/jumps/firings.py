"""The days on which a rule fires, with how unusual each was."""

from __future__ import annotations

import numpy as np
import pandas as pd

from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.judge import fires
from risk_service.core.jumps.known import Known
from risk_service.core.jumps.rules import Jump, Rule
from risk_service.core.jumps.scores import scores

COLUMNS = ("day", "direction", "value_from", "value_to", "score", "threshold", "past_share")
SIGNS = {"escalation": 1.0, "thaw": -1.0}


def firings(
    rule: Rule, known: Known, days: pd.DatetimeIndex, threshold: float | Floats
) -> pd.DataFrame:
    """Every firing of one series, oldest first; causal in ``days``.

    Parameters
    ----------
    known
        One series (T, 1) of the days.
    threshold
        One, or one a day (T,); infinite on days that are not to fire.

    Returns
    -------
    DataFrame
        ``COLUMNS``. ``value_from`` is the index so many days before as a jump compares, else the
        day before, NaN where that is a gap. ``score`` is in the threshold's unit, at least the
        threshold. ``past_share`` is the share of earlier judged days with as high a score.
    """
    signed = scores(rule, known)
    by_day = np.broadcast_to(np.asarray(threshold, np.float64), (len(days),))
    span = rule.days if isinstance(rule, Jump) else 1
    found = []
    for direction in rule.timing.directions:
        started, held = _one_way(rule, SIGNS[direction] * signed, by_day)
        for day in np.flatnonzero(started).tolist():
            past = held[:day][~np.isnan(held[:day])]
            found.append(
                {
                    "day": days[day],
                    "direction": direction,
                    "value_from": known.before[span][day, 0],
                    "value_to": known.values[day, 0],
                    "score": held[day],
                    "threshold": by_day[day],
                    "past_share": float((past >= held[day]).mean()) if len(past) else np.nan,
                }
            )
    table = pd.DataFrame(found, columns=list(COLUMNS)).astype(
        {"day": "datetime64[us]", "direction": "str", **dict.fromkeys(COLUMNS[2:], "float64")}
    )
    return table.sort_values(["day", "direction"]).reset_index(drop=True)


def _one_way(rule: Rule, towards: Floats, by_day: Floats) -> tuple[Floats, Floats]:
    days = list(fires(rule, towards, by_day[:, None, None]))
    started = np.array([one[0, 0] for one, _ in days], np.float64)
    return started, np.array([held[0, 0] for _, held in days], np.float64)
