"""The log of the stream: appended to in the transaction of what it tells, and read by id.

Ids have no gaps, and stand in the order in which they become visible. A sequence cannot give that:
of two transactions the one with the higher id may commit first, and a reader who has gone past it
never sees the lower. So ids come from one row that is updated with them: its lock is held until
the commit, and the next writer gets higher ids only when the lower ones can be read (PostgreSQL
makes a transaction visible before it lets go of its locks; SQLite has one writer at a time). What
is undone gives its ids back. The lock is short where ids are taken last in a transaction, which is
also what keeps two writers from waiting for each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select

from risk_service.store.alert_tables import alert_rules, alerts
from risk_service.store.stream_tables import stream_clock, stream_log
from risk_service.store.upsert import insert_into

KINDS = ("index", "story", "alert")
_ONLY = "stream"
_ALERT = (
    alerts.c.id, alerts.c.rule_id, alert_rules.c.name.label("rule"), alerts.c.dyad, alerts.c.state,
    alerts.c.direction, alerts.c.severity, alerts.c.started_at, alerts.c.resolved_at,
    alerts.c.acknowledged_at, alerts.c.acknowledged_by, alerts.c.held_back, alerts.c.payload,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to tell: its kind, the dyad and the thing it is about, and plain data."""

    kind: str
    dyad: str
    key: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the log; ``data`` is its JSON."""

    id: int
    kind: str
    dyad: str
    data: str


def take_ids(conn: Connection, count: int) -> int:
    """Take the next ids and give the last of them; every other writer waits for our commit.

    With 0 nothing is taken, but others wait all the same: for those who look before they append.
    """
    statement = insert_into(conn, stream_clock).values(name=_ONLY, last_id=count)
    statement = statement.on_conflict_do_update(
        index_elements=["name"], set_={"last_id": stream_clock.c.last_id + count}
    )
    return int(conn.execute(statement.returning(stream_clock.c.last_id)).scalar_one())


def append(conn: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Append entries to the log. Call it last in a transaction: others wait from here on."""
    if not entries:
        return
    first = take_ids(conn, len(entries)) - len(entries) + 1
    rows = [
        {
            "id": first + n,
            "at": now,
            "kind": entry.kind,
            "dyad": entry.dyad,
            "key": entry.key,
            "data": as_sent(entry.data),
        }
        for n, entry in enumerate(entries)
    ]
    conn.execute(insert(stream_log), rows)


def as_sent(data: Mapping[str, Any]) -> str:
    """Data as JSON in one line; moments in UTC.

    >>> from datetime import UTC
    >>> as_sent({"at": datetime(2025, 3, 1, tzinfo=UTC), "known": None})
    '{"at":"2025-03-01T00:00:00Z","known":null}'
    """
    return orjson.dumps(data, option=orjson.OPT_UTC_Z).decode()


def told_after(conn: Connection, after: int, limit: int) -> list[Told]:
    """The entries after an id, in order, at most ``limit``."""
    query = (
        select(stream_log.c.id, stream_log.c.kind, stream_log.c.dyad, stream_log.c.data)
        .where(stream_log.c.id > after)
        .order_by(stream_log.c.id)
        .limit(limit)
    )
    return [Told(*row) for row in conn.execute(query)]


def last_id(conn: Connection) -> int:
    """The id given last; 0 where nothing was ever told."""
    return int(conn.execute(select(stream_clock.c.last_id)).scalar() or 0)


def oldest_id(conn: Connection) -> int:
    """The oldest id still in the log; where the log is empty, the next one."""
    oldest = conn.execute(select(func.min(stream_log.c.id))).scalar()
    return last_id(conn) + 1 if oldest is None else int(oldest)


def newest_of(conn: Connection, kind: str, dyad: str, keys: Sequence[str]) -> dict[str, Any]:
    """The data told last of each key, where it is still in the log."""
    newest = (
        select(func.max(stream_log.c.id))
        .where(
            stream_log.c.kind == kind, stream_log.c.dyad == dyad, stream_log.c.key.in_(list(keys))
        )
        .group_by(stream_log.c.key)
    )
    query = select(stream_log.c.key, stream_log.c.data).where(stream_log.c.id.in_(newest))
    return {row.key: orjson.loads(row.data) for row in conn.execute(query)}


def forget_before(conn: Connection, moment: datetime) -> int:
    """Leave out of the log what was told before a moment; returns how many entries."""
    return conn.execute(delete(stream_log).where(stream_log.c.at < moment)).rowcount


def tell_alerts(conn: Connection, ids: Sequence[str], now: datetime) -> None:
    """Tell alerts as they stand in this transaction; one told last just so is not told again.

    Call it last in a transaction, as ``append``.
    """
    take_ids(conn, 0)
    query = select(*_ALERT).join(alert_rules).where(alerts.c.id.in_(list(ids)))
    told = [_alert(dict(row._mapping)) for row in conn.execute(query.order_by(alerts.c.started_at))]
    entries = []
    for data in told:
        before = newest_of(conn, "alert", data["dyad"], [data["id"]]).get(data["id"])
        if before != orjson.loads(as_sent(data)):
            entries.append(Entry("alert", data["dyad"], data["id"], data))
    append(conn, entries, now)


def open_alerts(conn: Connection, dyad: str) -> list[dict[str, Any]]:
    """The alerts of a dyad that fire now, as they are told; oldest first."""
    query = select(*_ALERT).join(alert_rules)
    query = query.where(alerts.c.dyad == dyad, alerts.c.state == "firing")
    rows = conn.execute(query.order_by(alerts.c.started_at, alerts.c.id))
    return [_alert(dict(row._mapping)) for row in rows]


def _alert(row: dict[str, Any]) -> dict[str, Any]:
    # Names of columns are not plain text, which orjson asks for.
    told = {str(name): value for name, value in row.items()}
    payload = told.pop("payload") or {}
    return {**told, "headline": (payload.get("data") or {}).get("headline")}
