"""The answer to polls, held in memory as bytes, and made anew when the index version moves."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_service.desk import Desk
from risk_service.desks import Desks, as_desks
from risk_service.live import live_answer
from risk_service.store.engine import reading
from risk_service.store.index import index_version

LOOK_EVERY = 0.1
"""Seconds between two looks at the index version: one small read for each dyad."""
REBUILD_AFTER = timedelta(seconds=30)
"""Ages and decays move by themselves, so an answer is made anew after this long at the latest."""

OLD_AFTER = timedelta(seconds=90)
"""An answer older than this should have been made anew long ago, and says so."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One ready answer: its bytes, a strong ETag over them, and when they were made."""

    body: bytes
    etag: str
    version: int
    made_at: datetime


class Snapshots:
    """The newest answer of each dyad; kept fresh by ``follow`` in a thread of its own."""

    def __init__(self, engine: Engine, desk: Desk | Desks, clock: Callable[[], datetime]) -> None:
        self._engine, self._desks, self._clock = engine, as_desks(desk), clock
        self._made_with: dict[str, str] = {}
        self._held: dict[str, Snapshot] = {}
        self._old: dict[str, tuple[Snapshot, Snapshot]] = {}
        self._making = threading.Lock()

    def held(self, dyad: str) -> Snapshot | None:
        """The answer at hand, without touching the database; None for an unknown dyad.

        One that has grown old is given as a copy that says so. Whoever asks looks at the clock
        (0.2 microseconds), so this holds even where ``follow`` has ended.
        """
        held = self._held.get(dyad)
        if held is None or self._clock() - held.made_at <= OLD_AFTER:
            return held
        known = self._old.get(dyad)
        if known is None or known[0] is not held:
            # Two that ask at once both make it: of one answer the copies are equal.
            known = self._old[dyad] = held, told_stale(held)
        return known[1]

    def refresh(self) -> None:
        """Make anew the answers whose index version or model has moved, or that have grown old."""
        self._desks.look(at_once=False)
        desk = self._desks.index
        model = desk.classifier.version
        with self._making, reading(self._engine) as conn:
            for dyad in desk.dyads:
                now = self._clock()
                version = index_version(conn, dyad)
                held = self._held.get(dyad)
                same = held and held.version == version and self._made_with[dyad] == model
                if held and same and now - held.made_at < REBUILD_AFTER:
                    continue
                body = orjson.dumps(live_answer(conn, desk, dyad, now), option=orjson.OPT_UTC_Z)
                self._made_with[dyad] = model
                self._held[dyad] = Snapshot(body, etag_of(body), version, now)

    def follow(self, stopping: threading.Event) -> None:
        """Refresh until told to stop. A lost database leaves the last answer, with its age."""
        while not stopping.wait(LOOK_EVERY):
            try:
                self.refresh()
            except SQLAlchemyError as error:
                log.warning("the snapshot could not be refreshed", error=str(error))
                stopping.wait(1)
            except Exception:
                # A fault of ours must not end the thread: every later answer would be old.
                log.exception("the snapshot could not be refreshed")
                stopping.wait(1)


def told_stale(held: Snapshot) -> Snapshot:
    """A copy of an answer that says that it could not be made anew; of the same moment."""
    answer = orjson.loads(held.body)
    reason = f"this answer could not be made anew since {held.made_at:%Y-%m-%dT%H:%M:%SZ}"
    freshness = answer["freshness"]
    freshness |= {"stale": True, "reasons": [reason, *freshness["reasons"]]}
    body = orjson.dumps({**answer, "state": "stale"})
    return replace(held, body=body, etag=etag_of(body))


def etag_of(body: bytes) -> str:
    """A strong entity tag of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
