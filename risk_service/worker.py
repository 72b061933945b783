"""The loop around the path. One worker among all replicas leads and works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_service.desk import Desk
from risk_service.desks import Desks, as_desks
from risk_service.errors import RiskError
from risk_service.feeds.contract import Feed
from risk_service.leading import Clock, leading
from risk_service.pipeline import TakenIn, rescore_past, take_in, work_off
from risk_service.store.engine import reading
from risk_service.store.events import anything_waiting

LOOK_EVERY = 0.1
"""Seconds between two looks for waiting events."""
SETTLE_EVERY = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=1)
AFTER_FAILURE = 2.0
"""Seconds of rest when a turn failed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do now and again: ``do`` is called every ``every``, later after failures."""

    name: str
    every: timedelta
    do: Callable[[datetime], object]


class Beside(Protocol):
    """What runs beside a worker, whether it leads or not: safe with any number of replicas."""

    def once(self) -> None:
        """Do all that is due."""

    def run(self, stopping: threading.Event) -> None:
        """Do what becomes due until told to stop."""


class Worker:
    """Works off waiting events at once, and does its chores when they are due."""

    def __init__(
        self,
        engine: Engine,
        desk: Desk | Desks,
        chores: Sequence[Chore],
        clock: Clock,
        beside: Sequence[Beside] = (),
        judge: Callable[[datetime], object] = lambda now: None,
    ) -> None:
        self._engine, self._desks = engine, as_desks(desk)
        self._chores, self._clock, self._beside = chores, clock, beside
        self._judge = judge
        self._settled_at: datetime | None = None

    def once(self) -> None:
        """Every chore once, then work off; for cron, tests and people. Failures are logged.

        Where another worker leads, nothing of it is done: it does it.
        """
        self._lead_once()
        for one in self._beside:
            one.once()

    def _lead_once(self) -> None:
        with leading(self._engine, self._clock) as leads:
            if not leads.is_set():
                log.info("another worker leads")
                return
            for chore in self._chores:
                self._attempt(chore)
            self._work(lambda: not leads.is_set())
            self._judge_alerts()
            self._follow_champion(lambda: not leads.is_set())

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop; then let the next worker in at once."""
        beside = [
            threading.Thread(target=one.run, args=(stopping,), daemon=True) for one in self._beside
        ]
        for thread in beside:
            thread.start()
        self._lead(stopping)
        for thread in beside:
            thread.join()

    def _lead(self, stopping: threading.Event) -> None:
        with leading(self._engine, self._clock) as leads:
            for chore in self._chores:
                threading.Thread(
                    target=self._keep_doing, args=(chore, leads, stopping), daemon=True
                ).start()
            while not stopping.wait(LOOK_EVERY):
                if leads.is_set() and not self._turn(leads, stopping):
                    stopping.wait(AFTER_FAILURE)

    def _turn(self, leads: threading.Event, stopping: threading.Event) -> bool:
        now = self._clock()
        due = self._settled_at is None or now - self._settled_at >= SETTLE_EVERY
        try:
            if due or self._anything_waits():
                self._work(lambda: stopping.is_set() or not leads.is_set())
                self._settled_at = now
                self._judge_alerts()
            self._follow_champion(
                lambda: stopping.is_set() or not leads.is_set() or self._anything_waits()
            )
        except SQLAlchemyError as error:
            log.warning("the database failed the worker", error=str(error))
            return False
        except Exception:
            # A fault of ours must not end the loop: it is told of, and tried again.
            log.exception("the worker failed")
            return False
        return True

    def _work(self, stop: Callable[[], bool]) -> None:
        # Days must be settled by whoever the index is made with at this very moment.
        self._desks.look()
        work_off(self._engine, self._desks.index, self._clock, stop=stop)

    def _judge_alerts(self) -> None:
        """Hold the rules against the index as it stands now; a fault of theirs stops no work."""
        try:
            self._judge(self._clock())
        except SQLAlchemyError as error:
            log.warning("alerts could not be judged", error=str(error))
        except Exception:
            log.exception("alerts could not be judged")

    def _follow_champion(self, stop: Callable[[], bool]) -> None:
        """Let a new champion score the past in batches; when it has, the index is made with it."""
        self._desks.look(at_once=False)
        coming = self._desks.coming
        if coming is None or stop():
            return
        rescore_past(self._engine, coming, self._clock, stop)
        self._desks.look()
        if self._desks.coming is None:
            self._work(stop)

    def _anything_waits(self) -> bool:
        with reading(self._engine) as conn:
            return anything_waiting(conn)

    def _keep_doing(self, chore: Chore, leads: threading.Event, stopping: threading.Event) -> None:
        failures = 0
        while not stopping.is_set():
            if not leads.wait(1):
                continue
            failures = 0 if self._attempt(chore) else failures + 1
            stopping.wait(pause_after(chore.every, failures).total_seconds())

    def _attempt(self, chore: Chore) -> bool:
        try:
            result = chore.do(self._clock())
        except (RiskError, SQLAlchemyError) as error:
            log.warning("a chore failed", chore=chore.name, error=str(error))
            return False
        except Exception:
            log.exception("a chore failed", chore=chore.name)
            return False
        log.info("a chore is done", chore=chore.name, result=str(result))
        return True


def pause_after(every: timedelta, failures: int) -> timedelta:
    """How long a chore rests: doubled by each failure in a row, up to an hour.

    >>> [pause_after(timedelta(minutes=5), n) // timedelta(minutes=1) for n in (0, 1, 2, 9)]
    [5, 10, 20, 60]
    """
    return min(every * (1 << min(failures, 6)), max(LONGEST_BACKOFF, every))


def feed_chores(engine: Engine, feeds: Sequence[Feed], every: timedelta) -> list[Chore]:
    """A chore for each feed: read it and keep what it brings."""
    return [Chore(feed.name, every, partial(_read, engine, feed)) for feed in feeds]


def _read(engine: Engine, feed: Feed, now: datetime) -> TakenIn:
    return take_in(engine, feed, now)
