"""Events that wait to be assessed, by when they were published and where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from risk_service.core.events import EVENT_COLUMNS, Event
from risk_service.store.tables import events

Waiting = tuple[int, Event, str]
"""Id, event and origin."""


def live_waiting(
    conn: Connection, since: datetime, archives: Sequence[str], limit: int
) -> list[Waiting]:
    """The newest waiting events published since a moment, of other origins than ``archives``; at
    most ``limit``, in order of publication.
    """
    query = _waiting().where(events.c.published_at >= since, events.c.origin.not_in(list(archives)))
    newest = query.order_by(events.c.published_at.desc(), events.c.id.desc()).limit(limit)
    return _read(conn, newest)[::-1]


def waiting_between(conn: Connection, start: datetime, end: datetime, limit: int) -> list[Waiting]:
    """Waiting events published in a span, both ends included; at most ``limit``, in order."""
    query = _waiting().where(events.c.published_at.between(start, end))
    return _read(conn, query.order_by(events.c.published_at, events.c.id).limit(limit))


def _waiting() -> Select[Any]:
    columns = (events.c[name] for name in EVENT_COLUMNS)
    return select(events.c.id, events.c.origin, *columns).where(events.c.assessed_with.is_(None))


def _read(conn: Connection, query: Select[Any]) -> list[Waiting]:
    return [(row[0], Event(*row[2:]), row[1]) for row in conn.execute(query)]
