"""Channels that alerts are sent through, with what they are signed or logged in with.

Secrets are kept as they are, for they must be sent or signed with: whoever reads the database has
them. No function here but ``one_channel`` gives them out.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from risk_service.store.alert_tables import alert_channels, alert_rules, deliveries
from risk_service.store.upsert import Row

_LIVING = alert_channels.c.deleted_at.is_(None)


def new_channel_id() -> str:
    """An id that no other channel has."""
    return "channel_" + secrets.token_hex(8)


def add_channel(
    conn: Connection, name: str, kind: str, config: Row, held: Mapping[str, Any], now: datetime
) -> str | None:
    """Keep a new channel; its id, or None where a channel of this name is there already."""
    if _id_of(conn, name) is not None:
        return None
    row = {"id": new_channel_id(), "name": name, "kind": kind, "config": config,
           "secrets": dict(held), "created_at": now}  # fmt: skip
    conn.execute(insert(alert_channels).values(row))
    return str(row["id"])


def all_channels(conn: Connection) -> list[Row]:
    """Every channel with its secrets, by name."""
    query = select(alert_channels).where(_LIVING).order_by(alert_channels.c.name)
    return [dict(row._mapping) for row in conn.execute(query)]


def one_channel(conn: Connection, id_: str) -> Row | None:
    """A channel with its secrets, or None."""
    row = conn.execute(select(alert_channels).where(alert_channels.c.id == id_, _LIVING)).first()
    return None if row is None else dict(row._mapping)


def change_channel(conn: Connection, id_: str, **changes: object) -> bool:
    """Overwrite columns of a channel; False where another one has the name already."""
    name = changes.get("name")
    if name is not None and _id_of(conn, str(name)) not in (None, id_):
        return False
    conn.execute(update(alert_channels).where(alert_channels.c.id == id_).values(**changes))
    return True


def disable_channel(conn: Connection, id_: str, because: str, now: datetime) -> None:
    """Send nothing through a channel any more; what waits for it is dead, and stays on record."""
    conn.execute(
        update(alert_channels)
        .where(alert_channels.c.id == id_, alert_channels.c.disabled_at.is_(None))
        .values(disabled_at=now, disabled_because=because)
    )
    bury_waiting(conn, id_, f"the channel is disabled: {because}")


def delete_channel(conn: Connection, id_: str, now: datetime) -> None:
    """Forget a channel's address and secrets and free its name; its deliveries stay on record."""
    conn.execute(
        update(alert_channels)
        .where(alert_channels.c.id == id_)
        .values(name=f"deleted {id_}", config={}, secrets={}, deleted_at=now)
    )
    bury_waiting(conn, id_, "the channel is deleted")


def bury_waiting(conn: Connection, id_: str, because: str) -> None:
    """What waits for a channel is dead; the one that is being sent at this moment too."""
    conn.execute(
        update(deliveries)
        .where(deliveries.c.channel_id == id_, deliveries.c.state == "waiting")
        .values(state="dead", last_error=because, taken_by=None, taken_until=None)
    )


def rules_through(conn: Connection, id_: str) -> list[str]:
    """Names of the rules that send through a channel, in order."""
    query = select(alert_rules.c.name, alert_rules.c.channels).where(
        alert_rules.c.deleted_at.is_(None)
    )
    return sorted(row.name for row in conn.execute(query) if id_ in row.channels)


def _id_of(conn: Connection, name: str) -> str | None:
    found: str | None = conn.execute(
        select(alert_channels.c.id).where(alert_channels.c.name == name)
    ).scalar()
    return found
