"""Scored parts as Parquet files: ``DIR/model_version=V/SOURCE-00001.parquet``.

A file is written under another name and renamed, so that one which is there is whole; what it is of
stands in its metadata. Rows set aside are in ``DIR/model_version=V/_set_aside``, as JSON lines:
names that begin with ``_`` are passed over by readers of data sets.
"""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from risk_service.archive.part import Facts, Part, Scored
from risk_service.archive.shelf import columns_of

SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("id", pa.string()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("language", pa.string()),
        pa.field("scored", pa.bool_(), nullable=False),
        pa.field("p_thaw", pa.float64()),
        pa.field("p_escalation", pa.float64()),
        pa.field("p_neutral", pa.float64()),
        pa.field("severity", pa.float64()),
        pa.field("direction", pa.string()),
        pa.field("abstains", pa.bool_()),
        pa.field("directness", pa.string(), nullable=False),
        pa.field("relevance", pa.float64(), nullable=False),
    ]
)
_ABOUT = b"risk_service"
_PLACE = re.compile(r"(.+)-(\d{5,})\.parquet")


@dataclass(frozen=True, slots=True)
class ParquetShelf:
    """A folder of one archive, and the model whose scores are put there."""

    folder: Path
    version: str

    @property
    def home(self) -> Path:
        """Where the parts of this model are."""
        return self.folder / f"model_version={self.version}"

    def held(self, source: str, number: int) -> Facts | None:
        """See ``Shelf``; a file that is cut short has no metadata at its end."""
        path = self._file(source, number)
        try:
            whole = pq.read_metadata(path)
            facts = Facts.from_plain(orjson.loads((whole.metadata or {})[_ABOUT]))
        except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
            return None
        return facts if whole.num_rows == facts.rows and self._bad(path) == facts.bad else None

    def put(self, part: Part, scored: Scored, facts: Facts) -> None:
        """See ``Shelf``. What was set aside comes first: the part says that all of it is there."""
        path = self._file(part.source, part.number)
        aside = _aside(path)
        aside.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            orjson.dumps(
                {"row": row, "where": one.locator, "reason": one.reason, "raw": one.raw},
                option=orjson.OPT_APPEND_NEWLINE,
            )
            for row, one in part.bad
        ]
        if lines:
            _write(aside, b"".join(lines))
        else:
            aside.unlink(missing_ok=True)
        schema = SCHEMA.with_metadata({_ABOUT: orjson.dumps(asdict(facts))})
        sink = pa.BufferOutputStream()
        table = pa.table(columns_of(part, scored), schema=schema)
        pq.write_table(table, sink, compression="zstd")
        _write(path, sink.getvalue().to_pybytes())

    def finish(self, source: str, parts: int) -> tuple[int, int]:
        """See ``Shelf``; the rows are counted in the files as they stand on disk."""
        kept = bad = 0
        for path in sorted(self.home.glob("*.parquet")):
            place = _PLACE.fullmatch(path.name)
            if place is None or place[1] != source:
                continue
            if int(place[2]) > parts:
                path.unlink()
                _aside(path).unlink(missing_ok=True)
                continue
            kept += pq.read_metadata(path).num_rows
            bad += self._bad(path)
        return kept, bad

    def _file(self, source: str, number: int) -> Path:
        return self.home / f"{source}-{number:05d}.parquet"

    def _bad(self, path: Path) -> int:
        try:
            return _aside(path).read_bytes().count(b"\n")
        except FileNotFoundError:
            return 0


def _aside(path: Path) -> Path:
    return path.parent / "_set_aside" / f"{path.stem}.jsonl"


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
