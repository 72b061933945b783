"""Leading: of all workers on one database, the one whose lease is kept alive does the work."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_service.store.engine import writing
from risk_service.store.leases import give_back, take_lease

LEASE = "worker"
LASTS = timedelta(seconds=30)
"""How long the others wait for a leader that died without a word."""
RENEW_EVERY = 5.0
"""Seconds between two renewals by the leader."""
TRY_EVERY = 0.5
"""Seconds between two tries of everybody else."""

log = structlog.get_logger()
Clock = Callable[[], datetime]


@contextmanager
def leading(engine: Engine, clock: Clock) -> Iterator[threading.Event]:
    """An event that is set while we lead. It is first decided on when the block begins.

    The lease is renewed in a thread of its own, so that work may take longer than the lease
    lasts, and it is given back when the block ends: the next worker need not wait.
    """
    claim, over = _Claim(engine, clock), threading.Event()
    claim.look()
    keeper = threading.Thread(target=claim.keep, args=(over,), name="lease", daemon=True)
    keeper.start()
    try:
        yield claim.leads
    finally:
        over.set()
        keeper.join()
        claim.give_up()


class _Claim:
    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[-100:]
        self.leads = threading.Event()

    def keep(self, over: threading.Event) -> None:
        while not over.wait(RENEW_EVERY if self.leads.is_set() else TRY_EVERY):
            self.look()

    def look(self) -> None:
        try:
            with writing(self._engine) as conn:
                leads = take_lease(conn, LEASE, self._holder, self._clock(), LASTS)
        except SQLAlchemyError as error:
            log.warning("the lease could not be looked at", error=str(error))
            leads = False
        if leads:
            self.leads.set()
        else:
            self.leads.clear()

    def give_up(self) -> None:
        try:
            with writing(self._engine) as conn:
                give_back(conn, LEASE, self._holder)
        except SQLAlchemyError as error:
            log.warning("the lease could not be given back", error=str(error))
