"""The table of shadow scores: what a challenger makes of events. No index reads it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, String, Table

from risk_service.store.tables import UtcDateTime, metadata

shadow_scores = Table(
    "shadow_scores",
    metadata,
    Column(
        "event_id",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("events.id"),
        primary_key=True,
    ),
    Column("model_version", String(64), primary_key=True),
    Column("p_thaw", Double, nullable=False),
    Column("p_escalation", Double, nullable=False),
    Column("p_neutral", Double, nullable=False),
    Column("severity", Double, nullable=False),
    Column("act", Double, nullable=False),
    Column("basis", String(10), nullable=False),
    Column("scored_at", UtcDateTime, nullable=False),
)
