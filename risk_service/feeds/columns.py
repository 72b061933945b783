"""Which column of a file means what.

Names are compared without case, blanks and punctuation ("Quad Class" is quad_class). Of several
columns for one field the first in this table is used:

============  ==================================================================================
field         column names
============  ==================================================================================
published_at  published_at, first_seen, published, date, timestamp, pubDate, datetime, dateadded
text          text, headline, title, sentence
source        source, outlet, publisher, feed
url           url, link, sourceurl
language      language, lang
occurred_on   occurred_on, event_date, sqldate
actor         actor_side, source_country, actor1countrycode, actor, actor1
recipient     recipient_side, target_country, actor2countrycode, recipient, actor2, target
event_code    event_code, cameo, cameo_code, code
goldstein     goldstein, goldstein_scale
quad_class    quad_class
external_id   external_id, globaleventid, guid, id
============  ==================================================================================

Without a column for published_at, that of occurred_on is used. All others are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

ALIASES: dict[str, tuple[str, ...]] = {
    "published_at": (
        "publishedat", "firstseen", "published", "date", "timestamp", "pubdate", "datetime",
        "dateadded",
    ),
    "text": ("text", "headline", "title", "sentence"),
    "source": ("source", "outlet", "publisher", "feed"),
    "url": ("url", "link", "sourceurl"),
    "language": ("language", "lang"),
    "occurred_on": ("occurredon", "eventdate", "sqldate"),
    "actor": ("actorside", "sourcecountry", "actor1countrycode", "actor", "actor1"),
    "recipient": (
        "recipientside", "targetcountry", "actor2countrycode", "recipient", "actor2", "target",
    ),
    "event_code": ("eventcode", "cameo", "cameocode", "code"),
    "goldstein": ("goldstein", "goldsteinscale"),
    "quad_class": ("quadclass",),
    "external_id": ("externalid", "globaleventid", "guid", "id"),
}  # fmt: skip
_PUNCTUATION = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file's columns mean: the column of each field that has one, and those left alone."""

    by_field: Mapping[str, str]
    ignored: tuple[str, ...]

    @property
    def complaint(self) -> str | None:
        """Why no event can come of these columns, or None."""
        if not {"published_at", "occurred_on"} & set(self.by_field):
            return "no column says when (published_at, date, first_seen, …)"
        if not {"text", "event_code", "goldstein"} & set(self.by_field):
            return "no column says what (text, headline, title, event_code, …)"
        return None

    def is_called(self, field: str, name: str) -> bool:
        """Whether the field's column has this name."""
        return field in self.by_field and folded(self.by_field[field]) == name


@lru_cache(maxsize=64)
def read_columns(names: tuple[str, ...]) -> Columns:
    """The meaning of columns of these names.

    >>> columns = read_columns(("Date", "actor", "actor_side", "Headline", "mood"))
    >>> columns.by_field["actor"], columns.ignored
    ('actor_side', ('actor', 'mood'))
    """
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(folded(name), name)
    by_field = {
        field: next(known[alias] for alias in aliases if alias in known)
        for field, aliases in ALIASES.items()
        if any(alias in known for alias in aliases)
    }
    used = set(by_field.values())
    return Columns(by_field, tuple(name for name in names if name not in used))


def folded(name: str) -> str:
    """A column's name without case, blanks and punctuation."""
    return _PUNCTUATION.sub("", name.casefold())
