"""A house for the tests: events at hand, a moved clock, and a look at every table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Protocol

from sqlalchemy import Engine, select

from risk_service.core.events import Event
from risk_service.core.method import METHOD
from risk_service.desk import Desk, open_desk
from risk_service.store.engine import reading, writing
from risk_service.store.events import Saved, save_events
from risk_service.store.tables import metadata

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)


@cache
def desk() -> Desk:
    """The bundled gazetteers and champion, loaded once; an index that starts in June 2025."""
    return replace(open_desk(None, None, ""), method=replace(METHOD, starts=date(2025, 6, 1)))


class MovedClock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        """Let time pass, in the words of ``timedelta``."""
        self.now += timedelta(**time)


class Runs(Protocol):
    """What works in a thread of its own until it is told to stop."""

    def run(self, stopping: threading.Event) -> None: ...


@contextmanager
def running(*ones: Runs) -> Iterator[None]:
    """Let them work, each in its thread; at the end of the block all of them must stop."""
    stopping = threading.Event()
    threads = [threading.Thread(target=one.run, args=(stopping,)) for one in ones]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def event(text: str, hours_ago: float = 1, **changes: object) -> Event:
    """An English report of the Wire, published so many hours before ``NOW``."""
    fields: dict[str, object] = {
        "published_at": NOW - timedelta(hours=hours_ago),
        "text": text,
        "source": "Wire",
        "language": "en",
        **changes,
    }
    return Event(**fields)  # type: ignore[arg-type]


def keep(engine: Engine, *events: Event, origin: str = "api", now: datetime = NOW) -> list[Saved]:
    """Save events and commit."""
    with writing(engine) as conn:
        return save_events(conn, events, origin, now)


def everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in order."""
    with reading(engine) as conn:
        return {
            table.name: sorted((tuple(row) for row in conn.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def check_rerunnable(engine: Engine, step: Callable[[], object]) -> None:
    """Run again, a step must change nothing; and it must have done something the first time."""
    empty = everything(engine)
    step()
    once = everything(engine)
    assert once != empty, "the step did nothing"
    step()
    assert everything(engine) == once
