"""How many closes are kept: a number that stands still as long as no close comes or is revised."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from risk_service.store.tables import closes


def count_closes(conn: Connection, *, simulated: bool) -> int:
    """Revisions of closes of one kind; they are only ever added."""
    query = select(func.count()).select_from(closes).where(closes.c.simulated.is_(simulated))
    return int(conn.execute(query).scalar_one())
