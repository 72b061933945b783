"""THE path of an event, read top to bottom: taken in, assessed, counted into the index.

Every step reads, calls a pure function and writes in one short transaction; run again, it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from risk_service.assess import LIVE_BRIDGE, assess_waiting, score_rows
from risk_service.core.events import Event, refuse_future
from risk_service.desk import Desk
from risk_service.errors import FeedError
from risk_service.feeds.contract import BadRow, Feed, Reading
from risk_service.settle import settle_days
from risk_service.store.engine import reading, writing
from risk_service.store.events import (
    oldest_relevant,
    save_events,
    save_scores,
    unscored_events,
)
from risk_service.store.feeds import cursor_of, put_aside, record_failure, record_success
from risk_service.store.freshness import feeds_are_watched, record_watch
from risk_service.store.index import mark_dirty
from risk_service.store.rescored import has_scored_all, note_scored_all

BATCH = 250
"""Events assessed at once: a second or so of reading texts, between two looks at the time."""


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
        if feeds_are_watched(conn, now):
            record_watch(conn, "feeds", now, now, LIVE_BRIDGE)
    new = sum(one.new for one in saved)
    return TakenIn(new, len(saved) - new, len(bad))


def work_off(
    engine: Engine,
    desk: Desk,
    clock: Callable[[], datetime],
    progress: Callable[[int], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Worked:
    """Assess all that waits, let a new model score the past, then settle the days of every dyad.

    ``progress`` is told how many events each batch had; ``stop`` is asked before each of them,
    and what it leaves is done the next time. Days are not settled while anything is left: they
    would be made of half the news.
    """
    assessed = relevant = scored = 0
    while not stop() and (step := assess_waiting(engine, desk, clock(), BATCH)).read:
        assessed += step.read
        relevant += step.relevant
        scored += step.scored
        progress(step.read)
    rescore_past(engine, desk, clock, stop)
    if stop():
        return Worked(assessed, relevant, scored, 0)
    vintages = sum(settle_days(engine, desk, dyad, clock()) for dyad in desk.dyads)
    return Worked(assessed, relevant, scored, vintages)


def rescore_past(
    engine: Engine, desk: Desk, clock: Callable[[], datetime], stop: Callable[[], bool]
) -> int:
    """Let a model that is new here score what came before it; returns how many events it did.

    Scores of other models stay. Every day is looked at again afterwards, and gets a new vintage
    where the new model moves it.
    """
    version, after, rescored = desk.classifier.version, 0, 0
    with reading(engine) as conn:
        if has_scored_all(conn, version):
            return 0
    while not stop():
        with reading(engine) as conn:
            batch = dict(unscored_events(conn, version, after, BATCH))
        rows = score_rows(desk, batch, clock()) if batch else []
        with writing(engine) as conn:
            save_scores(conn, rows)
            if not batch:
                _look_again(conn, desk, clock())
                note_scored_all(conn, version, clock())
                break
        after, rescored = max(batch), rescored + len(batch)
    return rescored


def _look_again(conn: Connection, desk: Desk, now: datetime) -> None:
    for dyad in desk.dyads:
        since = oldest_relevant(conn, dyad)
        if since is not None:
            mark_dirty(conn, dyad, since, now)


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
