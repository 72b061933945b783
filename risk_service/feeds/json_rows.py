"""Rows of JSON: one object a line, or one list of objects read as it comes."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator

import orjson

from risk_service.feeds.contract import BadRow
from risk_service.feeds.file_contract import FileRow, FileRows
from risk_service.feeds.lines import Line
from risk_service.feeds.unpack import CutShort

MAX_OBJECT = 4_000_000
"""Characters; a list's object that is not over by then makes the rest unreadable."""
_BETWEEN = re.compile(r"[\s,]*")
_NOT_OBJECT = "malformed: is not a JSON object"


def json_lines(lines: Iterable[Line], origin: str) -> FileRows:
    """One row from each line; blank lines are passed over."""
    for line in lines:
        if line.text.strip() or line.fault:
            yield _from_line(line, origin)


def _from_line(line: Line, origin: str) -> FileRow | BadRow:
    where = f"line {line.number}"
    if line.fault:
        return BadRow(origin, where, line.fault, line.text)
    try:
        value = orjson.loads(line.text)
    except orjson.JSONDecodeError as error:
        return BadRow(origin, where, f"malformed: {error}", line.text)
    if not isinstance(value, dict):
        return BadRow(origin, where, _NOT_OBJECT, line.text)
    return FileRow(where, value)


def json_list(pieces: Iterable[bytes], origin: str) -> FileRows:
    """One row from each object of a list; what is whole is read even where the list breaks off."""
    values = _Values()
    number = 0
    for number, (value, raw) in enumerate(values.read(_texts(pieces, values)), 1):
        where = f"row {number}"
        if not isinstance(value, dict):
            yield BadRow(origin, where, _NOT_OBJECT, raw)
        elif not _is_utf8(raw):
            yield BadRow(origin, where, "not UTF-8", raw)
        else:
            yield FileRow(where, value)
    if values.fault:
        yield BadRow(origin, f"row {number + 1}", values.fault, values.rest)


class _Values:
    """Values of a list whose text comes in pieces; ``fault`` and ``rest`` tell how it broke off."""

    def __init__(self) -> None:
        self.fault: str | None = None
        self.rest = ""

    def read(self, texts: Iterable[str]) -> Iterator[tuple[object, str]]:
        decoder = json.JSONDecoder()
        opened = False
        for text in texts:
            self.rest += text
            place = 0
            if not opened and "[" in self.rest:
                opened, place = True, self.rest.index("[") + 1
            while (found := self._next(decoder, place)) is not None:
                value, start, place = found
                yield value, self.rest[start:place]
            self.rest = self.rest[_BETWEEN.match(self.rest, place).end() :]  # type: ignore[union-attr]
            if self.rest.startswith("]"):
                return
            if len(self.rest) > MAX_OBJECT:
                break
        self.fault = self.fault or "malformed: the list is broken or cut short here"

    def _next(self, decoder: json.JSONDecoder, place: int) -> tuple[object, int, int] | None:
        start = _BETWEEN.match(self.rest, place).end()  # type: ignore[union-attr]
        try:
            value, end = decoder.raw_decode(self.rest, start)
        except (ValueError, RecursionError):
            return None
        return value, start, end


def _texts(pieces: Iterable[bytes], values: _Values) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    try:
        for piece in pieces:
            yield decoder.decode(piece)
    except CutShort as error:
        values.fault = str(error)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
