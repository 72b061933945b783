"""Importing a file: its rows are kept as events, chunk by chunk; safe to interrupt and repeat.

How far a file has come is saved in the transaction of each chunk, so an import that was killed
goes on behind the last chunk that was kept. Events are kept unassessed; the worker does the rest.

An import is known by the file's content and the options given for it: the same file with another
language or date format is read anew, and adds what differs from the events that are there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from risk_service.core.events import Event, refuse_future
from risk_service.errors import FileError
from risk_service.feeds.columns import read_columns
from risk_service.feeds.contract import BadRow, storable
from risk_service.feeds.file_contract import FileRow, FileRows
from risk_service.feeds.files import read_rows
from risk_service.feeds.row_event import RowOptions, row_event
from risk_service.feeds.row_values import digest_of
from risk_service.feeds.unpack import opened
from risk_service.store.engine import writing
from risk_service.store.events import save_events
from risk_service.store.feeds import put_aside
from risk_service.store.imports import ImportState, forget_set_aside, import_of, save_import

CHUNK = 5_000
SAMPLES = 10
"""So many rows set aside, and so many kinds of values left out, are named in the answer."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to.

    ``rows`` = ``added`` + ``repeated`` + ``bad``, over the whole file, what was read before an
    interruption included; ``resumed_from`` rows of them were. ``already`` says that the file was
    imported before without a bad row, and was not read again. ``ignored`` are columns that were
    left alone; ``left_out`` and ``samples`` tell of values and rows of this run.
    """

    rows: int
    added: int
    repeated: int
    bad: int
    resumed_from: int = 0
    already: bool = False
    ignored: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    samples: tuple[BadRow, ...] = ()


def import_file(
    engine: Engine,
    path: Path,
    *,
    now: datetime,
    origin: str = "file",
    options: RowOptions | None = None,
    progress: Callable[[int], None] = lambda _: None,
    chunk: int = CHUNK,
) -> Imported:
    """Keep the events of a file, each once.

    A file that was imported whole with the same options is not read again; one of which rows were
    set aside is, for a row that lay in the future may be good by now.

    Parameters
    ----------
    now
        Aware UTC; rows published later than this (10 minutes of grace) are set aside.
    origin
        What the events are kept as coming from, at most 40 characters.
    options
        What the file does not say itself; without them its name's stem is the source. Other
        options make another import; a source that is just the stem does not.
    progress
        Called after each chunk is kept, with the number of its rows.

    Raises
    ------
    FileError
        When the file, or the rest of it, cannot be read; chunks before that are kept.
    """
    options = options or RowOptions(source=stem(path))
    try:
        digest = _digest(path)
        run = _Run(engine, origin, options, now, _filed_under(path, digest))
        return run.over(path, digest, chunk, progress)
    except FileError as error:
        raise FileError(f"{path.name}: {error}") from error


def stem(path: Path) -> str:
    """The name without its endings: ``news.csv.gz`` is ``news``."""
    return path.name.lstrip(".").split(".")[0] or path.name


def _begin(engine: Engine, fresh: ImportState, filed_under: str) -> ImportState:
    """Where to go on: at the start, behind the last chunk kept, or nowhere if nothing is left."""
    with writing(engine) as conn:
        known = import_of(conn, fresh.sha256)
        if known is not None and (known.finished_at is None or known.bad == 0):
            return known
        # Of a file read anew, with the same options or others, only the new complaints count.
        forget_set_aside(conn, filed_under)
        if known is not None:
            save_import(conn, fresh)
    return fresh


def _digest(path: Path) -> str:
    with opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _filed_under(path: Path, digest: str) -> str:
    """What rows of the file that are set aside are kept under."""
    return storable(f"{path.name[-200:]} ({digest[:12]})", 300)


def _known_by(digest: str, path: Path, options: RowOptions) -> str:
    """The digest itself where no option is given; else one of it and of the options."""
    without = RowOptions(source=stem(path))
    given = set(asdict(options).items()) - set(asdict(without).items())
    return digest_of({"file": digest, **dict(given)}) if given else digest


@dataclass(slots=True)
class _Run:
    """One run over a file, and what there is to tell of it."""

    engine: Engine
    origin: str
    options: RowOptions
    now: datetime
    filed_under: str
    ignored: dict[str, None] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    samples: list[BadRow] = field(default_factory=list)

    def over(
        self, path: Path, digest: str, chunk: int, progress: Callable[[int], None]
    ) -> Imported:
        """Go on where the last run over the file ended; one that is finished is not read again."""
        known_by = _known_by(digest, path, self.options)
        fresh = ImportState(known_by, storable(str(path), 4_096), self.now)
        state = _begin(self.engine, fresh, self.filed_under)
        if state.finished_at is not None:
            return Imported(state.rows_read, 0, state.rows_read, 0, already=True)
        return self.through(read_rows(path, self.filed_under), state, chunk, progress)

    def through(
        self, rows: FileRows, state: ImportState, chunk: int, progress: Callable[[int], None]
    ) -> Imported:
        """Keep the rows behind those that ``state`` says were read, chunk by chunk."""
        resumed_from = state.rows_read
        rest = islice(rows, resumed_from, None)
        while taken := list(islice(rest, chunk)):
            state = self._take(taken, state)
            progress(len(taken))
        with writing(self.engine) as conn:
            save_import(conn, replace(state, finished_at=self.now))
        return Imported(
            state.rows_read,
            state.added,
            state.repeated,
            state.bad,
            resumed_from,
            ignored=tuple(self.ignored),
            left_out=tuple(self.left_out.most_common(SAMPLES)),
            samples=tuple(self.samples),
        )

    def _take(self, rows: list[FileRow | BadRow], state: ImportState) -> ImportState:
        """Keep a chunk and how far the import has come, together or not at all."""
        read = [self._read(row) for row in rows]
        events = [one for one in read if isinstance(one, Event)]
        bad = [one for one in read if isinstance(one, BadRow)]
        self.samples += bad[: SAMPLES - len(self.samples)]
        with writing(self.engine) as conn:
            saved = save_events(conn, events, self.origin, self.now)
            put_aside(conn, bad, self.now)
            added = sum(one.new for one in saved)
            state = replace(
                state,
                rows_read=state.rows_read + len(rows),
                added=state.added + added,
                repeated=state.repeated + len(saved) - added,
                bad=state.bad + len(bad),
            )
            save_import(conn, state)
        return state

    def _read(self, row: FileRow | BadRow) -> Event | BadRow:
        if isinstance(row, BadRow):
            return row
        self.ignored.update(dict.fromkeys(read_columns(tuple(row.values)).ignored))
        try:
            read = row_event(row.values, self.options)
            refuse_future(read.event, self.now)
        except ValueError as error:
            return BadRow(self.filed_under, row.locator, str(error), _shown(row))
        self.left_out.update(read.left_out)
        return read.event


def _shown(row: FileRow) -> str:
    return " | ".join(f"{name}={value}" for name, value in row.values.items() if value is not None)
