"""When the news was watched: what an honest answer must know before any number.

A watch is a span of time over which some origin of events was being read. Beyond the last watch
nobody knows, and a day between two watches is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, delete, func, select

from risk_service.store.feeds import FeedState, all_feeds
from risk_service.store.tables import watches
from risk_service.store.upsert import insert_new

QUORUM_WITHIN = timedelta(hours=1)
"""A feed read within this long counts as working."""
KNOWN_WITHIN = timedelta(days=1)
"""Feeds not even attempted for this long are no longer followed."""
ALL = "*"
"""Stands for every dyad: live feeds carry the news of all."""


def record_watch(
    conn: Connection,
    origin: str,
    starts: datetime,
    ends: datetime,
    bridge: timedelta,
    dyad: str = ALL,
) -> None:
    """Note that an origin was read for a dyad's news from ``starts`` to ``ends``.

    Spans of one origin and dyad that lie within ``bridge`` of one another become one.
    """
    near = (
        (watches.c.dyad == dyad)
        & (watches.c.origin == origin)
        & (watches.c.starts_at <= ends + bridge)
        & (watches.c.ends_at >= starts - bridge)
    )
    query = select(func.min(watches.c.starts_at), func.max(watches.c.ends_at)).where(near)
    first, last = conn.execute(query).one()
    if first is not None:
        starts, ends = min(starts, first), max(ends, last)
        conn.execute(delete(watches).where(near))
    row = {"dyad": dyad, "origin": origin, "starts_at": starts, "ends_at": ends}
    insert_new(conn, watches, [row])


def record_archive(
    conn: Connection, origin: str, moments: Sequence[datetime], bridge: timedelta, dyad: str
) -> None:
    """Note what a dyad's events say of when their origin was read.

    Events of one origin at most ``bridge`` apart were read by somebody who went on reading.
    """
    ordered = sorted(moments)
    starts = [0, *(i for i in range(1, len(ordered)) if ordered[i] - ordered[i - 1] > bridge)]
    for start, stop in zip(starts, [*starts[1:], len(ordered)], strict=True):
        record_watch(conn, origin, ordered[start], ordered[stop - 1], bridge, dyad)


def followed_feeds(conn: Connection, now: datetime) -> list[FeedState]:
    """The news feeds that were at least attempted within the last day."""
    return [
        feed
        for feed in all_feeds(conn)
        if not feed.name.startswith("prices:")
        and feed.attempted_at is not None
        and now - feed.attempted_at <= KNOWN_WITHIN
    ]


def feeds_are_watched(conn: Connection, now: datetime) -> bool:
    """Whether at least half of the news feeds that are followed were read within the hour."""
    followed = followed_feeds(conn, now)
    working = [
        feed
        for feed in followed
        if feed.succeeded_at is not None and now - feed.succeeded_at <= QUORUM_WITHIN
    ]
    return bool(followed) and 2 * len(working) >= len(followed)


def watched_until(conn: Connection, dyad: str, now: datetime) -> datetime | None:
    """The end of the last watch, at most ``now``; None where nothing was ever read.

    Beyond it nobody knows: the index is not carried on over an outage.
    """
    query = select(func.max(watches.c.ends_at)).where(
        watches.c.dyad.in_([dyad, ALL]), watches.c.starts_at <= now
    )
    last: datetime | None = conn.execute(query).scalar()
    return None if last is None else min(last, now)


def first_watched(conn: Connection, dyad: str) -> datetime | None:
    """The beginning of the first watch; None where nothing was ever read."""
    query = select(func.min(watches.c.starts_at)).where(watches.c.dyad.in_([dyad, ALL]))
    first: datetime | None = conn.execute(query).scalar()
    return first


def were_watched(conn: Connection, dyad: str, moments: pd.DatetimeIndex) -> list[bool]:
    """For each moment, whether some watch holds it, both its ends included."""
    query = select(watches.c.starts_at, watches.c.ends_at).where(watches.c.dyad.in_([dyad, ALL]))
    spans = conn.execute(query.order_by(watches.c.starts_at)).all()
    if not spans:
        return [False] * len(moments)
    starts = pd.DatetimeIndex([start for start, _ in spans]).as_unit("us")
    # Of the spans that have begun, the one that ends last holds the moment if any does.
    ends = pd.Series([end for _, end in spans]).cummax()
    begun = starts.searchsorted(moments.as_unit("us"), side="right") - 1
    return [bool(n >= 0 and moment <= ends[n]) for n, moment in zip(begun, moments, strict=True)]
