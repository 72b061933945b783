"""The outbox: deliveries taken for a while by whoever sends them, and what became of them.

A delivery is taken by a conditional update, so that among any number of replicas one has it until
``taken_until``. Whoever dies between sending and noting it leaves it taken; when that time is over
it is sent again, under the same id. Of one alert on one channel, what comes later waits until what
comes before is sent or dead.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from risk_service.store.alert_tables import alert_channels, deliveries

ORDER = {"firing": 0, "acknowledged": 1, "resolved": 2}
"""Acts of one alert in the order in which they are told; others come whenever."""
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that is ours until it is noted: what to send where, and under which hold."""

    id: str
    hold: str
    channel_id: str
    kind: str
    config: dict[str, Any]
    secrets: dict[str, Any]
    act: str
    payload: dict[str, Any]
    attempts: int


def due(
    conn: Connection, now: datetime, limit: int, per_channel: int, busy: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Deliveries that may be sent now, oldest first, at most so many of each channel: id, channel.

    Parameters
    ----------
    busy
        Channels that are left out.
    """
    ranked = _ranked(now, busy)
    query = select(ranked.c.id, ranked.c.channel_id).where(ranked.c.place <= per_channel)
    rows = conn.execute(query.order_by(ranked.c.next_at, ranked.c.place).limit(limit))
    return [(row.id, row.channel_id) for row in rows]


def take(
    conn: Connection, ids: Collection[str], hold: str, now: datetime, until: datetime
) -> list[Taken]:
    """Take those of the deliveries that nobody else has taken meanwhile."""
    ours = [
        id_
        # In one order, so that two replicas never wait for each other.
        for id_ in sorted(ids)
        if conn.execute(
            update(deliveries)
            .where(deliveries.c.id == id_, _free(now))
            .values(taken_by=hold, taken_until=until)
        ).rowcount
    ]
    sent = deliveries.c
    columns = (
        sent.id, sent.channel_id, alert_channels.c.kind, alert_channels.c.config,
        alert_channels.c.secrets, sent.act, sent.payload, sent.attempts,
    )  # fmt: skip
    query = select(*columns).join(alert_channels).where(sent.id.in_(ours)).order_by(sent.next_at)
    return [Taken(row.id, hold, *row[1:]) for row in conn.execute(query)]


def note_sent(
    conn: Connection, taken: Taken, now: datetime, status: int | None, remark: str
) -> None:
    """It arrived: true whoever holds it now, and of one that was given up meanwhile too."""
    conn.execute(
        update(deliveries)
        .where(deliveries.c.id == taken.id, deliveries.c.state != "sent")
        .values(
            state="sent",
            attempts=taken.attempts + 1,
            sent_at=now,
            last_status=status,
            last_error=remark[:LONGEST_REASON] or None,
            taken_by=None,
            taken_until=None,
        )
    )


def note_failure(
    conn: Connection, taken: Taken, again_at: datetime | None, status: int | None, reason: str
) -> None:
    """It did not arrive: it waits until ``again_at``, or is dead where that is None.

    Nothing is noted where another one has taken it since.
    """
    changes: dict[str, Any] = {"state": "dead"} if again_at is None else {"next_at": again_at}
    conn.execute(
        update(deliveries)
        .where(
            deliveries.c.id == taken.id,
            deliveries.c.state == "waiting",
            deliveries.c.taken_by == taken.hold,
        )
        .values(
            attempts=taken.attempts + 1,
            last_status=status,
            last_error=reason[:LONGEST_REASON],
            taken_by=None,
            taken_until=None,
            **changes,
        )
    )


def hold_back(conn: Connection, channel_id: str, until: datetime) -> None:
    """Let a channel that is under load rest: what waits for it comes no earlier than ``until``."""
    conn.execute(
        update(deliveries)
        .where(
            deliveries.c.channel_id == channel_id,
            deliveries.c.state == "waiting",
            deliveries.c.next_at < until,
        )
        .values(next_at=until)
    )


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(
        deliveries.c.state == "waiting",
        deliveries.c.next_at <= now,
        or_(deliveries.c.taken_until.is_(None), deliveries.c.taken_until <= now),
    )


def _ranked(now: datetime, busy: Collection[str]) -> Subquery:
    """Free deliveries of channels in use, with their place among those of their channel."""
    order = (deliveries.c.next_at, deliveries.c.created_at, deliveries.c.id)
    place = func.row_number().over(partition_by=deliveries.c.channel_id, order_by=order)
    return (
        select(deliveries.c.id, deliveries.c.channel_id, deliveries.c.next_at, place.label("place"))
        .join(alert_channels)
        .where(
            _free(now),
            alert_channels.c.disabled_at.is_(None),
            alert_channels.c.deleted_at.is_(None),
            deliveries.c.channel_id.not_in(busy),
            ~_follows_a_waiting_one(),
        )
        .subquery()
    )


def _follows_a_waiting_one() -> ColumnElement[bool]:
    before = deliveries.alias("before")
    return exists().where(
        before.c.alert_id == deliveries.c.alert_id,
        before.c.channel_id == deliveries.c.channel_id,
        before.c.state == "waiting",
        _rank(before.c.act) < _rank(deliveries.c.act),
    )


def _rank(act: ColumnElement[str]) -> ColumnElement[int]:
    return case(ORDER, value=act, else_=0)
