"""THE path of an event, read top to bottom: taken in, assessed, counted into the index.

Every step reads, calls a pure function and writes in one short transaction; run again, it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from risk_service.assess import assess_waiting
from risk_service.core.events import Event, refuse_future
from risk_service.desk import Desk
from risk_service.errors import FeedError
from risk_service.feeds.contract import BadRow, Feed, Reading
from risk_service.settle import settle_days
from risk_service.store.engine import reading, writing
from risk_service.store.events import save_events
from risk_service.store.feeds import cursor_of, put_aside, record_failure, record_success

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What one reading of a feed brought."""

    new: int
    repeated: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class Worked:
    """What working off brought: events assessed, relevant and scored, and day vintages written."""

    assessed: int
    relevant: int
    scored: int
    vintages: int


def take_in(engine: Engine, feed: Feed, now: datetime) -> TakenIn:
    """Read a feed and keep what it brings; its events and its cursor are kept together or not.

    Raises
    ------
    FeedError
        When the feed cannot be read; the failure is on record by then.
    """
    with reading(engine) as conn:
        cursor = cursor_of(conn, feed.name)
    try:
        read = feed.read(cursor, now)
    except FeedError as error:
        with writing(engine) as conn:
            record_failure(conn, feed.name, now, str(error))
        raise
    events, bad = _sift(feed.name, read, now)
    with writing(engine) as conn:
        saved = save_events(conn, events, feed.name.split(":")[0], now)
        put_aside(conn, bad, now)
        record_success(conn, feed.name, now, read.cursor)
    new = sum(one.new for one in saved)
    return TakenIn(new, len(saved) - new, len(bad))


def work_off(
    engine: Engine,
    desk: Desk,
    clock: Callable[[], datetime],
    progress: Callable[[int], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Worked:
    """Assess all that waits, then settle the days of every dyad.

    ``progress`` is told how many events each batch had; ``stop`` is asked before each of them,
    and what it leaves is done the next time.
    """
    assessed = relevant = scored = 0
    while not stop() and (step := assess_waiting(engine, desk, clock(), BATCH)).read:
        assessed += step.read
        relevant += step.relevant
        scored += step.scored
        progress(step.read)
    vintages = sum(settle_days(engine, desk, dyad, clock()) for dyad in desk.dyads)
    return Worked(assessed, relevant, scored, vintages)


def _sift(origin: str, read: Reading, now: datetime) -> tuple[list[Event], list[BadRow]]:
    events, bad = [], list(read.set_aside)
    for event in read.events:
        try:
            refuse_future(event, now)
        except ValueError as error:
            bad.append(BadRow(origin, event.key, str(error), event.text))
        else:
            events.append(event)
    return events, bad
