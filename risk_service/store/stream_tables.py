"""The log of the stream: what was told, in the order in which it became visible."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from risk_service.store.tables import UtcDateTime, metadata

_BIG = BigInteger().with_variant(Integer, "sqlite")

stream_log = Table(
    "stream_log",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("dyad", String(7), nullable=False),
    Column("key", String(80), nullable=False),
    Column("data", Text, nullable=False),
    Index("ix_stream_log_of", "kind", "dyad", "key", "id"),
)
"""``data`` is JSON as it is sent; ``key`` names what an entry is about."""

stream_clock = Table(
    "stream_clock",
    metadata,
    Column("name", String(10), primary_key=True),
    Column("last_id", _BIG, nullable=False),
)
"""One row: the id given last. Whoever gives ids holds its lock until the commit."""
