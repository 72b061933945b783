"""The bundled chronology of real, dated happenings, so that the index has a past from the start."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib.resources import files

from sqlalchemy import Engine

from risk_service.core.events import Event
from risk_service.errors import FileError
from risk_service.feeds.moments import end_of_day
from risk_service.store.engine import writing
from risk_service.store.events import save_events

ORIGIN = "chronology"
_CHUNK = 5_000


def load_chronology(engine: Engine, now: datetime, lines: Iterable[str] | None = None) -> int:
    """Keep the events of the chronology; returns how many were not there before.

    Parameters
    ----------
    now
        Aware UTC, noted as the moment they were received.
    lines
        Lines of a CSV in the bundled one's form, instead of it.

    Raises
    ------
    FileError
        Naming the line that is not a happening; nothing is kept then.
    """
    events = list(read_chronology(bundled() if lines is None else lines))
    added = 0
    with writing(engine) as conn:
        for start in range(0, len(events), _CHUNK):
            saved = save_events(conn, events[start : start + _CHUNK], ORIGIN, now)
            added += sum(one.new for one in saved)
    return added


def bundled() -> list[str]:
    """Lines of the bundled file."""
    table = files("risk_service").joinpath("chronology.csv").read_text("utf-8")
    return table.splitlines(keepends=True)


def read_chronology(lines: Iterable[str]) -> Iterator[Event]:
    """Events of a CSV with occurred_on, actor, recipient, event_code and text among its columns.

    A happening is knowable when its day is over: published_at is 23:59:59 UTC of occurred_on.
    Theme, direction, intensity and document are for readers, and are not used.
    """
    reader = csv.DictReader(lines)
    for row in reader:
        try:
            yield _event(row)
        except (KeyError, TypeError, ValueError) as error:
            raise FileError(f"chronology, line {reader.line_num}: {error}") from error


def _event(row: dict[str, str]) -> Event:
    day = date.fromisoformat(row["occurred_on"])
    identity = hashlib.sha256(f"{day}\x1f{row['text']}".encode()).hexdigest()
    return Event(
        published_at=end_of_day(day),
        text=row["text"],
        source=ORIGIN,
        language="en",
        occurred_on=day,
        actor=row["actor"] or None,
        recipient=row["recipient"] or None,
        event_code=row["event_code"] or None,
        external_id=identity,
    )
