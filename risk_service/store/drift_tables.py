"""The table of drift: a row a dyad, model and ISO week."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Double, Integer, String, Table

from risk_service.store.tables import UtcDateTime, metadata

DRIFT_NUMBERS = (
    "relevance_rate", "share_thaw", "share_escalation", "share_neutral", "mean_net",
    "unknown_words", "psi", "psi_expected", "ks", "ks_critical", "class_psi", "language_psi",
)  # fmt: skip
"""Columns of a week that may be unknown."""

drift_weeks = Table(
    "drift_weeks",
    metadata,
    Column("dyad", String(7), primary_key=True),
    Column("model_version", String(64), primary_key=True),
    Column("week", Date, primary_key=True),
    Column("events", Integer, nullable=False),
    Column("relevant", Integer, nullable=False),
    Column("scored", Integer, nullable=False),
    *(Column(name, Double) for name in DRIFT_NUMBERS),
    Column("languages", JSON, nullable=False),
    Column("reference_from", Date),
    Column("reference_to", Date),
    Column("reference_scored", Integer, nullable=False),
    Column("computed_at", UtcDateTime, nullable=False),
)
