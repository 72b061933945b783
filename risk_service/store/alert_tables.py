"""Tables of alerts: rules, their state, what they told, and the outbox it is sent from."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from risk_service.store.tables import UtcDateTime, metadata

_BIG = BigInteger().with_variant(Integer, "sqlite")

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("config", JSON, nullable=False),
    Column("secrets", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("disabled_because", Text),
    Column("deleted_at", UtcDateTime),
)

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("dyad", String(7), nullable=False),
    Column("series", String(60), nullable=False),
    Column("rule", JSON, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("max_false_alarms", Double),
    Column("false_alarms", JSON),
    Column("calibrated_at", UtcDateTime),
    Column("severity", String(10), nullable=False),
    Column("group_key", String(100)),
    Column("quiet_hours", JSON),
    Column("muted_until", UtcDateTime),
    Column("channels", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
)

alert_states = Table(
    "alert_states",
    metadata,
    Column("rule_id", String(40), ForeignKey("alert_rules.id"), primary_key=True),
    Column("direction", String(10), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("judged_until", UtcDateTime),
    Column("turn", Integer, nullable=False),
    Column("memory", JSON, nullable=False),
    Column("alert_id", String(60)),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("rule_id", String(40), ForeignKey("alert_rules.id"), nullable=False, index=True),
    Column("dyad", String(7), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("resolved_at", UtcDateTime),
    Column("payload", JSON, nullable=False),
    Column("held_back", String(20)),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", String(100)),
)

alert_comments = Table(
    "alert_comments",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    Column("alert_id", String(60), ForeignKey("alerts.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(100), nullable=False),
    Column("text", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("channel_id", String(40), ForeignKey("alert_channels.id"), nullable=False),
    Column("alert_id", String(60), ForeignKey("alerts.id"), index=True),
    Column("act", String(20), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("taken_by", String(60)),
    Column("taken_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("last_status", Integer),
    Column("last_error", Text),
    Index("ix_deliveries_due", "state", "next_at"),
)
