"""Tables of scored archives; they feed no index."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from risk_service.store.tables import UtcDateTime, metadata

archive_parts = Table(
    "archive_parts",
    metadata,
    Column("model_version", String(64), primary_key=True),
    Column("source", String(300), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("facts", JSON, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
)

archive_scores = Table(
    "archive_scores",
    metadata,
    Column("model_version", String(64), primary_key=True),
    Column("source", String(300), primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("id", Text),
    Column("text", Text, nullable=False),
    Column("language", String(3)),
    Column("scored", Boolean, nullable=False),
    Column("p_thaw", Double),
    Column("p_escalation", Double),
    Column("p_neutral", Double),
    Column("severity", Double),
    Column("direction", String(10)),
    Column("abstains", Boolean),
    Column("directness", String(10), nullable=False),
    Column("relevance", Double, nullable=False),
    Index(None, "model_version", "source", "number"),
)
