"""What every feed of news events is: one signature, and what a reading hands back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from risk_service.core.events import Event

MAX_RAW = 2_000
MAX_REASON = 1_000
MAX_ORIGIN = 300
MAX_LOCATOR = 500

# PostgreSQL stores no NUL, and no encoder takes half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row or entry that was not taken, and why.

    ``origin`` names the feed or file, ``locator`` the place in it, in words that stay the same
    when the row is read again. Texts are cut (raw at 2,000 characters) and made fit for any
    database at construction.

    >>> row = BadRow("wire", "entry 3", "title: is empty", "a\\x00b")
    >>> row.raw, row.key == BadRow("wire", "entry 3", "another reason", "a\\x00b").key
    ('a\ufffdb', True)
    """

    origin: str
    locator: str
    reason: str
    raw: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", storable(self.origin, MAX_ORIGIN))
        object.__setattr__(self, "locator", storable(self.locator, MAX_LOCATOR))
        object.__setattr__(self, "reason", storable(self.reason, MAX_REASON))
        object.__setattr__(self, "raw", storable(self.raw, MAX_RAW))

    @property
    def key(self) -> str:
        """SHA-256 in hex of origin, locator and raw: the same row is set aside once."""
        joined = "\x1f".join((self.origin, self.locator, self.raw))
        return hashlib.sha256(joined.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a feed; ``cursor`` is JSON-able and is handed back the next time.

    Events, rows set aside and cursor belong together: store them in one transaction, or none.
    """

    events: list[Event] = field(default_factory=list)
    set_aside: list[BadRow] = field(default_factory=list)
    cursor: dict[str, Any] = field(default_factory=dict)


class Feed(Protocol):
    """A source of events. Reading the same moment of the source twice gives equal keys."""

    @property
    def name(self) -> str:
        """Name of the feed, 1 to 200 characters, its key in the store."""

    def read(self, cursor: Mapping[str, Any] | None, now: datetime) -> Reading:
        """What is new since ``cursor`` (None at the first time), as known at ``now`` (aware UTC).

        Raises
        ------
        FeedError
            When the source cannot be read at all. A bad row alone is set aside instead.
        """


def storable(text: str, limit: int) -> str:
    """The text cut to ``limit`` characters, with what no database takes replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text[:limit])
