"""The log of the stream, read once by each replica and handed to all who follow it.

Each reader has a place in one shared stretch of the newest entries: nothing is held for it alone.
One that falls out of the stretch has read too slowly, and is let go; it may come back and is given
from the database what it missed.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from itertools import islice

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_service.store.engine import reading
from risk_service.store.stream import Told, last_id, oldest_id, told_after

LOOK_EVERY = 0.1
"""Seconds between two looks at the log: one small read."""
PAGE = 500
"""Entries read at once."""
HELD = 2_000
"""The newest entries, held for readers who lag."""

Wake = Callable[[], None]
log = structlog.get_logger()


class Gone(Exception):
    """Entries after an id are no longer at hand, or never were."""


class Full(Exception):
    """As many follow already as may."""


class Broadcast:
    """The newest entries, and the wakes of those who follow; kept going by ``follow``."""

    def __init__(self, engine: Engine, most: int = 200, held: int = HELD) -> None:
        self._engine, self._most = engine, most
        self._entries: deque[Told] = deque(maxlen=held)
        self._last: int | None = None
        self._wakes: set[Wake] = set()
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._closed = False

    @property
    def open(self) -> bool:
        """Whether the log has been looked at, and streams may be opened."""
        return self._last is not None and not self._closed

    @property
    def last(self) -> int:
        """The newest id known here."""
        return self._last or 0

    @property
    def closed(self) -> bool:
        """Whether all who follow should leave."""
        return self._closed

    def join(self, wake: Wake) -> int:
        """Follow: ``wake`` is called, from another thread, whenever there is something new.

        Gives the id told last: what ``after`` tells from there on is complete.

        Raises
        ------
        Full
            When too many follow already.
        """
        with self._lock:
            if len(self._wakes) >= self._most or self._last is None:
                raise Full
            self._wakes.add(wake)
            return self._last

    def leave(self, wake: Wake) -> None:
        """Follow no longer."""
        with self._lock:
            self._wakes.discard(wake)

    def after(self, id_: int) -> list[Told]:
        """The entries after an id, at most ``PAGE``, from memory.

        Raises
        ------
        Gone
            When they reach further back than what is held.
        """
        with self._lock:
            last = self._last or 0
            missing = last - id_
            if not 0 <= missing <= len(self._entries):
                raise Gone
            start = len(self._entries) - missing
            return list(islice(self._entries, start, start + PAGE))

    def past(self, id_: int, until: int) -> list[Told]:
        """The entries after an id up to another, at most ``PAGE``, from the database.

        Raises
        ------
        Gone
            When some of them are no longer in the log, or none was ever told under that id.
        """
        with reading(self._engine) as conn:
            if not oldest_id(conn) - 1 <= id_ <= until:
                raise Gone
            return [told for told in told_after(conn, id_, PAGE) if told.id <= until]

    def look(self) -> None:
        """Read what has been told since the last look, and wake who follows."""
        with self._looking:
            known = self._last
            with reading(self._engine) as conn:
                last = last_id(conn)
                fresh = told_after(conn, known, PAGE) if known is not None and last > known else []
            if last != known:
                self._hold(fresh, last)

    def _hold(self, fresh: list[Told], last: int) -> None:
        with self._lock:
            if self._last is None or not fresh or fresh[0].id != self._last + 1:
                # The first look, or another database than it was: nothing held fits what comes.
                self._entries.clear()
                self._last = last
            else:
                self._entries.extend(fresh)
                self._last = fresh[-1].id
            wakes = list(self._wakes)
        for wake in wakes:
            wake()

    def follow(self, stopping: threading.Event) -> None:
        """Look until told to stop; while the database is lost, streams stay open and silent."""
        while not stopping.wait(LOOK_EVERY):
            try:
                self.look()
            except SQLAlchemyError as error:
                log.warning("the stream could not be read", error=str(error))
                stopping.wait(1)
            except Exception:
                # A fault of ours must not end the thread: every stream would fall silent.
                log.exception("the stream could not be read")
                stopping.wait(1)

    def close(self) -> None:
        """Let everybody who follows go at once."""
        with self._lock:
            self._closed = True
            wakes = list(self._wakes)
        for wake in wakes:
            wake()
