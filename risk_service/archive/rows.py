"""Rows of an archive to partitions of texts; a row that is no text is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from risk_service.archive.part import Part
from risk_service.errors import FileError
from risk_service.feeds.columns import folded, read_columns
from risk_service.feeds.contract import BadRow
from risk_service.feeds.file_contract import FileRow, FileRows
from risk_service.feeds.files import read_rows
from risk_service.feeds.row_values import language_code, plain_text

ID, TEXT, LANGUAGE = "external_id", "text", "language"


@dataclass(frozen=True, slots=True)
class Named:
    """The columns of text and row id, where they have names that ``feeds.columns`` does not know.

    >>> Named(text="Body").complaint(("body", "x")), Named().complaint(("when", "x"))
    (None, 'no column holds a text (text, headline, title, sentence)')
    """

    text: str = ""
    id: str = ""

    def column(self, field: str, names: tuple[str, ...]) -> str | None:
        """The column of a field among these names; None where there is none."""
        wanted = {TEXT: self.text, ID: self.id}.get(field, "")
        if not wanted:
            return read_columns(names).by_field.get(field)
        return next((name for name in names if folded(name) == folded(wanted)), None)

    def complaint(self, names: tuple[str, ...]) -> str | None:
        """Why no texts can come of columns of these names, or None."""
        if self.column(TEXT, names) is None:
            known = self.text or "text, headline, title, sentence"
            return f"no column holds a text ({known})"
        if self.id and self.column(ID, names) is None:
            return f"no column is called {self.id}"
        return None


@dataclass(frozen=True, slots=True)
class Source:
    """A name, unique in the archive, and its rows: equal ones in equal order at each reading."""

    name: str
    rows: FileRows


def file_sources(paths: Iterable[Path], named: Named) -> Iterator[Source]:
    """A source for each file, called by its name without endings; of equal names, numbered.

    Raises
    ------
    FileError
        While its rows are read: see ``feeds.files.read_rows``.
    """
    taken: set[str] = set()
    for path in paths:
        stem = path.name.lstrip(".").split(".")[0] or path.name
        name, times = stem, 1
        while name in taken:
            times += 1
            name = f"{stem}-{times}"
        taken.add(name)
        yield Source(name, _named_by(path, read_rows(path, name, named.complaint)))


def parts_of(source: Source, size: int, named: Named) -> Iterator[Part]:
    """The rows in parts of ``size``, each row in one of them; an empty source has one empty part.

    A row without a text is set aside in its part. Raises FileError as ``source.rows`` does.
    """
    numbered = enumerate(source.rows, 1)
    number = 0
    while (taken := list(islice(numbered, size))) or number == 0:
        number += 1
        yield _part(source.name, number, taken, named)


def _named_by(path: Path, rows: FileRows) -> FileRows:
    try:
        yield from rows
    except FileError as error:
        raise FileError(f"{path.name}: {error}") from error


def _part(
    source: str, number: int, taken: Iterable[tuple[int, FileRow | BadRow]], named: Named
) -> Part:
    good: list[tuple[int, str | None, str, str | None]] = []
    bad: list[tuple[int, BadRow]] = []
    for place, row in taken:
        if isinstance(row, BadRow):
            bad.append((place, row))
            continue
        try:
            good.append((place, *_read(row, named)))
        except ValueError as error:
            raw = " | ".join(f"{k}={v}" for k, v in row.values.items() if v is not None)
            bad.append((place, BadRow(source, row.locator, str(error), raw)))
    rows, ids, texts, languages = zip(*good, strict=True) if good else ((), (), (), ())
    return Part(source, number, rows, ids, texts, languages, tuple(bad))


def _read(row: FileRow, named: Named) -> tuple[str | None, str, str | None]:
    """Id, text and language of a row; ValueError where it has no text."""
    names = tuple(row.values)
    told: dict[str, str | None] = {}
    for field in (ID, TEXT, LANGUAGE):
        column = named.column(field, names)
        try:
            told[field] = None if column is None else plain_text(row.values[column])
        except ValueError as error:
            raise ValueError(f"{field}: {error}") from None
    text = told[TEXT]
    if text is None:
        raise ValueError("text: is missing or empty")
    return told[ID], text, language_code(told[LANGUAGE])
