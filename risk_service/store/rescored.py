"""Which models have scored the whole past."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from risk_service.store.tables import rescored
from risk_service.store.upsert import insert_new


def has_scored_all(conn: Connection, model_version: str) -> bool:
    """Whether a model has scored every relevant event that was there when it came."""
    query = select(rescored.c.model_version).where(rescored.c.model_version == model_version)
    return conn.execute(query).first() is not None


def note_scored_all(conn: Connection, model_version: str, now: datetime) -> None:
    """Note that a model has scored the whole past."""
    insert_new(conn, rescored, [{"model_version": model_version, "finished_at": now}])


def forget_scored_all(conn: Connection, model_version: str) -> None:
    """Let a model look at the past again: events that came while another served lack its scores."""
    conn.execute(delete(rescored).where(rescored.c.model_version == model_version))
