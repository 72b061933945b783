"""A lease elects one worker among replicas, on either kind of database."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from risk_service.store.tables import leases
from risk_service.store.upsert import insert_into


def take_lease(conn: Connection, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Take or renew a lease; False while another holder's has not run out."""
    statement = insert_into(conn, leases).values(name=name, holder=holder, expires_at=now + lasts)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "expires_at": now + lasts},
        where=(leases.c.holder == holder) | (leases.c.expires_at <= now),
    )
    return conn.execute(statement.returning(leases.c.holder)).first() is not None


def give_back(conn: Connection, name: str, holder: str) -> None:
    """Let the next holder in at once."""
    conn.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
