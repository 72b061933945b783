"""Channels, alerts and queued deliveries in a database, for the tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from risk_service.notify.signing import first_secrets
from risk_service.store.alert_channels import add_channel
from risk_service.store.alert_tables import alert_rules, alerts, deliveries
from risk_service.store.deliveries import one_delivery, queue_deliveries
from risk_service.store.engine import reading, writing
from risk_service.store.upsert import Row
from tests.notify.alerts import NOW, SECRET, payload

RULE = {
    "id": "rule_1", "name": "Jumps", "dyad": "USA-RUS", "series": "risk", "rule": {},
    "threshold": 4.0, "severity": "critical", "channels": [], "enabled": True, "version": 1,
    "created_at": NOW, "created_by": "me", "updated_at": NOW,
}  # fmt: skip


def channel(
    engine: Engine,
    url: str,
    kind: str = "webhook",
    *,
    config: dict[str, Any] | None = None,
    secrets: dict[str, Any] | None = None,
    name: str = "",
) -> str:
    """A new channel, by default a webhook to ``url``; its id."""
    given = {"secret": SECRET} if kind == "webhook" else secrets or {}
    with writing(engine) as conn:
        id_ = add_channel(
            conn, name or f"to {url}", kind, config or {"url": url},
            first_secrets(kind, given, NOW), NOW,
        )  # fmt: skip
    assert id_ is not None
    return id_


def alert(conn: Connection, number: int = 0) -> str:
    """An alert of a rule; its id."""
    if conn.execute(select(alert_rules.c.id)).first() is None:
        conn.execute(insert(alert_rules).values(RULE))
    id_ = f"alert_{number:032x}"
    conn.execute(
        insert(alerts).values(
            id=id_, rule_id="rule_1", dyad="USA-RUS", direction="up", state="firing",
            severity="critical", started_at=NOW, payload={},
        )
    )  # fmt: skip
    return id_


def payload_of(alert_id: str, act: str = "firing") -> dict[str, Any]:
    """The payload of an act of this very alert."""
    whole = payload(act)
    whole["data"]["alert"]["id"] = alert_id
    return whole


def queue(
    engine: Engine,
    channels: list[str],
    number: int = 0,
    *acts: str,
    now: datetime = NOW,
) -> list[str]:
    """Queue acts (firing alone, if none is named) of a new alert; ids of the deliveries."""
    with writing(engine) as conn:
        id_ = alert(conn, number)
        return [
            delivery
            for act in acts or ("firing",)
            for delivery in queue_deliveries(conn, channels, id_, act, payload_of(id_, act), now)
        ]


def delivery(engine: Engine, id_: str) -> Row:
    """A delivery as it stands."""
    with reading(engine) as conn:
        found = one_delivery(conn, id_)
    assert found is not None
    return found


def states(engine: Engine) -> dict[str, str]:
    """State of each delivery by its id."""
    with reading(engine) as conn:
        rows = conn.execute(select(deliveries.c.id, deliveries.c.state))
        return {row.id: row.state for row in rows}
