"""Until when the news was watched: what an honest answer must say before any number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from risk_service.store.events import newest_relevant
from risk_service.store.tables import feeds


def watched_until(conn: Connection, dyad: str, now: datetime) -> datetime | None:
    """The later of the newest relevant event and the last reading of a news feed that worked.

    Beyond it nobody knows: the index is not carried on over an outage. None where nothing came.
    """
    read = conn.execute(
        select(func.max(feeds.c.succeeded_at)).where(feeds.c.name.not_like("prices:%"))
    ).scalar()
    moments = [m for m in (newest_relevant(conn, dyad, now), read) if m is not None]
    return min(max(moments), now) if moments else None
