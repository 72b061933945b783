"""An archive for the tests, a model to read it, and a crew of one thread."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from models.registry import versions
from risk_service.archive.crews import Crew
from risk_service.archive.part import Scored
from risk_service.archive.reader import Reader, read_by, score_texts
from risk_service.archive.rows import Named, file_sources
from risk_service.archive.run import Archived, score_archive
from risk_service.archive.shelf import Shelf
from risk_service.desk import read_gazetteers

FAST = next(version for version in versions() if version.startswith("fast"))
SWEDISH = "Ryssland anfaller Ukraina med robotar och drönare"
ENGLISH = (
    "Washington and Moscow agree to restore {} embassy staff",
    "Russia launches massive missile attack on Kyiv, killing {}",
    "The president of Russia gave a speech of {} minutes about farming",
)
Rows = list[dict[str, str]]


@cache
def reader() -> Reader:
    """The bundled fast model, for the bundled dyad."""
    return read_by(FAST, None, read_gazetteers(None)[0])


def news(count: int) -> Rows:
    """Every fifth row is Swedish, every seventh has no text."""
    found = []
    for n in range(count):
        text = SWEDISH if n % 5 == 4 else ENGLISH[n % 3].format(n)
        found.append({"id": f"a{n}", "headline": "" if n % 7 == 6 else text, "desk": "x"})
    return found


def texts_of(rows: Rows) -> list[str]:
    return [row["headline"] for row in rows if row["headline"]]


def write(path: Path, rows: Rows) -> Path:
    """The rows as what the file's name says; gzip where it says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8") as file:
        if ".csv" in path.name:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


@contextmanager
def crew(sent: list[Sequence[str]] | None = None) -> Iterator[Crew]:
    """One thread; the texts of each part that it gets are noted in ``sent``."""
    with ThreadPoolExecutor(1) as pool:

        def submit(texts: Sequence[str], languages: Sequence[str | None]):  # type: ignore[no-untyped-def]
            if sent is not None:
                sent.append(texts)
            return pool.submit(score_texts, reader(), texts, languages)

        yield Crew(1, submit)


def run(
    shelf: Shelf, *paths: Path, size: int = 10, sent: list[Sequence[str]] | None = None
) -> Archived:
    """Score files with the crew of one."""
    with crew(sent) as hands:
        return score_archive(
            file_sources(paths, Named()), Named(), hands, shelf, reader().made_with, size=size
        )


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def scored(texts: Sequence[str]) -> Scored:
    return score_texts(reader(), texts, [None] * len(texts))
