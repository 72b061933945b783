"""An archive scored: parts sent out, and kept as they come back, in whatever order.

A part that is kept already, of the same rows and made with the same model, is not scored again: a
run that was killed goes on where it was. Nothing is lost unseen: of every source the rows that were
read are compared with those that are kept and set aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field

from risk_service.archive.crews import Crew
from risk_service.archive.part import Facts, Part, Scored
from risk_service.archive.rows import Named, Source, parts_of
from risk_service.archive.shelf import Shelf
from risk_service.errors import RiskError

PART_ROWS = 5_000
"""Rows of a part: seconds of the fast model's work, half a minute of the accurate one's."""
AHEAD = 2
"""Parts a worker that are read before the first of them must be back."""


@dataclass(slots=True)
class Archived:
    """What a run came to: ``rows`` = ``scored`` + those of ``unscored`` + ``bad``.

    ``unscored`` counts texts by their language. ``held`` of the ``parts`` were there before.
    """

    sources: int = 0
    rows: int = 0
    scored: int = 0
    bad: int = 0
    parts: int = 0
    held: int = 0
    unscored: Counter[str] = field(default_factory=Counter)

    def count(self, facts: Facts) -> None:
        """Add a part."""
        self.parts += 1
        self.rows += facts.rows + facts.bad
        self.scored += facts.scored
        self.bad += facts.bad
        self.unscored.update(facts.unscored)


def score_archive(
    sources: Iterable[Source],
    named: Named,
    crew: Crew,
    shelf: Shelf,
    made_with: str,
    *,
    size: int = PART_ROWS,
    progress: Callable[[int], None] = lambda _: None,
) -> Archived:
    """Score every source; ``progress`` is told the rows of each part that is done.

    Raises
    ------
    FileError
        When a source cannot be read on; what came before is scored and kept.
    RiskError
        When a worker was lost for good, or rows are missing at the end.
    """
    told = Archived()
    run = _Run(crew, shelf, made_with, told, progress)
    for source in sources:
        read = parts = 0
        try:
            for part in parts_of(source, size, named):
                run.take(part)
                read, parts = read + part.read, part.number
        finally:
            run.drain()
        kept, bad = shelf.finish(source.name, parts)
        if kept + bad != read:
            raise RiskError(f"{source.name}: {read} rows were read, {kept} kept, {bad} set aside")
        told.sources += 1
    return told


@dataclass(slots=True)
class _Run:
    crew: Crew
    shelf: Shelf
    made_with: str
    told: Archived
    progress: Callable[[int], None]
    out: dict[Future[Scored], Part] = field(default_factory=dict)

    def take(self, part: Part) -> None:
        """Send a part out, unless it is kept; wait while too many are out."""
        held = self.shelf.held(part.source, part.number)
        if held is not None and held.input_sha256 == part.sha256(self.made_with):
            self.told.held += 1
            self._done(held)
            return
        while len(self.out) >= AHEAD * self.crew.hands:
            self._collect()
        self.out[self.crew.submit(part.texts, part.languages)] = part

    def drain(self) -> None:
        """Wait for all that is out."""
        while self.out:
            self._collect()

    def _collect(self) -> None:
        done, _ = wait(self.out, return_when=FIRST_COMPLETED)
        for future in done:
            part = self.out.pop(future)
            try:
                scored = future.result()
            except (BrokenProcessPool, CancelledError) as error:
                raise RiskError(
                    f"{part.source}, part {part.number}: its worker was lost; run it again to go on"
                ) from error
            facts = Facts.of(part, scored, self.made_with)
            self.shelf.put(part, scored, facts)
            self._done(facts)

    def _done(self, facts: Facts) -> None:
        self.told.count(facts)
        self.progress(facts.rows + facts.bad)
