"""The table of circuit breakers, one row a source that has refused."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from risk_service.store.tables import UtcDateTime, metadata

breakers = Table(
    "breakers",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("refusals", Integer, nullable=False),
    Column("open_until", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("refused_at", UtcDateTime, nullable=False),
)
