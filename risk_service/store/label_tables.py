"""The table of corrected labels: what people say of an event. No score and no index reads it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from risk_service.store.tables import UtcDateTime, metadata

_Id = BigInteger().with_variant(Integer, "sqlite")

label_corrections = Table(
    "label_corrections",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("event_id", _Id, ForeignKey("events.id"), nullable=False, index=True),
    Column("direction", String(10), nullable=False),
    Column("intensity", Integer),
    Column("why", Text, nullable=False),
    Column("who", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
