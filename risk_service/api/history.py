"""The index over time: settled days, whole weeks of them, and hours computed on demand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection

from risk_service.api.deps import midnight
from risk_service.api.problems import invalid
from risk_service.core.dyads import THEMES
from risk_service.core.index import index_at
from risk_service.desk import Desk
from risk_service.settle import STORY_REACH, end_of
from risk_service.store.events import scored_events
from risk_service.store.index import base_of, read_days

VALUES = (
    "risk_index", "low", "high", "net_escalation", "escalation_index", "thaw_index", "threats",
    "acts", "attention", "pressure", "coverage", "events", "stories", *THEMES,
)  # fmt: skip
FACTS = ("vintage", "known_at", "reconstructed", "model_version", "method_version")
LONGEST_HOURLY = timedelta(days=31)
DEFAULT_HOURLY = timedelta(days=7)
_NO_BASE = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Span:
    """Which days are meant, and whether whole weeks of them; None is no bound.

    ``as_of`` is the moment at which they were known.
    """

    dyad: str
    since: date | None
    until: date | None
    as_of: datetime | None
    weekly: bool


def days(conn: Connection, span: Span) -> pd.DataFrame:
    """The settled days of a span, or its weeks: day, ``VALUES``, ``FACTS``."""
    table = daily(read_days(conn, span.dyad, span.since, span.until, span.as_of))
    return weekly(table) if span.weekly else table


def daily(days: pd.DataFrame) -> pd.DataFrame:
    """What ``read_days`` gives, in the types and columns of an answer."""
    counts = {name: days[name].astype("int64") for name in ("events", "stories")}
    known = pd.to_datetime(days["known_at"], utc=True)
    bases = {name: days[name].astype(float) for name in ("escalation_index", "thaw_index")}
    days = days.assign(known_at=known, day=pd.to_datetime(days["day"]), **counts, **bases)
    return days[["day", *VALUES, *FACTS]]


def weekly(days: pd.DataFrame) -> pd.DataFrame:
    """Means of the settled days of each complete ISO week, Monday to Sunday.

    ``day`` is the Monday; vintage and known_at are the latest of the seven, reconstructed says
    whether any of them is.

    >>> weekly(pd.DataFrame(columns=["day", *VALUES, *FACTS])).empty
    True
    """
    monday = pd.to_datetime(days["day"]).dt.to_period("W-SUN").dt.start_time
    weeks = days.groupby(monday)
    table = weeks[list(VALUES)].mean()
    table = table.join(weeks[["vintage", "known_at", "reconstructed"]].max())
    table = table.join(weeks[["model_version", "method_version"]].agg(_joined))
    return table[weeks.size() == 7].rename_axis("day").reset_index()


def hours_span(dyad: str, days: tuple[date | None, date | None], last: datetime) -> Span:
    """The days whose hours are meant: those asked for, else the seven before ``last``.

    Raises
    ------
    Problem
        422 for a span of more than 31 days.
    """
    since, until = days
    # A span that has not come starts and ends where it is asked for, and has no hours.
    until = until or max(last.date(), since or last.date())
    since = since or until - DEFAULT_HOURLY + timedelta(days=1)
    if until - since >= LONGEST_HOURLY:
        raise invalid("to", "hours are told for at most 31 days; ask for 1d, or for a shorter span")
    return Span(dyad, since, until, last, weekly=False)


def hourly(
    conn: Connection, desk: Desk, span: Span, scored_by: datetime | None = None
) -> pd.DataFrame:
    """The index at every full hour of a span's days, from 01:00 to the next midnight.

    Computed anew, so marked as reconstructed, without vintage; no hour lies after ``span.as_of``.
    ``scored_by`` leaves out what was scored here after that moment; without it the midnight that
    ends a day agrees with that day's newest vintage.
    """
    assert span.since and span.until and span.as_of
    first = midnight(span.since) + timedelta(hours=1)
    last = min(end_of(span.until), span.as_of)
    hours = pd.date_range(first, last, freq="h")
    reach = first - desk.method.window - STORY_REACH
    events = scored_events(conn, span.dyad, desk.classifier.version, reach, last, scored_by)
    table = index_at(events, hours, desk.method).rename_axis("time").reset_index()
    base = base_of(conn, span.dyad, desk.method.version, desk.classifier.version) or _NO_BASE
    table = table.assign(
        escalation_index=100 * table["escalation"] / base[0],
        thaw_index=100 * table["thaw"] / base[1],
        events=table["events"].astype("int64"),
        stories=table["stories"].astype("int64"),
        vintage=None,
        known_at=pd.Series(pd.NaT, table.index, dtype="datetime64[us, UTC]"),
        reconstructed=True,
        model_version=desk.classifier.version,
        method_version=desk.method.version,
    )
    return table[["time", *VALUES, *FACTS]]


def _joined(values: pd.Series[str]) -> str:
    return "+".join(dict.fromkeys(values))
