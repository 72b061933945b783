"""What a rule would have done: past firings, and false alarms a quarter.

A preview is of settled days. A rule that is kept is judged live, within the day, and is rated so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Connection

from risk_service.core.jumps import (
    FalseAlarms,
    Rule,
    calendar,
    calibrate,
    false_alarms,
    firings,
    judged_live,
    known_then,
    quiet_of,
    within_day,
)
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.series import on_scale
from risk_service.store.index import read_days

Told = Literal["known", "newest"]
Judged = Literal["settled", "live"]
_NAMES = ["day", "vintage", "known_at", "risk_index"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule and how its threshold is come by.

    Parameters
    ----------
    threshold
        In the rule's unit; None: the one for at most ``max_false_alarms`` a quarter.
    calibrated_before
        False alarms are told from the days before this one; None: from all that are settled.
    told
        ``known``: each day as first told; ``newest``: as later reports and models see it now.
    """

    rule: Rule
    threshold: float | None = None
    max_false_alarms: float = 1.0
    calibrated_before: date | None = None
    told: Told = "known"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have done.

    ``firings`` has the columns of ``core.jumps.firings`` and ``in_sample``: whether the day is one
    that the false alarms were told from. ``expected`` is None, and ``unknown_because`` says why,
    where history is too short; ``days`` are judged days, ``gaps`` days between that never settled.
    """

    threshold: float
    expected: FalseAlarms | None
    unknown_because: str | None
    calibrated_before: date
    firings: pd.DataFrame
    first_day: date
    last_day: date
    days: int
    gaps: int


def read_vintages(
    conn: Connection, dyad: str, told: Told = "known", series: str = "risk"
) -> pd.DataFrame:
    """The settled days of a dyad: day, vintage, known_at, risk_index; all vintages if ``known``.

    ``risk_index`` is another series where one is asked for; ValueError for one that is not known.
    """
    days = read_days(conn, dyad, every=told == "known")
    return days.assign(risk_index=on_scale(series, days))[_NAMES]


@dataclass(frozen=True, slots=True)
class Rated:
    """A threshold and its false alarms; None and why, where history is too short to tell them."""

    threshold: float
    expected: FalseAlarms | None
    unknown_because: str | None


def preview(vintages: pd.DataFrame, asked: Asked) -> Preview:
    """Judge every settled day as it was known then.

    Raises
    ------
    ValueError
        "field: message" where no day is settled, or where history is too short for the threshold
        that is asked for.
    """
    if vintages.empty:
        raise ValueError("dyad: no day is settled yet")
    days, known = calendar(vintages), known_then(vintages)
    before = asked.calibrated_before or (days[-1] + pd.Timedelta(days=1)).date()
    earlier = days < pd.Timestamp(before)
    rated = _rated(known.values[earlier, 0], asked, asked.max_false_alarms)
    found = firings(asked.rule, known, days, rated.threshold)
    settled = len(known.values) - int(pd.isna(known.values).sum())
    return Preview(
        rated.threshold,
        rated.expected,
        rated.unknown_because,
        before,
        found.assign(in_sample=found["day"] < pd.Timestamp(before)),
        days[0].date(),
        days[-1].date(),
        settled,
        len(days) - settled,
    )


def rate(vintages: pd.DataFrame, asked: Asked) -> Rated:
    """The threshold of a rule that is judged live, and its false alarms, judged so.

    The threshold that is found keeps ``max_false_alarms`` within the day: of settled days it is
    that for so many times fewer as ``within_day`` tells.

    Raises
    ------
    ValueError
        As ``preview``.
    """
    if vintages.empty and asked.threshold is not None:
        return Rated(asked.threshold, None, "no day is settled yet")
    if vintages.empty:
        raise ValueError("dyad: no day is settled yet")
    history = history_before(vintages, asked.calibrated_before)
    rated = _rated(history, asked, asked.max_false_alarms / within_day(asked.rule))
    expected = None if rated.expected is None else judged_live(asked.rule, rated.expected)
    return replace(rated, expected=expected)


def history_before(vintages: pd.DataFrame, before: date | None) -> Floats:
    """The days (T,) before one, or all of them, each as first told; at least one is settled."""
    days, values = calendar(vintages), known_then(vintages).values[:, 0]
    return values[days < pd.Timestamp(before)] if before else values


def stated(expected: FalseAlarms, judged: Judged) -> dict[str, Any]:
    """False alarms as they are kept and answered: with what judging they are of."""
    return {**asdict(expected), "judged": judged}


def told(rated: Rated) -> dict[str, Any]:
    """What is kept of a live rule's false alarms: the rate, or why it is unknown."""
    if rated.expected is None:
        return {"unknown_because": rated.unknown_because}
    return stated(rated.expected, "live")


def _rated(history: Floats, asked: Asked, most: float) -> Rated:
    threshold = asked.threshold
    try:
        quiet = quiet_of(history, asked.seed)
        if threshold is None:
            threshold = calibrate(asked.rule, most, quiet)
        return Rated(threshold, false_alarms(asked.rule, threshold, quiet), None)
    except ValueError as error:
        if threshold is None:
            raise
        return Rated(threshold, None, str(error).partition(": ")[2] or str(error))
