"""The loop around the path. One worker among all replicas holds the lease and works."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_service.desk import Desk
from risk_service.errors import FeedError, PriceError
from risk_service.feeds.contract import Feed
from risk_service.pipeline import TakenIn, take_in, work_off
from risk_service.store.engine import reading, writing
from risk_service.store.events import anything_waiting
from risk_service.store.leases import give_back, take_lease

LEASE = "worker"
LEASE_LASTS = timedelta(seconds=30)
LOOK_EVERY = 0.1
"""Seconds between two looks for waiting events."""
SETTLE_EVERY = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=1)

log = structlog.get_logger()
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do now and again: ``do`` is called every ``every``, later after failures."""

    name: str
    every: timedelta
    do: Callable[[datetime], object]


class Worker:
    """Works off waiting events at once, and does its chores when they are due."""

    def __init__(self, engine: Engine, desk: Desk, chores: Sequence[Chore], clock: Clock) -> None:
        self._engine, self._desk, self._chores, self._clock = engine, desk, chores, clock
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._leading = threading.Event()
        self._settled_at: datetime | None = None

    def once(self) -> None:
        """Every chore once, then work off; for cron, tests and people. Failures are logged."""
        for chore in self._chores:
            self._attempt(chore)
        work_off(self._engine, self._desk, self._clock)

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop; then let the next worker in at once."""
        threads = [
            threading.Thread(target=self._keep_doing, args=(chore, stopping), daemon=True)
            for chore in self._chores
        ]
        for thread in threads:
            thread.start()
        while not stopping.wait(LOOK_EVERY):
            try:
                self._turn()
            except SQLAlchemyError as error:
                log.warning("the database failed the worker", error=str(error))
                self._leading.clear()
                stopping.wait(2)
        self._leave()

    def _turn(self) -> None:
        now = self._clock()
        with writing(self._engine) as conn:
            leads = take_lease(conn, LEASE, self._holder, now, LEASE_LASTS)
        if not leads:
            self._leading.clear()
            return
        self._leading.set()
        due = self._settled_at is None or now - self._settled_at >= SETTLE_EVERY
        with reading(self._engine) as conn:
            waiting = anything_waiting(conn)
        if waiting or due:
            work_off(self._engine, self._desk, self._clock)
            self._settled_at = now

    def _keep_doing(self, chore: Chore, stopping: threading.Event) -> None:
        failures = 0
        while not stopping.is_set():
            if not self._leading.wait(1):
                continue
            failures = 0 if self._attempt(chore) else failures + 1
            pause = min(chore.every * 2 ** min(failures, 6), max(LONGEST_BACKOFF, chore.every))
            stopping.wait(pause.total_seconds())

    def _attempt(self, chore: Chore) -> bool:
        try:
            result = chore.do(self._clock())
        except (FeedError, PriceError, SQLAlchemyError) as error:
            log.warning("a chore failed", chore=chore.name, error=str(error))
            return False
        log.info("a chore is done", chore=chore.name, result=str(result))
        return True

    def _leave(self) -> None:
        try:
            with writing(self._engine) as conn:
                give_back(conn, LEASE, self._holder)
        except SQLAlchemyError as error:
            log.warning("the lease could not be given back", error=str(error))


def feed_chores(engine: Engine, feeds: Sequence[Feed], every: timedelta) -> list[Chore]:
    """A chore for each feed: read it and keep what it brings."""
    return [Chore(feed.name, every, partial(_read, engine, feed)) for feed in feeds]


def _read(engine: Engine, feed: Feed, now: datetime) -> TakenIn:
    return take_in(engine, feed, now)
