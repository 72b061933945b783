"""Every table. Times are UTC and aware on both databases; unknown is NULL, never 0."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

from risk_service.core.dyads import THEMES


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC moments on both databases; SQLite, which drops zones, is told them again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = BigInteger().with_variant(Integer, "sqlite")

events = Table(
    "events",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("published_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", String(200), nullable=False),
    Column("url", Text),
    Column("language", String(3)),
    Column("occurred_on", Date),
    Column("actor", String(3)),
    Column("recipient", String(3)),
    Column("event_code", String(31)),
    Column("goldstein", Double),
    Column("quad_class", Integer),
    Column("external_id", String(200)),
    Column("origin", String(40), nullable=False),
    Column("assessed_with", String(64)),
    Index(None, "published_at", "id"),
    Index(
        "ix_events_waiting",
        "published_at",
        "id",
        sqlite_where=text("assessed_with IS NULL"),
        postgresql_where=text("assessed_with IS NULL"),
    ),
)

relevances = Table(
    "relevances",
    metadata,
    Column("event_id", _Id, ForeignKey("events.id"), primary_key=True),
    Column("dyad", String(7), primary_key=True),
    Column("published_at", UtcDateTime, nullable=False),
    Column("directness", String(10), nullable=False),
    Column("relevance", Double, nullable=False),
    Column("theme", String(20), nullable=False),
    Column("story_id", _Id, nullable=False),
    Column("story_seed", BigInteger, nullable=False),
    Index(None, "dyad", "published_at"),
    Index(None, "story_id"),
)

scores = Table(
    "scores",
    metadata,
    Column("event_id", _Id, ForeignKey("events.id"), primary_key=True),
    Column("model_version", String(64), primary_key=True),
    Column("p_thaw", Double, nullable=False),
    Column("p_escalation", Double, nullable=False),
    Column("p_neutral", Double, nullable=False),
    Column("severity", Double, nullable=False),
    Column("act", Double, nullable=False),
    Column("basis", String(10), nullable=False),
    Column("contributions", JSON, nullable=False),
    Column("scored_at", UtcDateTime, nullable=False),
)

set_aside = Table(
    "set_aside",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("origin", String(300), nullable=False),
    Column("locator", String(500), nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Index(None, "origin"),
)

imports = Table(
    "imports",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("path", Text, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
)

feeds = Table(
    "feeds",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("attempted_at", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("cursor", JSON),
)

INDEX_VALUES = (
    "risk_index", "low", "high", "net_escalation",
    "escalation", "thaw", "threats", "acts", "thaw_words", "thaw_deeds",
    "attention", "pressure", "coverage", "events", "stories", *THEMES,
)  # fmt: skip
"""Columns of a day that ``core.index.index_at`` computes."""

index_days = Table(
    "index_days",
    metadata,
    Column("dyad", String(7), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("vintage", Integer, primary_key=True),
    Column("known_at", UtcDateTime, nullable=False),
    Column("computed_at", UtcDateTime, nullable=False),
    Column("reconstructed", Boolean, nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("method_version", String(20), nullable=False),
    Column("escalation_index", Double),
    Column("thaw_index", Double),
    *(Column(name, Double, nullable=False) for name in INDEX_VALUES),
    Index(None, "dyad", "known_at"),
)

index_bases = Table(
    "index_bases",
    metadata,
    Column("dyad", String(7), primary_key=True),
    Column("method_version", String(20), primary_key=True),
    Column("model_version", String(64), primary_key=True),
    Column("escalation", Double, nullable=False),
    Column("thaw", Double, nullable=False),
    Column("frozen_at", UtcDateTime, nullable=False),
)

index_versions = Table(
    "index_versions",
    metadata,
    Column("dyad", String(7), primary_key=True),
    Column("version", _Id, nullable=False),
    Column("moved_at", UtcDateTime, nullable=False),
    Column("dirty_from", UtcDateTime),
)

closes = Table(
    "closes",
    metadata,
    Column("ticker", String(20), primary_key=True),
    Column("trading_day", Date, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("close", Double, nullable=False),
    Column("adj_close", Double, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("closes_at", UtcDateTime, nullable=False),
    Column("provider", String(20), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

watches = Table(
    "watches",
    metadata,
    Column("dyad", String(7), primary_key=True),
    Column("origin", String(40), primary_key=True),
    Column("starts_at", UtcDateTime, primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
)

rescored = Table(
    "rescored",
    metadata,
    Column("model_version", String(64), primary_key=True),
    Column("finished_at", UtcDateTime, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
