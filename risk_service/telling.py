"""The live answer told to whoever follows the stream: in short, and once among all replicas.

Every replica makes the same answer. Whichever is first appends it to the log; the others, who
wait for its commit, find it there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_service.desks import Desks
from risk_service.snapshot import REBUILD_AFTER, Snapshot, Snapshots
from risk_service.store.engine import writing
from risk_service.store.stream import Entry, append, forget_before, newest_of, take_ids
from risk_service.store.told_stories import direction_of, shortened, story_entry

LOOK_EVERY = 0.1
"""Seconds between two looks for a new answer, in memory."""
KEPT_FOR = timedelta(days=7)
"""How long what was told stays in the log: how long a reader may be away and miss nothing."""
FORGET_EVERY = timedelta(hours=1)
MOVED = 0.5
"""Risk points by which what a story adds has to move, to be told again."""
_SAME = ("state", "risk_index", "interval")
_SCORED = ("direction", "severity", "p_thaw", "p_escalation")
_OF_STORY = (
    "story_id", "text", "source", "url", "published_at", "theme", "reports", "p_thaw",
    "p_escalation", "severity", "contribution",
)  # fmt: skip

Answer = Mapping[str, Any]
log = structlog.get_logger()


class Teller:
    """Tells each new live answer, and the stories that weigh most in it where they moved."""

    def __init__(
        self, engine: Engine, desks: Desks, snapshots: Snapshots, clock: Callable[[], datetime]
    ) -> None:
        self._engine, self._desks = engine, desks
        self._snapshots, self._clock = snapshots, clock
        self._seen: dict[str, Snapshot] = {}
        self._forgot_at: datetime | None = None

    def look(self) -> None:
        """Tell what is new since the last look, and forget what has been told long ago."""
        for dyad in self._desks.index.dyads:
            held = self._snapshots.held(dyad)
            if held is None or held is self._seen.get(dyad):
                continue
            with writing(self._engine) as conn:
                tell_answer(conn, dyad, orjson.loads(held.body), self._clock())
            self._seen[dyad] = held
        now = self._clock()
        if self._forgot_at is None or now - self._forgot_at >= FORGET_EVERY:
            with writing(self._engine) as conn:
                forget_before(conn, now - KEPT_FOR)
            self._forgot_at = now

    def follow(self, stopping: threading.Event) -> None:
        """Look until told to stop; what could not be told is told when the database is back."""
        while not stopping.wait(LOOK_EVERY):
            try:
                self.look()
            except SQLAlchemyError as error:
                log.warning("the index could not be told", error=str(error))
                stopping.wait(1)
            except Exception:
                # A fault of ours must not end the thread: nothing would be told any more.
                log.exception("the index could not be told")
                stopping.wait(1)


def tell_answer(conn: Connection, dyad: str, answer: Answer, now: datetime) -> None:
    """Append a live answer, unless it or a newer one has been told."""
    take_ids(conn, 0)
    short = in_short(answer)
    if not is_news(short, newest_of(conn, "index", dyad, [dyad]).get(dyad)):
        return
    stories = driving_stories(answer)
    known = newest_of(conn, "story", dyad, [str(story["story_id"]) for story in stories])
    moved = [s for s in stories if has_moved(s, known.get(str(s["story_id"])))]
    entries = [Entry("index", dyad, dyad, short), *(story_entry(dyad, story) for story in moved)]
    append(conn, entries, now)


def in_short(answer: Answer) -> dict[str, Any]:
    """What the stream tells of a live answer."""
    fresh = answer["freshness"]
    return {
        **{name: answer[name] for name in ("dyad", "evaluated_at", "state", "risk_index")},
        **{name: answer[name] for name in ("interval", "change", "versions")},
        **{name: fresh[name] for name in ("computed_at", "watched_until", "stale")},
    }


def driving_stories(answer: Answer) -> list[dict[str, Any]]:
    """The stories that weigh most in a live answer, as the stream tells them."""
    return [
        {
            **{name: story[name] for name in _OF_STORY},
            "text": shortened(story["text"]),
            "direction": direction_of(story),
            "why": "weight",
        }
        for story in answer["drivers"]
    ]


def is_news(short: Answer, told: Answer | None) -> bool:
    """Whether an answer in short says anything that the one told last does not.

    Another replica's answer of the same index version differs by the seconds between them; such
    a one is news only when the index has had the time to decay.
    """
    if told is None:
        return True
    version, before = short["versions"]["index"], told["versions"]["index"]
    if version != before:
        # Clocks of replicas differ; versions do not.
        return bool(version > before)
    if all(short[name] == told[name] for name in _SAME):
        return False
    passed = datetime.fromisoformat(short["computed_at"]) - datetime.fromisoformat(
        told["computed_at"]
    )
    moved = short["state"] != told["state"] or short["versions"] != told["versions"]
    return passed >= (timedelta(0) if moved else REBUILD_AFTER)


def has_moved(story: Answer, told: Answer | None) -> bool:
    """Whether a story's score or weight is another than it was when told last."""
    if told is None or told["contribution"] is None:
        return True
    if any(story[name] != told[name] for name in _SCORED):
        return True
    return bool(abs(story["contribution"] - told["contribution"]) >= MOVED)
