"""Rows of CSV and TSV, one at a time; a broken row costs that row and no other."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from risk_service.errors import FileError
from risk_service.feeds.columns import read_columns
from risk_service.feeds.contract import BadRow
from risk_service.feeds.file_contract import FileRow, FileRows
from risk_service.feeds.lines import Line

DELIMITERS = ",\t;|"
MAX_LINES, MAX_SIZE = 1_000, 200_000
"""A quoted field may run over so many further lines and characters."""


Complaint = Callable[[tuple[str, ...]], str | None]
"""Why nothing can come of columns of these names, or None."""


def no_event(names: tuple[str, ...]) -> str | None:
    """Why no event can come of columns of these names, or None."""
    return read_columns(names).complaint


def table_rows(lines: Iterator[Line], origin: str, complaint: Complaint = no_event) -> FileRows:
    """Rows of a delimited table with a header; the delimiter is the one its header makes sense by.

    Quoting is RFC 4180's, and new lines in quotes are kept. A tab-separated row whose quotation
    marks are plain text is read as plain text.

    Raises
    ------
    FileError
        When the first line is not a header, or ``complaint`` has one of its names: by default,
        that they tell no time, or neither text nor code.
    """
    source = _Lines(lines)
    header = next((line for line in source if line.text.strip() or line.fault), None)
    if header is None:
        raise FileError("is empty")
    delimiter, names = _read_header(header, complaint)
    for line in source:
        if not line.text.strip() and line.fault is None:
            continue
        where = f"line {line.number}"
        try:
            fields = _fields(line, source, delimiter, len(names))
        except ValueError as error:
            yield BadRow(origin, where, str(error), line.text)
        else:
            yield FileRow(where, dict(zip(names, fields, strict=True)))


class _Lines:
    """Lines that can be put back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._put_back: deque[Line] = deque()

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        return self._put_back.popleft() if self._put_back else next(self._lines)

    def put_back(self, lines: Iterable[Line]) -> None:
        self._put_back.extendleft(reversed(list(lines)))


def _read_header(line: Line, complaint: Complaint) -> tuple[str, list[str]]:
    if line.fault:
        raise FileError(f"{line.fault}; the file must be UTF-8")
    if "\0" in line.text:
        raise FileError("is not UTF-8 text")
    headers = [(delimiter, _names(line.text, delimiter)) for delimiter in DELIMITERS]
    delimiter, names = max(headers, key=lambda header: _sense(tuple(header[1]), complaint))
    if told := complaint(tuple(names)):
        raise FileError(f"{told}; its columns are {', '.join(names)[:300]}")
    return delimiter, names


def _sense(names: tuple[str, ...], complaint: Complaint) -> tuple[int, bool]:
    return len(read_columns(names).by_field), complaint(names) is None


def _names(text: str, delimiter: str) -> list[str]:
    try:
        names = _parse(text, delimiter) or text.split(delimiter)
    except ValueError:
        names = text.split(delimiter)
    # Two columns of one name stay two columns.
    return [
        name if name not in names[:place] else f"{name}.{place}" for place, name in enumerate(names)
    ]


def _fields(line: Line, source: _Lines, delimiter: str, width: int) -> list[str]:
    if line.fault:
        raise ValueError(line.fault)
    try:
        fields = _parse(line.text, delimiter)
        if fields is None:
            fields = _read_on(line, source, delimiter, width)
    except ValueError:
        fields = line.text.split(delimiter)
        if delimiter != "\t" or len(fields) != width:
            raise
    if not any(fields[width:]):
        fields = fields[:width]
    if len(fields) != width:
        raise ValueError(f"{len(fields)} fields where the header has {width}")
    return fields


def _read_on(line: Line, source: _Lines, delimiter: str, width: int) -> list[str]:
    """Fields of a row whose quoted text goes on; lines that do not belong to it are put back."""
    taken = [line]
    size = len(line.text)
    for more in source:
        taken.append(more)
        size += len(more.text)
        if more.fault or len(taken) > MAX_LINES or size > MAX_SIZE:
            break
        if '"' in more.text and (fields := _try("\n".join(t.text for t in taken), delimiter)):
            if len(fields) == width:
                return fields
            break
    source.put_back(taken[1:])
    raise ValueError("malformed: a quotation mark opens and is never closed")


def _try(text: str, delimiter: str) -> list[str] | None:
    """Fields; None while a quotation mark is open; an empty list where nothing can come of it."""
    try:
        return _parse(text, delimiter)
    except ValueError:
        return []


def _parse(text: str, delimiter: str) -> list[str] | None:
    """Fields of a row, or None while a quotation mark is open."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return None
        raise ValueError(f"malformed: {error}") from None
