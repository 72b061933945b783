"""Tables of the model registry; the artifacts themselves are folders, never rows."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
)

from risk_service.store.tables import UtcDateTime, metadata

model_versions = Table(
    "model_versions",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("card", JSON, nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
)

model_aliases = Table(
    "model_aliases",
    metadata,
    Column("alias", String(20), primary_key=True),
    Column("version", String(64), ForeignKey("model_versions.version"), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

model_exams = Table(
    "model_exams",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("labels_sha256", String(64), primary_key=True),
    Column("exam", JSON, nullable=False),
    Column("examined_at", UtcDateTime, nullable=False),
)

promotions = Table(
    "promotions",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(100), nullable=False),
    Column("act", String(20), nullable=False),
    Column("from_version", String(64)),
    Column("to_version", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("forced", Boolean, nullable=False),
    Column("verdict", JSON),
)
