"""When the news was watched: what an honest answer must know before any number.

A watch is a span of time over which some origin of events was being read. Beyond the last watch
nobody knows, and a day between two watches is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, delete, func, select

from risk_service.store.feeds import all_feeds
from risk_service.store.tables import watches
from risk_service.store.upsert import insert_new

QUORUM_WITHIN = timedelta(hours=1)
"""A feed read within this long counts as working."""
KNOWN_WITHIN = timedelta(days=1)
"""Feeds not even attempted for this long are no longer followed."""


def record_watch(
    conn: Connection, origin: str, starts: datetime, ends: datetime, bridge: timedelta
) -> None:
    """Note that an origin was read from ``starts`` to ``ends``.

    Spans of one origin that lie within ``bridge`` of one another become one.
    """
    near = (
        (watches.c.origin == origin)
        & (watches.c.starts_at <= ends + bridge)
        & (watches.c.ends_at >= starts - bridge)
    )
    query = select(func.min(watches.c.starts_at), func.max(watches.c.ends_at)).where(near)
    first, last = conn.execute(query).one()
    if first is not None:
        starts, ends = min(starts, first), max(ends, last)
        conn.execute(delete(watches).where(near))
    insert_new(conn, watches, [{"origin": origin, "starts_at": starts, "ends_at": ends}])


def record_archive(
    conn: Connection, origin: str, moments: Sequence[datetime], bridge: timedelta
) -> None:
    """Note what events that came in bulk say of when their origin was read.

    Events of one origin at most ``bridge`` apart were read by somebody who went on reading.
    """
    ordered = sorted(moments)
    starts = [0, *(i for i in range(1, len(ordered)) if ordered[i] - ordered[i - 1] > bridge)]
    for start, stop in zip(starts, [*starts[1:], len(ordered)], strict=True):
        record_watch(conn, origin, ordered[start], ordered[stop - 1], bridge)


def feeds_are_watched(conn: Connection, now: datetime) -> bool:
    """Whether at least half of the news feeds that are followed were read within the hour."""
    followed = [
        feed
        for feed in all_feeds(conn)
        if not feed.name.startswith("prices:")
        and feed.attempted_at is not None
        and now - feed.attempted_at <= KNOWN_WITHIN
    ]
    working = [
        feed
        for feed in followed
        if feed.succeeded_at is not None and now - feed.succeeded_at <= QUORUM_WITHIN
    ]
    return bool(followed) and 2 * len(working) >= len(followed)


def watched_until(conn: Connection, now: datetime) -> datetime | None:
    """The end of the last watch, at most ``now``; None where nothing was ever read.

    Beyond it nobody knows: the index is not carried on over an outage.
    """
    last: datetime | None = conn.execute(
        select(func.max(watches.c.ends_at)).where(watches.c.starts_at <= now)
    ).scalar()
    return None if last is None else min(last, now)


def first_watched(conn: Connection) -> datetime | None:
    """The beginning of the first watch; None where nothing was ever read."""
    first: datetime | None = conn.execute(select(func.min(watches.c.starts_at))).scalar()
    return first


def were_watched(conn: Connection, moments: pd.DatetimeIndex) -> list[bool]:
    """For each moment, whether some watch holds it, both its ends included."""
    spans = conn.execute(select(watches.c.starts_at, watches.c.ends_at)).all()
    return [any(start <= moment <= end for start, end in spans) for moment in moments]
