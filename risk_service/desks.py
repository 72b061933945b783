"""The desks at work: each is replaced whole when another model becomes champion.

Two may differ for a while. ``champion`` is whose model is asked about texts; ``index`` is whose
scores the index is made of, and follows once the champion has scored the past. Until then the index
stays complete, for new events are still scored for it by the model before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from sqlalchemy import Engine

from models.classifier import Classifier
from models.registry import BadArtifact, load
from risk_service.desk import Desk
from risk_service.store.engine import reading
from risk_service.store.index import last_model
from risk_service.store.models import champion_version
from risk_service.store.rescored import has_scored_all

LOOK_EVERY = 1.0
"""Seconds between two looks at the registry, but for those who cannot wait."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pair:
    """Who is asked about texts, and whose scores the index is made of."""

    champion: Desk
    index: Desk


class Desks:
    """The desks of one process; ``look`` follows the registry."""

    def __init__(self, pair: Pair, follow: Callable[[Pair], Pair] = lambda pair: pair) -> None:
        self._pair, self._follow = pair, follow
        self._looking = threading.Lock()
        self._looked = float("-inf")

    @property
    def pair(self) -> Pair:
        """Both desks, of one moment."""
        return self._pair

    @property
    def champion(self) -> Desk:
        """The desk that is asked about texts."""
        return self._pair.champion

    @property
    def index(self) -> Desk:
        """The desk that the index is made with."""
        return self._pair.index

    @property
    def coming(self) -> Desk | None:
        """The champion while it still has to score the past for the index, or None."""
        pair = self._pair
        return None if pair.champion is pair.index else pair.champion

    def look(self, *, at_once: bool = True) -> None:
        """See who is champion now; a few small reads, and the loading of a model that is new here.

        Without ``at_once`` nothing is done within ``LOOK_EVERY`` of the last look, or while
        another thread looks.

        Raises
        ------
        SQLAlchemyError
            When the database cannot be asked; the desks stay as they are.
        """
        if not at_once and time.monotonic() - self._looked < LOOK_EVERY:
            return
        if not self._looking.acquire(blocking=at_once):
            return
        try:
            self._pair = self._follow(self._pair)
            self._looked = time.monotonic()
        finally:
            self._looking.release()


def as_desks(desk: Desk | Desks) -> Desks:
    """Desks that follow nobody, where a single desk is given."""
    return desk if isinstance(desk, Desks) else Desks(Pair(desk, desk))


def following(engine: Engine, desk: Desk, models_dir: Path | None, pinned: bool) -> Desks:
    """Desks that begin with one and follow the champion of the registry, unless it is pinned."""
    follower = _Follower(engine, models_dir, pinned)
    desks = Desks(Pair(desk, desk), follower.follow)
    desks.look()
    return desks


class _Follower:
    def __init__(self, engine: Engine, models_dir: Path | None, pinned: bool) -> None:
        self._engine, self._models_dir, self._pinned = engine, models_dir, pinned
        self._refused: set[str] = set()

    def follow(self, pair: Pair) -> Pair:
        """The pair as the registry wants it now; as it was where an artifact cannot be opened."""
        with reading(self._engine) as conn:
            named = None if self._pinned else champion_version(conn)
            champion = self._with_model(pair, named or pair.champion.classifier.version)
            if has_scored_all(conn, champion.classifier.version):
                return Pair(champion, champion)
            spoke = next(filter(None, (last_model(conn, dyad) for dyad in champion.dyads)), None)
        if spoke is None:
            # No day was ever settled: there is no index that another model made.
            return Pair(champion, champion)
        if pair.index is pair.champion and pair.index.classifier.version != spoke:
            # A process that has just begun: the index goes on with the model it was left with.
            return Pair(champion, self._with_model(pair, spoke))
        return Pair(champion, pair.index)

    def _with_model(self, pair: Pair, version: str) -> Desk:
        for desk in (pair.champion, pair.index):
            if desk.classifier.version == version:
                return desk
        classifier = self._opened(version)
        return replace(pair.champion, classifier=classifier) if classifier else pair.champion

    def _opened(self, version: str) -> Classifier | None:
        if version in self._refused:
            return None
        try:
            classifier = load(version, self._models_dir)
        except BadArtifact as error:
            self._refused.add(version)
            log.error("a model is not followed, the one before serves on", reason=str(error))
            return None
        log.info("a model is opened", version=version)
        return classifier
