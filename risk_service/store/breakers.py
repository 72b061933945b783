"""Circuit breakers kept in the database, so that all replicas leave a refusing source alone.

A breaker without a row is closed: the source may be asked. A refusal opens it for a minute, twice
as long for each further one in a row up to six hours, or for as long as the source itself asks.
When that is over a single caller may try once (it holds the trial for five minutes); an answer
closes the breaker for everybody, a refusal opens it for longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from risk_service.feeds.contract import storable
from risk_service.store.breaker_table import breakers
from risk_service.store.upsert import insert_or_replace

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=6)
TRIAL = timedelta(minutes=5)
MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class Open:
    """A breaker that is open: until when, after how many refusals in a row, and what was said."""

    until: datetime
    refusals: int
    reason: str


def rest_after(refusals: int, asked: timedelta | None = None) -> timedelta:
    """How long a source is left alone after so many refusals in a row.

    Parameters
    ----------
    refusals
        From 1 on.
    asked
        What the source asked for; more than a day of it is not believed.

    Examples
    --------
    >>> [rest_after(n) // timedelta(minutes=1) for n in (1, 2, 5, 30)]
    [1, 2, 16, 360]
    >>> rest_after(1, timedelta(hours=2)) // timedelta(minutes=1)
    120
    """
    own = min(FIRST_REST * (1 << min(refusals - 1, 20)), LONGEST_REST)
    return max(own, min(asked or timedelta(0), timedelta(days=1)))


def look_through(conn: Connection, name: str, now: datetime) -> Open | None:
    """None where the source may be asked now; it must then be told how that went."""
    row = conn.execute(select(breakers).where(breakers.c.name == name)).first()
    if row is None:
        return None
    if row.open_until <= now:
        taken = update(breakers).where(
            breakers.c.name == name, breakers.c.open_until == row.open_until
        )
        if conn.execute(taken.values(open_until=now + TRIAL)).rowcount == 1:
            return None
        return Open(now + TRIAL, row.refusals, row.reason)
    return Open(row.open_until, row.refusals, row.reason)


def note_refusal(
    conn: Connection, name: str, now: datetime, reason: str, asked: timedelta | None
) -> None:
    """The source refused: open the breaker, for longer than the last time."""
    query = select(breakers.c.refusals).where(breakers.c.name == name).with_for_update()
    refusals = (conn.execute(query).scalar() or 0) + 1
    row = {
        "name": name,
        "refusals": refusals,
        "open_until": now + rest_after(refusals, asked),
        "reason": storable(reason, MAX_REASON),
        "refused_at": now,
    }
    insert_or_replace(conn, breakers, [row])


def note_answer(conn: Connection, name: str) -> None:
    """The source answered: close the breaker."""
    conn.execute(delete(breakers).where(breakers.c.name == name))
