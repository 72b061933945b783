"""GDELT 2.0's files: the list of the latest, the zips, and the rows that become events.

Formats: *The GDELT Event Database Data Format Codebook V2.0* (2015) and *The GDELT Global
Knowledge Graph Data Format Codebook V2.1* (2015). Rows are tab-separated, without header and
without quoting: a quote is a character like any other.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from risk_service.core.events import MAX_SOURCE, Event, fold_space, refuse_future
from risk_service.errors import FeedError
from risk_service.feeds.contract import BadRow
from risk_service.feeds.headline import identity, plain_title, web_address
from risk_service.feeds.row_values import language_code

EXPORT_COLUMNS = 61
GKG_COLUMNS = 27
MAX_MEMBER = 200_000_000
MAX_BAD = 100
"""So many bad rows of one file are set aside one by one."""

_LISTED = re.compile(r"(\d{1,12}) ([0-9a-f]{32}) \S*/(\d{14}\.(?:export\.CSV|gkg\.csv)\.zip)")
_TITLE = re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>")
_SPOKEN = re.compile(r"srclc:([a-z]{2,3})")
_END = struct.Struct("<4s4H2LH")
_MAX_DIRECTORY = 2_000


@dataclass(frozen=True, slots=True)
class Listed:
    """Size in bytes and MD5 of a file, as the list of the latest gives them."""

    size: int
    md5: str


@dataclass(slots=True)
class Harvest:
    """What a file gave: events, and rows set aside."""

    origin: str
    name: str
    events: list[Event] = field(default_factory=list)
    set_aside: list[BadRow] = field(default_factory=list)
    bad: int = 0

    def refuse(self, number: int, reason: str, line: str) -> None:
        """Set a row aside; beyond a hundred they are only counted."""
        self.bad += 1
        if self.bad <= MAX_BAD:
            self.set_aside.append(BadRow(self.origin, f"{self.name} row {number}", reason, line))

    def close(self) -> None:
        """Note how many bad rows are not told one by one."""
        if self.bad > MAX_BAD:
            reason = f"{self.bad - MAX_BAD} more rows of the file are bad"
            self.set_aside.append(BadRow(self.origin, self.name, reason, ""))


def read_listing(body: bytes) -> dict[str, Listed]:
    """Export and GKG files by name, from ``lastupdate.txt``.

    Raises
    ------
    FeedError
        When it names no export file.
    """
    found = (
        _LISTED.fullmatch(line.strip()) for line in body.decode("utf-8", "replace").split("\n")
    )
    listing = {match[3]: Listed(int(match[1]), match[2]) for match in found if match}
    if not any(".export." in name for name in listing):
        raise FeedError(f"lastupdate.txt names no export file; it begins {body[:60]!r}")
    return listing


def unzipped_lines(packed: bytes, listed: Listed | None) -> Iterator[str]:
    """The lines of the one file in a zip.

    Size and MD5 are checked where they are known. The zip's own CRC-32 is checked in any case,
    at the end: take nothing of a file before its last line.

    Raises
    ------
    FeedError
        When a check fails, or the zip holds other than one file of at most 200 MB.
    """
    if listed is not None:
        _check_listed(packed, listed)
    _check_directory(packed)
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            infos = archive.infolist()
            if len(infos) != 1:
                raise FeedError(f"the zip holds {len(infos)} files, not one")
            if infos[0].file_size > MAX_MEMBER:
                raise FeedError(f"the zip's file has {infos[0].file_size} bytes: too many")
            if infos[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise FeedError("the zip's file is packed in a way we do not open")
            with archive.open(infos[0]) as member:
                yield from io.TextIOWrapper(member, "utf-8", "replace", newline="\n")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise FeedError(f"the zip is damaged: {error}") from None


def _check_listed(packed: bytes, listed: Listed) -> None:
    if len(packed) != listed.size:
        raise FeedError(f"the file has {len(packed)} bytes, not {listed.size}")
    if hashlib.md5(packed, usedforsecurity=False).hexdigest() != listed.md5:
        raise FeedError("the file's MD5 is not the one listed")


def _check_directory(packed: bytes) -> None:
    # A directory of millions of files would fill the memory before anybody could count them.
    if len(packed) < _END.size or not packed[-_END.size :].startswith(b"PK\x05\x06"):
        raise FeedError("the file is not a zip, or is cut short")
    size = _END.unpack(packed[-_END.size :])[5]
    if size > _MAX_DIRECTORY:
        raise FeedError("the zip's directory is too large for one file")


def read_export(
    lines: Iterable[str], harvest: Harvest, keep: Callable[[str, str], bool], now: datetime
) -> None:
    """Rows of an event file whose pair of countries is kept, as events coded without text.

    ``published_at`` is DATEADDED, the moment GDELT knew; ``occurred_on`` is SQLDATE.
    """
    for number, line, row in _rows(lines, EXPORT_COLUMNS, harvest):
        if not keep(row[7], row[17]):
            continue
        try:
            event = _coded(row)
            refuse_future(event, now)
        except ValueError as error:
            harvest.refuse(number, str(error), line)
        else:
            harvest.events.append(event)


def read_gkg(
    lines: Iterable[str], harvest: Harvest, wanted: Callable[[str], bool], now: datetime
) -> None:
    """Documents of a GKG file whose title is wanted, as events; those without title are left.

    ``published_at`` is V2.1DATE, the moment GDELT knew, not the one the page claims.
    """
    for number, line, row in _rows(lines, GKG_COLUMNS, harvest):
        title = _TITLE.search(row[26])
        if title is None:
            continue
        try:
            text = plain_title(title[1])
            if wanted(text):
                event = _document(row, text)
                refuse_future(event, now)
                harvest.events.append(event)
        except ValueError as error:
            harvest.refuse(number, str(error), line)


def _rows(
    lines: Iterable[str], columns: int, harvest: Harvest
) -> Iterator[tuple[int, str, list[str]]]:
    good = 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        row = line.split("\t")
        if len(row) == columns:
            good += 1
            yield number, line, row
        elif line:
            harvest.refuse(number, f"{len(row)} columns, not {columns}", line)
    if harvest.bad and not good:
        raise FeedError(f"no row of the file has {columns} columns")
    harvest.close()


def _coded(row: list[str]) -> Event:
    return Event(
        published_at=_moment(row[59]),
        text="",
        source="GDELT",
        url=web_address(row[60]),
        occurred_on=_day(row[1]),
        actor=row[7],
        recipient=row[17],
        event_code=row[26] or None,
        goldstein=_number(row[30], "goldstein"),
        quad_class=int(row[29]) if row[29].isdigit() else None,
        external_id=row[0],
    )


def _document(row: list[str], text: str) -> Event:
    spoken = _SPOKEN.search(row[25])
    return Event(
        published_at=_moment(row[1]),
        text=text,
        source=fold_space(row[3])[:MAX_SOURCE] or "GDELT",
        url=web_address(row[4]),
        language=language_code(spoken[1]) if spoken else "en",
        external_id=identity(row[4], row[0]),
    )


def _moment(digits: str) -> datetime:
    if len(digits) != 14 or not digits.isdigit():
        raise ValueError(f"published_at: {digits[:30]!r} is not a moment of 14 digits")
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"published_at: {digits!r} is no moment") from None


def _day(digits: str) -> date | None:
    if not digits:
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise ValueError(f"occurred_on: {digits[:30]!r} is no day") from None


def _number(text: str, name: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name}: {text[:30]!r} is not a number") from None
