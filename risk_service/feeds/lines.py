"""Numbered lines of UTF-8 text; one that is not UTF-8 is marked, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from risk_service.feeds.unpack import CutShort

MAX_LINE = 1_000_000
"""Bytes of a line; what goes beyond is dropped and the line is marked."""
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line without its end; ``fault`` says what is wrong with it, None if nothing is."""

    number: int
    text: str
    fault: str | None


def read_lines(pieces: Iterable[bytes]) -> Iterator[Line]:
    """Lines of a content that comes in pieces; a byte order mark at the start is taken off.

    Of a content that is cut short the last line is marked, even where it is empty.

    >>> [line.text for line in read_lines([b"one\\r\\ntw", b"o"])]
    ['one', 'two']
    """
    for number, (raw, fault) in enumerate(_split(pieces), 1):
        if number == 1:
            raw = raw.removeprefix(_BOM)
        raw = raw.removesuffix(b"\r")
        if fault is None and len(raw) > MAX_LINE:
            fault = f"the line is longer than {MAX_LINE} bytes"
        try:
            yield Line(number, raw.decode(), fault)
        except UnicodeDecodeError as error:
            fault = fault or f"not UTF-8 at byte {error.start + 1} of the line"
            yield Line(number, raw.decode(errors="backslashreplace"), fault)


def _split(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, str | None]]:
    rest = b""
    try:
        for piece in pieces:
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield line, None
            rest = rest[: MAX_LINE + 1]
    except CutShort as error:
        yield rest, str(error)
    else:
        if rest:
            yield rest, None
