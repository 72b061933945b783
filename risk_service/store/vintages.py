"""How many vintages of days are kept: a number that stands still as long as no day changes."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from risk_service.store.tables import index_days


def count_vintages(conn: Connection, dyad: str) -> int:
    """Vintages of a dyad; they are only ever added, so an equal number means equal days."""
    query = select(func.count()).select_from(index_days).where(index_days.c.dyad == dyad)
    return int(conn.execute(query).scalar_one())
