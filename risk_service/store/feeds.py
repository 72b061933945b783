"""How each feed fares, where it left off, and the rows that were set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, select

from risk_service.feeds.contract import storable
from risk_service.store.tables import feeds, set_aside
from risk_service.store.upsert import insert_into, insert_or_replace

MAX_ERROR = 1_000
FEED_STATE = (
    feeds.c.name, feeds.c.attempted_at, feeds.c.succeeded_at, feeds.c.failures, feeds.c.error
)  # fmt: skip
"""The columns of a ``FeedState``."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """Last attempt, last success, failures in a row since, and what the last of them said."""

    name: str
    attempted_at: datetime | None
    succeeded_at: datetime | None
    failures: int
    error: str | None


class SetAside(Protocol):
    """A row that was not taken, and why; equal keys are the same row."""

    @property
    def key(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def locator(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def raw(self) -> str: ...


def record_success(
    conn: Connection, name: str, now: datetime, cursor: Mapping[str, Any] | None
) -> None:
    """The feed was read at ``now``; the next reading goes on from ``cursor``."""
    row = {
        "name": name,
        "attempted_at": now,
        "succeeded_at": now,
        "failures": 0,
        "error": None,
        "cursor": None if cursor is None else dict(cursor),
    }
    insert_or_replace(conn, feeds, [row])


def record_failure(conn: Connection, name: str, now: datetime, error: str) -> None:
    """The feed could not be read; its cursor and last success stay as they are."""
    said = storable(error, MAX_ERROR)
    statement = insert_into(conn, feeds).values(name=name, attempted_at=now, failures=1, error=said)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"attempted_at": now, "failures": feeds.c.failures + 1, "error": said},
        )
    )


def cursor_of(conn: Connection, name: str) -> dict[str, Any] | None:
    """Where the feed's last successful reading left off; None before the first."""
    cursor: dict[str, Any] | None = conn.execute(
        select(feeds.c.cursor).where(feeds.c.name == name)
    ).scalar()
    return cursor


def all_feeds(conn: Connection) -> list[FeedState]:
    """Every feed ever attempted, by name."""
    query = select(*FEED_STATE).order_by(feeds.c.name)
    return [FeedState(*row) for row in conn.execute(query)]


def put_aside(conn: Connection, rows: Iterable[SetAside], now: datetime) -> None:
    """Keep rows that were not taken, each once; one seen again gets the newer reason and time."""
    kept = {
        row.key: {
            "key": row.key,
            "origin": row.origin,
            "locator": row.locator,
            "reason": row.reason,
            "raw": row.raw,
            "seen_at": now,
        }
        for row in rows
    }
    insert_or_replace(conn, set_aside, list(kept.values()))
