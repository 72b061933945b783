"""States of rules, the alerts they told, and what people said of them.

A state moves only from the turn it was read at, under the rule's version it was judged by: of two
that judge at once one is first, and the other changes nothing. Alerts have natural keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from risk_service.store.alert_tables import (
    alert_comments,
    alert_rules,
    alert_states,
    alerts,
    deliveries,
)
from risk_service.store.tables import UtcDateTime
from risk_service.store.upsert import Row, insert_into, insert_new, plain

STATES = ("inactive", "pending", "firing", "resolved")
_DELIVERY = (
    deliveries.c.id, deliveries.c.channel_id, deliveries.c.act, deliveries.c.state,
    deliveries.c.attempts, deliveries.c.created_at, deliveries.c.next_at, deliveries.c.sent_at,
    deliveries.c.last_status, deliveries.c.last_error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which alerts are wanted, started in [since, until); None asks nothing."""

    state: str | None = None
    rule_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def alert_id(rule_id: str, version: int, direction: str, start: str) -> str:
    """The id of what a rule told of a start, the same however often it is judged.

    >>> alert_id("rule_1", 1, "thaw", "2025-08-15") == alert_id("rule_1", 2, "thaw", "2025-08-15")
    False
    """
    key = f"{rule_id}/{version}/{direction}/{start}"
    return "alert_" + hashlib.sha256(key.encode()).hexdigest()[:32]


def read_states(conn: Connection) -> list[Row]:
    """Every state of a rule that is judged."""
    judged = alert_rules.c.enabled & alert_rules.c.deleted_at.is_(None)
    query = select(alert_states).join(alert_rules).where(judged)
    return [plain(row) for row in conn.execute(query)]


def add_state(conn: Connection, row: Row) -> bool:
    """Keep the first state of a rule's direction; False where another was first."""
    statement = insert_into(conn, alert_states).values(**row, turn=1).on_conflict_do_nothing()
    return conn.execute(statement.returning(alert_states.c.turn)).first() is not None


def add_states(conn: Connection, rows: Sequence[Row]) -> None:
    """The same for many, without telling where another was first."""
    insert_new(conn, alert_states, [{**row, "turn": 1} for row in rows])


def move_state(conn: Connection, row: Row, turn: int, version: int) -> bool:
    """Move a state on from the turn it was read at; False where it, or its rule, has moved."""
    done = conn.execute(_moved(_MOVED), [_bound(row, turn, version)])
    return done.rowcount == 1


def move_states(conn: Connection, rows: Sequence[tuple[Row, int, int]]) -> None:
    """The same for many, (row, turn, version) each, without telling which had moved already."""
    if rows:
        conn.execute(_moved(_MOVED), [_bound(*one) for one in rows])


_MOVED = ("state", "since", "judged_until", "memory", "alert_id")


def _moved(names: Sequence[str]) -> Any:
    same_rule = exists().where(
        alert_rules.c.id == alert_states.c.rule_id,
        alert_rules.c.version == bindparam("of_version"),
        alert_rules.c.deleted_at.is_(None),
    )
    return (
        update(alert_states)
        .where(
            alert_states.c.rule_id == bindparam("of_rule"),
            alert_states.c.direction == bindparam("of_direction"),
            alert_states.c.turn == bindparam("of_turn"),
            same_rule,
        )
        .values(
            turn=bindparam("of_turn") + 1,
            **{name: bindparam(f"new_{name}", type_=alert_states.c[name].type) for name in names},
        )
    )


def _bound(row: Row, turn: int, version: int) -> Row:
    told = {f"new_{name}": row[name] for name in _MOVED}
    named = {"of_rule": row["rule_id"], "of_direction": row["direction"]}
    return {**told, **named, "of_turn": turn, "of_version": version}


def add_alert(conn: Connection, row: Row) -> bool:
    """Keep an alert; False where it is kept already."""
    statement = insert_into(conn, alerts).values(**row).on_conflict_do_nothing()
    return conn.execute(statement.returning(alerts.c.id)).first() is not None


def resolve_alert(conn: Connection, id_: str, payload: Row, now: datetime) -> bool:
    """Note that an alert is over; False where it is already."""
    done = conn.execute(
        update(alerts)
        .where(alerts.c.id == id_, alerts.c.state == "firing")
        .values(state="resolved", resolved_at=now, payload=payload)
    )
    return done.rowcount == 1


def acknowledge_alert(conn: Connection, id_: str, who: str, payload: Row, now: datetime) -> bool:
    """Note who has seen an alert; False where somebody has already."""
    done = conn.execute(
        update(alerts)
        .where(alerts.c.id == id_, alerts.c.acknowledged_at.is_(None))
        .values(acknowledged_at=now, acknowledged_by=who, payload=payload)
    )
    return done.rowcount == 1


def read_alert(conn: Connection, id_: str) -> Row | None:
    """One alert with its rule's id and payload; None where there is none."""
    row = conn.execute(select(alerts).where(alerts.c.id == id_)).first()
    return None if row is None else plain(row)


def firing_alerts(conn: Connection, rule_id: str) -> list[Row]:
    """The alerts of a rule that are not over."""
    query = select(alerts).where(alerts.c.rule_id == rule_id, alerts.c.state == "firing")
    return [plain(row) for row in conn.execute(query)]


def last_told(conn: Connection, group: str) -> datetime | None:
    """When a group of rules last told of something; None where it never has."""
    query = (
        select(func.max(alerts.c.started_at))
        .join(alert_rules, alert_rules.c.id == alerts.c.rule_id)
        .where(alert_rules.c.group_key == group, alerts.c.held_back.is_(None))
    )
    moment: datetime | None = conn.execute(query).scalar()
    return moment


def page_of_alerts(
    conn: Connection, asked: Asked, after: tuple[datetime, str] | None, limit: int
) -> list[Row]:
    """Alerts, the last started first; ``after`` is (started_at, id) of the last of a page."""
    query = select(alerts).where(*_conditions(asked))
    if after is not None:
        place = tuple_(literal(after[0], UtcDateTime()), after[1])
        query = query.where(tuple_(alerts.c.started_at, alerts.c.id) < place)
    query = query.order_by(alerts.c.started_at.desc(), alerts.c.id.desc()).limit(limit)
    return [plain(row) for row in conn.execute(query)]


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.state is not None:
        found.append(alerts.c.state == asked.state)
    if asked.rule_id is not None:
        found.append(alerts.c.rule_id == asked.rule_id)
    if asked.since is not None:
        found.append(alerts.c.started_at >= asked.since)
    if asked.until is not None:
        found.append(alerts.c.started_at < asked.until)
    return found


def add_comment(conn: Connection, id_: str, who: str, text: str, now: datetime) -> None:
    """Keep what somebody says of an alert."""
    conn.execute(insert(alert_comments).values(alert_id=id_, at=now, who=who, text=text))


def comments_of(conn: Connection, id_: str) -> list[Row]:
    """What was said of an alert, oldest first."""
    query = (
        select(alert_comments.c.at, alert_comments.c.who, alert_comments.c.text)
        .where(alert_comments.c.alert_id == id_)
        .order_by(alert_comments.c.id)
    )
    return [plain(row) for row in conn.execute(query)]


def deliveries_of(conn: Connection, id_: str) -> list[Row]:
    """Where an alert was sent, or is to be, oldest first; without what was sent."""
    query = select(*_DELIVERY).where(deliveries.c.alert_id == id_)
    query = query.order_by(deliveries.c.created_at, deliveries.c.id)
    return [plain(row) for row in conn.execute(query)]


def states_of(conn: Connection, rule_ids: Sequence[str]) -> dict[str, list[Row]]:
    """State of each direction of each rule; a rule that was never judged is left out."""
    columns = (
        alert_states.c.rule_id, alert_states.c.direction, alert_states.c.state,
        alert_states.c.since, alert_states.c.judged_until, alert_states.c.alert_id,
    )  # fmt: skip
    query = select(*columns).where(alert_states.c.rule_id.in_(list(rule_ids)))
    found: dict[str, list[Row]] = {}
    for row in conn.execute(query.order_by(alert_states.c.rule_id, alert_states.c.direction)):
        told = plain(row)
        found.setdefault(told.pop("rule_id"), []).append(told)
    return found
