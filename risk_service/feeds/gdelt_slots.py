"""Which of GDELT's quarter-hour files to read next: what is new, what waits, what is lost.

The unit is a file, for a slot's two files appear and fail apart. Nothing here reads a clock or
the network.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

SLOT = timedelta(minutes=15)
RETRY_FOR = timedelta(hours=6)
KINDS = ("export.CSV", "gkg.csv")
REMEMBERED = 100
"""So many files given up are named in the cursor, the latest ones."""

_SLOTS_A_DAY = timedelta(days=1) // SLOT


@dataclass(frozen=True, slots=True)
class Agenda:
    """``newest``: the latest slot seen; ``waiting``: files to read, and when each first failed
    (None: not tried yet); ``given_up``: files that never came; ``reached``: the latest slot of
    which a file was read.
    """

    newest: datetime | None = None
    waiting: Mapping[str, datetime | None] = field(default_factory=dict)
    given_up: tuple[str, ...] = ()
    reached: datetime | None = None

    @classmethod
    def of(cls, cursor: Mapping[str, Any] | None) -> Agenda:
        """The agenda a cursor holds; an empty one for None or a cursor of another make."""
        try:
            return cls(
                newest=slot_of(cursor["newest"]) if cursor else None,
                waiting={
                    name: None if said is None else datetime.fromisoformat(said)
                    for name, said in (cursor["waiting"] if cursor else {}).items()
                    if slot_of(name)
                },
                given_up=tuple(cursor["given_up"]) if cursor else (),
                reached=slot_of(cursor["reached"]) if cursor and cursor.get("reached") else None,
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return cls()

    def cursor(self) -> dict[str, Any]:
        """The agenda as JSON-able data."""
        return {
            "newest": _digits(self.newest),
            "waiting": {
                name: None if failed is None else failed.isoformat()
                for name, failed in self.waiting.items()
            },
            "given_up": list(self.given_up),
            "reached": _digits(self.reached),
        }

    def reaches(self, moment: datetime) -> bool:
        """Whether a file of a slot at or after the moment was read."""
        return self.reached is not None and self.reached >= moment

    def turn(self, slots: int) -> list[str]:
        """Files to read now: the untried of at most so many slots, then as many tried ones.

        The newest come first: the live index matters more than a gap.
        """
        most = slots * len(KINDS)
        names = sorted(self.waiting, reverse=True)
        untried = [name for name in names if self.waiting[name] is None]
        tried = [name for name in names if self.waiting[name] is not None]
        return untried[:most] + tried[:most]


def slot_of(name: str) -> datetime:
    """The moment a file is named after, in UTC.

    >>> slot_of("20250815181500.gkg.csv.zip").isoformat()
    '2025-08-15T18:15:00+00:00'
    """
    return datetime.strptime(name[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _digits(slot: datetime | None) -> str | None:
    return None if slot is None else f"{slot:%Y%m%d%H%M%S}"


def files_of(slot: datetime) -> list[str]:
    """Names of the files of a slot."""
    return [f"{slot:%Y%m%d%H%M%S}.{kind}.zip" for kind in KINDS]


def plan(agenda: Agenda, latest: datetime, now: datetime, days: int) -> Agenda:
    """The agenda with what is new: all slots since the last, at most ``days`` back.

    The first reading of all starts with the latest slot alone.
    """
    if agenda.newest is None:
        slots = [latest]
    else:
        count = min((latest - agenda.newest) // SLOT, max(1, days * _SLOTS_A_DAY))
        slots = [latest - step * SLOT for step in range(count)]
    oldest = now - timedelta(days=days)
    fresh = {
        name: None
        for slot in slots
        if slot == latest or slot >= oldest
        for name in files_of(slot)
        if name not in agenda.waiting
    }
    newest = latest if agenda.newest is None else max(latest, agenda.newest)
    return replace(agenda, newest=newest, waiting={**agenda.waiting, **fresh})


def settle(
    agenda: Agenda, done: Collection[str], failed: Collection[str], now: datetime, days: int
) -> tuple[Agenda, list[str]]:
    """The agenda after a reading, and the files given up with it.

    A file is given up 6 hours after it first failed, or when it lies too far back to fill a gap.
    """
    waiting: dict[str, datetime | None] = {}
    lost: list[str] = []
    oldest = now - max(timedelta(days=days), RETRY_FOR)
    for name, first_failed in agenda.waiting.items():
        if name in done:
            continue
        since = first_failed or (now if name in failed else None)
        if slot_of(name) < oldest or (since is not None and now - since > RETRY_FOR):
            lost.append(name)
        else:
            waiting[name] = since
    given_up = (*agenda.given_up, *lost)[-REMEMBERED:]
    read = [slot_of(name) for name in done]
    if agenda.reached is not None:
        read.append(agenda.reached)
    return replace(
        agenda, waiting=waiting, given_up=given_up, reached=max(read, default=None)
    ), lost
