"""Deliveries of alerts: put into the outbox, listed, and sent again by hand.

What takes them out of the outbox is in ``store/outbox.py``.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, literal, or_, select, update

from risk_service.store.alert_tables import alert_channels, deliveries
from risk_service.store.outbox import ORDER
from risk_service.store.tables import UtcDateTime
from risk_service.store.upsert import Row, insert_new

DELIVERY_COLUMNS = (
    "id", "channel_id", "alert_id", "act", "state", "attempts", "created_at", "next_at", "sent_at",
    "last_status", "last_error",
)  # fmt: skip
_COLUMNS = tuple(deliveries.c[name] for name in DELIVERY_COLUMNS)


def delivery_id(channel_id: str, alert_id: str | None, act: str) -> str:
    """The one id under which an act of an alert goes to a channel, however often it is sent.

    Without an alert (a test) each is an id of its own.

    >>> delivery_id("channel_a", "alert_b", "firing") == delivery_id("channel_a", "alert_b", "x")
    False
    >>> len(delivery_id("channel_a", None, "test"))
    36
    """
    key = f"{channel_id}/{alert_id or secrets.token_hex(16)}/{act}"
    return "msg_" + hashlib.sha256(key.encode()).hexdigest()[:32]


def queue_deliveries(
    conn: Connection,
    channel_ids: Sequence[str],
    alert_id: str | None,
    act: str,
    payload: Row,
    now: datetime,
) -> list[str]:
    """Queue one delivery for each channel that exists; what is queued already is left alone.

    Ids in the order of the channels. A channel that is disabled gets its delivery too, but a dead
    one: it is on record and can be sent when the channel works again.
    """
    chosen = alert_channels.c.id.in_(channel_ids), alert_channels.c.deleted_at.is_(None)
    query = select(alert_channels.c.id, alert_channels.c.disabled_because).where(*chosen)
    known = {row.id: row.disabled_because for row in conn.execute(query)}
    rows = [
        {
            "id": delivery_id(channel, alert_id, act),
            "channel_id": channel,
            "alert_id": alert_id,
            "act": act,
            "payload": payload,
            "state": "waiting" if known[channel] is None else "dead",
            "attempts": 0,
            "created_at": now,
            "next_at": now,
            "last_error": known[channel] and f"the channel is disabled: {known[channel]}",
        }
        for channel in dict.fromkeys(channel_ids)
        if channel in known
    ]
    insert_new(conn, deliveries, rows)
    return [str(row["id"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deliveries are asked for; None is any."""

    state: str | None = None
    channel: str | None = None
    alert: str | None = None


def page_of_deliveries(
    conn: Connection, asked: Asked, after: tuple[datetime, str] | None, limit: int
) -> list[Row]:
    """Deliveries without payload, newest first; ``after`` is the moment and id of the last."""
    query = select(*_COLUMNS)
    for column, value in (
        (deliveries.c.state, asked.state),
        (deliveries.c.channel_id, asked.channel),
        (deliveries.c.alert_id, asked.alert),
    ):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        moment = literal(after[0], UtcDateTime())
        same = and_(deliveries.c.created_at == moment, deliveries.c.id > after[1])
        query = query.where(or_(deliveries.c.created_at < moment, same))
    query = query.order_by(deliveries.c.created_at.desc(), deliveries.c.id).limit(limit)
    return [dict(zip(DELIVERY_COLUMNS, row, strict=True)) for row in conn.execute(query)]


def one_delivery(conn: Connection, id_: str) -> Row | None:
    """A delivery with its payload, or None."""
    columns = (*_COLUMNS, deliveries.c.payload)
    row = conn.execute(select(*columns).where(deliveries.c.id == id_)).first()
    return None if row is None else dict(zip((*DELIVERY_COLUMNS, "payload"), row, strict=True))


def send_again(conn: Connection, delivery: Row, now: datetime) -> None:
    """Let a dead delivery wait anew, from the start of its schedule and under its id.

    What followed it on the same channel and was tried before is sent again behind it: a firing
    that comes alone after its resolved one would open again what is over.
    """
    chosen = deliveries.c.id == delivery["id"]
    later = [act for act, rank in ORDER.items() if rank > ORDER.get(delivery["act"], len(ORDER))]
    if delivery["alert_id"] is not None and later:
        chosen = or_(
            chosen,
            and_(
                deliveries.c.alert_id == delivery["alert_id"],
                deliveries.c.channel_id == delivery["channel_id"],
                deliveries.c.act.in_(later),
                deliveries.c.state != "waiting",
            ),
        )
    fresh = {"state": "waiting", "attempts": 0, "next_at": now, "sent_at": None}
    conn.execute(update(deliveries).where(chosen).values(**fresh, taken_by=None, taken_until=None))
