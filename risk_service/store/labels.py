"""Corrected labels of events: only ever added to, and read back as rows to train on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from models.text import normalise
from risk_service.store.label_tables import label_corrections
from risk_service.store.tables import events
from risk_service.store.upsert import Row

LABEL_COLUMNS = (
    "direction", "intensity", "text", "published_at", "source", "event_id", "why", "who", "at",
)  # fmt: skip
"""The first three are those of a label file; the others say where a label is from."""
_KEPT = ("direction", "intensity", "why", "who")


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody says an event is: intensity 1 to 3, None for neutral."""

    event_id: int
    direction: str
    intensity: int | None
    why: str
    who: str
    at: datetime


def text_of(conn: Connection, event_id: int) -> str | None:
    """The text of an event, empty where it has only a code; None where there is no such id."""
    found: str | None = conn.execute(select(events.c.text).where(events.c.id == event_id)).scalar()
    return found


def keep_correction(conn: Connection, made: Correction) -> bool:
    """Keep a correction; False where the same person's newest of the event says the same."""
    table = label_corrections
    query = (
        select(*(table.c[name] for name in _KEPT))
        .where(table.c.event_id == made.event_id, table.c.who == made.who)
        .order_by(table.c.id.desc())
        .limit(1)
    )
    before = conn.execute(query).first()
    if before is not None and tuple(before) == tuple(getattr(made, name) for name in _KEPT):
        return False
    row = {name: getattr(made, name) for name in ("event_id", *_KEPT, "at")}
    conn.execute(insert(table).values(row))
    return True


def read_corrections(conn: Connection, event_id: int | None = None) -> list[Row]:
    """Every correction, or those of one event, oldest first: ``LABEL_COLUMNS``."""
    table = label_corrections
    of_event = {"text", "published_at", "source"}
    columns = [(events if name in of_event else table).c[name] for name in LABEL_COLUMNS]
    query = select(*columns).join(events, events.c.id == table.c.event_id).order_by(table.c.id)
    if event_id is not None:
        query = query.where(table.c.event_id == event_id)
    return [dict(zip(LABEL_COLUMNS, row, strict=True)) for row in conn.execute(query)]


def newest_of_each_text(rows: list[Row]) -> list[Row]:
    """The last correction of each text, in order: what a label file may hold.

    A text that two events share stands once, for training refuses one text under two directions.
    """
    newest = {normalise(row["text"]): row for row in rows}
    kept = {id(row) for row in newest.values()}
    return [row for row in rows if id(row) in kept]
