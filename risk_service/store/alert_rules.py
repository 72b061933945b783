"""Alert rules: kept under an id, changed in versions, and never quite deleted."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from risk_service.store.alert_tables import alert_channels, alert_rules, alert_states
from risk_service.store.upsert import Row, plain

_SHOWN = [column for column in alert_rules.c if column.name != "deleted_at"]


def add_rule(conn: Connection, fields: Mapping[str, Any], who: str, now: datetime) -> str:
    """Keep a new rule and give its id; ``fields`` are the columns that a caller chooses."""
    id_ = f"rule_{secrets.token_hex(12)}"
    own = {"id": id_, "version": 1, "created_at": now, "created_by": who, "updated_at": now}
    conn.execute(insert(alert_rules).values(**fields, **own))
    return id_


def read_rules(conn: Connection, *, enabled: bool = False) -> list[Row]:
    """Every rule that is not deleted, oldest first; with ``enabled`` only those that are judged."""
    query = select(*_SHOWN).where(alert_rules.c.deleted_at.is_(None))
    if enabled:
        query = query.where(alert_rules.c.enabled)
    query = query.order_by(alert_rules.c.created_at, alert_rules.c.id)
    return [plain(row) for row in conn.execute(query)]


def read_rule(conn: Connection, id_: str, *, deleted: bool = False) -> Row | None:
    """One rule; None where there is none, or where it is deleted and that is not asked for."""
    query = select(*_SHOWN).where(alert_rules.c.id == id_)
    if not deleted:
        query = query.where(alert_rules.c.deleted_at.is_(None))
    row = conn.execute(query).first()
    return None if row is None else plain(row)


def change_rule(
    conn: Connection, id_: str, version: int, changes: Mapping[str, Any], now: datetime
) -> bool:
    """Change a rule that is still at a version, and move the version; False where it is not."""
    done = conn.execute(
        update(alert_rules)
        .where(
            alert_rules.c.id == id_,
            alert_rules.c.version == version,
            alert_rules.c.deleted_at.is_(None),
        )
        .values(**changes, version=version + 1, updated_at=now)
    )
    return done.rowcount == 1


def rules_calibrated_before(conn: Connection, moment: datetime) -> list[Row]:
    """Rules that are judged whose threshold was found for a rate, before ``moment``."""
    query = select(*_SHOWN).where(
        alert_rules.c.deleted_at.is_(None),
        alert_rules.c.enabled,
        alert_rules.c.max_false_alarms.is_not(None),
        alert_rules.c.calibrated_at < moment,
    )
    return [plain(row) for row in conn.execute(query.order_by(alert_rules.c.id))]


def move_threshold(
    conn: Connection, rule: Row, threshold: float, false_alarms: Row, now: datetime
) -> bool:
    """A new threshold for a rule that nobody changed since it was read; its version stays."""
    done = conn.execute(
        update(alert_rules)
        .where(
            alert_rules.c.id == rule["id"],
            alert_rules.c.version == rule["version"],
            alert_rules.c.calibrated_at == rule["calibrated_at"],
        )
        .values(threshold=threshold, false_alarms=false_alarms, calibrated_at=now)
    )
    return done.rowcount == 1


def delete_rule(conn: Connection, id_: str, now: datetime) -> bool:
    """Judge a rule no more; its alerts stay. False where there is none."""
    done = conn.execute(
        update(alert_rules)
        .where(alert_rules.c.id == id_, alert_rules.c.deleted_at.is_(None))
        .values(deleted_at=now, updated_at=now, version=alert_rules.c.version + 1)
    )
    return done.rowcount == 1


def forget_states(conn: Connection, rule_id: str) -> None:
    """Let a rule be judged as if it were new: its memory is folded from history once more."""
    conn.execute(delete(alert_states).where(alert_states.c.rule_id == rule_id))


def unknown_channels(conn: Connection, ids: Collection[str]) -> list[str]:
    """Those of the ids that are no channel, in their order."""
    query = select(alert_channels.c.id).where(
        alert_channels.c.id.in_(list(ids)), alert_channels.c.deleted_at.is_(None)
    )
    known = set(conn.execute(query).scalars())
    return [id_ for id_ in ids if id_ not in known]


def rules_signature(conn: Connection) -> tuple[Any, ...]:
    """What moves whenever a rule or a state does: small sums, and no row is read twice."""
    version, calibrated = alert_rules.c.version, alert_rules.c.calibrated_at
    rules = select(func.count(), func.sum(version), func.max(calibrated)).select_from(alert_rules)
    states = select(func.count(), func.sum(alert_states.c.turn)).select_from(alert_states)
    return (*conn.execute(rules).one(), *conn.execute(states).one())
