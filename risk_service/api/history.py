"""The index over time: settled days, whole weeks of them, and hours computed on demand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection

from risk_service.api.deps import midnight
from risk_service.api.problems import invalid
from risk_service.core.dyads import THEMES
from risk_service.core.index import index_at
from risk_service.desk import Desk
from risk_service.settle import STORY_REACH, end_of, relative
from risk_service.store.events import scored_events
from risk_service.store.index import base_of, read_days

VALUES = (
    "risk_index", "low", "high", "net_escalation", "escalation_index", "thaw_index", "threats",
    "acts", "attention", "coverage", "events", "stories", *THEMES,
)  # fmt: skip
FACTS = ("vintage", "known_at", "reconstructed", "model_version", "method_version")
LONGEST_HOURLY = timedelta(days=31)
DEFAULT_HOURLY = timedelta(days=7)


def daily(
    conn: Connection, dyad: str, since: date | None, until: date | None, as_of: datetime | None
) -> pd.DataFrame:
    """The settled days of a span: day, ``VALUES``, ``FACTS``."""
    days = read_days(conn, dyad, since, until, as_of)
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


def hourly(
    conn: Connection, desk: Desk, dyad: str, since: date, until: date, last: datetime
) -> pd.DataFrame:
    """The index at every full hour of the days in [since, until], from 01:00 to the next midnight.

    Computed from what is scored now, so marked as reconstructed, without vintage; no hour lies
    after ``last``. The midnight that ends a day agrees with that day's newest vintage.

    Raises
    ------
    Problem
        422 for a span of more than 31 days.
    """
    if until - since >= LONGEST_HOURLY:
        raise invalid("to", "hours are told for at most 31 days; ask for 1d, or for a shorter span")
    first = midnight(since) + timedelta(hours=1)
    hours = pd.date_range(first, min(end_of(until), last), freq="h", tz=UTC)
    events = scored_events(
        conn, dyad, desk.classifier.version,
        first - desk.method.window - STORY_REACH, min(end_of(until), last),
    )  # fmt: skip
    table = index_at(events, hours, desk.method).rename_axis("time").reset_index()
    base = base_of(conn, dyad, desk.method.version, desk.classifier.version) or (None, None)
    table = table.assign(
        escalation_index=[relative(value, base[0]) for value in table["escalation"]],
        thaw_index=[relative(value, base[1]) for value in table["thaw"]],
        events=table["events"].astype("int64"),
        stories=table["stories"].astype("int64"),
        vintage=None,
        known_at=pd.NaT,
        reconstructed=True,
        model_version=desk.classifier.version,
        method_version=desk.method.version,
    )
    return table[["time", *VALUES, *FACTS]]


def _joined(values: pd.Series[str]) -> str:
    return "+".join(dict.fromkeys(values))
