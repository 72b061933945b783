"""GDELT 2.0: events coded by machine and titles of news pages, every 15 minutes.

Each reading asks ``lastupdate.txt`` for the latest slot and reads that, then slots that were
missed while nobody read, newest first. Sizes and MD5 sums are checked for the latest slot, whose
list is small. The list that holds those of older slots (``masterfilelist.txt``) has more than
100 MB, so for them only the structure counts: one file in the zip, its CRC-32, its columns.

A file that is not there, or damaged, is tried again at later readings for 6 hours, then given
up: the cursor names it and a row is set aside.

GDELT stands still at times, with a list that no longer changes or that names files that are not
there. A reading in which nothing came, more than 2 hours behind, is an error: nobody who reads it
watches the news. Nothing is lost by it, for the agenda stays as it was and the gap is filled later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from risk_service.errors import FeedError
from risk_service.feeds.contract import BadRow, Reading
from risk_service.feeds.fetch import Missing, fetch
from risk_service.feeds.gdelt_files import (
    Harvest,
    Listed,
    read_export,
    read_gkg,
    read_listing,
    unzipped_lines,
)
from risk_service.feeds.gdelt_slots import RETRY_FOR, SLOT, Agenda, plan, settle, slot_of

NAME = "gdelt"
MAX_PACKED = 60_000_000
FILE_SECONDS = 120.0
READING_SECONDS = 300.0
"""After so long no further file is begun; the rest waits for the next reading."""
TROUBLES = 2
"""After so many files that could not be read (absent ones aside) the rest waits too."""

QUIET = timedelta(hours=2)
"""So far behind now the latest slot, listed or read, may lie; slots are made every 15 minutes."""

_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class GdeltFeed:
    """GDELT's event and GKG files.

    Parameters
    ----------
    keep
        Whether the (actor, recipient) country codes of a coded event matter; either may be "".
    wanted
        Whether a page's title matters.
    base_url
        Where ``/gdeltv2/`` is.
    days
        How many days back missed slots are filled.
    slots
        How many slots are read at most in one reading.
    """

    keep: Callable[[str, str], bool]
    wanted: Callable[[str], bool]
    base_url: str = "http://data.gdeltproject.org"
    days: int = 2
    slots: int = 8
    private: bool = False

    @property
    def name(self) -> str:
        return NAME

    def read(self, cursor: Mapping[str, Any] | None, now: datetime) -> Reading:
        """The files that are due, whole or not at all; the cursor is the agenda of the rest.

        Raises
        ------
        FeedError
            When the list makes no sense or is more than 2 hours old; when files are due and none
            of them can be read, unless all are merely absent and one of the last 2 hours was read.
        """
        listing = read_listing(self._get("lastupdate.txt"))
        agenda = plan(Agenda.of(cursor), _latest(listing, now), now, self.days)
        reading = Reading()
        done: set[str] = set()
        failed: set[str] = set()
        troubles: list[str] = []
        ends = time.monotonic() + READING_SECONDS
        for file in agenda.turn(self.slots):
            try:
                harvest = self._file(file, listing.get(file), now)
            except Missing:
                failed.add(file)
            except FeedError as error:
                failed.add(file)
                troubles.append(f"{file}: {error}")
            else:
                done.add(file)
                reading.events.extend(harvest.events)
                reading.set_aside.extend(harvest.set_aside)
            if len(troubles) == TROUBLES or time.monotonic() > ends:
                break
        if troubles and not done:
            raise FeedError(troubles[0])
        if failed and not done and not agenda.reaches(now - QUIET):
            raise FeedError(f"{max(failed)}: not there, and no file of the last {_HOURS} hours was")
        agenda, lost = settle(agenda, done, failed, now, self.days)
        reading.set_aside.extend(BadRow(NAME, file, _LOST, "") for file in lost)
        return Reading(reading.events, reading.set_aside, agenda.cursor())

    def _file(self, file: str, listed: Listed | None, now: datetime) -> Harvest:
        lines = unzipped_lines(self._get(file), listed)
        harvest = Harvest(NAME, file)
        if ".export." in file:
            read_export(lines, harvest, self.keep, now)
        else:
            read_gkg(lines, harvest, self.wanted, now)
        return harvest

    def _get(self, file: str) -> bytes:
        answer = fetch(
            f"{self.base_url.rstrip('/')}/gdeltv2/{file}",
            private=self.private,
            seconds=FILE_SECONDS,
            max_bytes=MAX_PACKED,
        )
        return answer.body or b""


_HOURS = QUIET // timedelta(hours=1)
_LOST = f"not to be had for {RETRY_FOR // timedelta(hours=1)} hours, or too old; given up"


def _latest(listing: Mapping[str, Listed], now: datetime) -> datetime:
    try:
        latest = max(slot_of(name) for name in listing)
    except ValueError as error:
        raise FeedError(f"lastupdate.txt: {error}") from None
    if latest.minute % (SLOT // timedelta(minutes=1)) or latest.second:
        raise FeedError(f"lastupdate.txt: {latest:%Y%m%d%H%M%S} is not a quarter of an hour")
    if latest > now + _SKEW:
        raise FeedError(f"lastupdate.txt: {latest:%Y%m%d%H%M%S} lies in the future")
    if latest < now - QUIET:
        raise FeedError(
            f"lastupdate.txt: the latest slot is {latest:%Y-%m-%dT%H:%MZ}, more than {_HOURS} hours"
            " ago: GDELT stands still"
        )
    return latest
