"""RSS 0.9x, 1.0, 2.0 and Atom: headlines as events.

``published_at`` is when the feed carried an entry, which is not always the date it states: outlets
date back what they put in late. So an entry that was not there at the last successful reading was
published at its stated date or at the moment of that reading, whichever is later; what stands in
the feed at the first reading of all is an archive, of which the stated dates are believed.
``occurred_on`` is the day that is stated, in UTC, or None where none is.

An entry without a usable date takes the moment it was first read. One dated by its day alone takes
the end of that day, or the moment it was first read if that is earlier: what a feed leaves open
must not make it known too early.

The moment an entry was given is kept in the cursor for as long as the entry stays in the feed, so
reading it again gives the same event, whatever date it states by then. Its natural key rests on
the source and the entry's guid or link, never on a date; one that left the feed and comes back
is the event that is kept already.
"""

from __future__ import annotations

import calendar
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import feedparser

from risk_service.core.events import CLOCK_SKEW, Event
from risk_service.errors import FeedError
from risk_service.feeds.contract import BadRow, Reading
from risk_service.feeds.feed_text import feed_text
from risk_service.feeds.fetch import fetch
from risk_service.feeds.headline import identity, plain_title, web_address
from risk_service.feeds.row_values import language_code

MAX_BYTES = 5_000_000
ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"

# Hours ahead of UTC of zones that feedparser takes for UTC.
_ZONES = {"MSK": 3, "EET": 2, "EEST": 3, "CET": 1, "CEST": 2, "BST": 1}
_ZONE = re.compile(rf"\b({'|'.join(_ZONES)})\s*$")
_CLOSED = re.compile(r"</(?:\w+:)?(?:rss|rdf|feed|channel)\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RssFeed:
    """One RSS or Atom address; ``source`` is the name its events carry."""

    source: str
    url: str
    private: bool = False

    @property
    def name(self) -> str:
        return f"rss:{self.source}"

    def read(self, cursor: Mapping[str, Any] | None, now: datetime) -> Reading:
        """The entries of the feed; none where the server says that nothing changed.

        The cursor holds ``etag``, ``last_modified``, ``read_at`` (ISO moment of this reading) and
        ``first_seen``: for each entry its identity and the ISO moment it was published.
        """
        last = dict(cursor or {})
        answer = fetch(
            self.url,
            private=self.private,
            max_bytes=MAX_BYTES,
            accept=ACCEPT,
            etag=last.get("etag"),
            last_modified=last.get("last_modified"),
        )
        if answer.body is None:
            # Nothing changed up to now: what is there the next time was not there before now.
            return Reading(cursor=last | {"read_at": now.isoformat()})
        text = feed_text(answer.body, answer.content_type, MAX_BYTES)
        return read_document(
            text, self.source, now, last, etag=answer.etag, last_modified=answer.last_modified
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    title: str
    link: str | None
    stated: datetime | None
    day_only: bool
    whole: bool
    raw: str


def read_document(
    text: str,
    source: str,
    now: datetime,
    last: Mapping[str, Any],
    etag: str | None = None,
    last_modified: str | None = None,
) -> Reading:
    """Events of one document that ``feed_text`` let through.

    Parameters
    ----------
    last
        The cursor of the last successful reading; empty before the first.

    Raises
    ------
    FeedError
        When it is no feed.
    """
    document = _parsed(text)
    language = language_code(document.feed.get("language"))
    taken: dict[str, Event] = {}
    bad: list[BadRow] = []
    later = False
    for entry in _entries(document, text):
        try:
            moment = _moment(entry, now, last)
            taken.setdefault(entry.id, _event(entry, source, language, moment))
        except ValueError as error:
            later |= isinstance(error, _Early)
            bad.append(BadRow(f"rss:{source}", f"entry {entry.id}", str(error), entry.raw))
    seen = {id_: event.published_at.isoformat() for id_, event in taken.items()}
    # An entry dated ahead comes due without the feed changing: ask for the whole feed again.
    validators = {} if later else {"etag": etag, "last_modified": last_modified}
    cursor = {"first_seen": seen, "read_at": now.isoformat(), **validators}
    return Reading(list(taken.values()), bad, cursor)


class _Early(ValueError):
    """An entry says it was published later than now."""


def _parsed(text: str) -> Any:
    try:
        document = feedparser.parse(
            io.BytesIO(text.encode()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:
        # The parser was written for feeds that break every rule, and still trips over some.
        raise FeedError(f"the document cannot be parsed: {error!r}") from error
    if not document.version and not document.entries:
        raise FeedError(f"the body is not a feed; it begins {text[:40]!r}")
    return document


def _entries(document: Any, text: str) -> Iterator[_Entry]:
    cut_short = bool(document.bozo) and not _CLOSED.search(text[-2_000:])
    last = len(document.entries) - 1
    found = [
        {key: str(dict.get(entry, key) or "").strip() for key in ("id", "link", "title")}
        for entry in document.entries
    ]
    shared = _shared(found)
    for place, (entry, fields) in enumerate(zip(document.entries, found, strict=True)):
        said, stated = _stated(entry)
        own = [fields[key] for key in ("id", "link") if fields[key] not in shared]
        yield _Entry(
            id=identity(*own, f"title {fields['title']}"),
            title=fields["title"],
            link=web_address(fields["link"]),
            stated=stated,
            day_only=":" not in said,
            whole=not (cut_short and place == last),
            raw=json.dumps(fields | {"date": said}, ensure_ascii=False),
        )


def _shared(found: Iterable[Mapping[str, str]]) -> set[str]:
    """Ids and links that entries with different titles share: they tell none of them apart."""
    titles: dict[str, set[str]] = {}
    for fields in found:
        for key in ("id", "link"):
            titles.setdefault(fields[key], set()).add(fields["title"])
    return {text for text, different in titles.items() if len(different) > 1}


def _stated(entry: Any) -> tuple[str, datetime | None]:
    for key in ("published", "updated", "created"):
        # Not entry.get: feedparser would pass off one date as the other.
        said, parsed = str(dict.get(entry, key) or ""), dict.get(entry, f"{key}_parsed")
        if parsed:
            zone = _ZONE.search(said)
            hours = _ZONES[zone[1]] if zone else 0
            try:
                moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
                return said, moment - timedelta(hours=hours)
            except (ValueError, OverflowError, OSError):
                continue
    return "", None


def _moment(entry: _Entry, now: datetime, last: Mapping[str, Any]) -> datetime:
    """When the feed carried the entry, as far as its date and our readings tell."""
    known = last.get("first_seen", {})
    if entry.id in known:
        return datetime.fromisoformat(known[entry.id])
    claimed = _claimed(entry, now)
    if "read_at" not in last:
        return claimed
    # Never later than now, though the clock may have been put back.
    return max(claimed, min(now, datetime.fromisoformat(last["read_at"])))


def _claimed(entry: _Entry, now: datetime) -> datetime:
    """When the entry says that it was published; now where it does not say."""
    if entry.stated is None:
        return now
    if entry.stated > now + CLOCK_SKEW:
        raise _Early(f"published_at: {entry.stated.isoformat()} lies in the future")
    if not entry.day_only:
        return entry.stated
    return min(now, entry.stated + timedelta(days=1) - timedelta(seconds=1))


def _stated_day(entry: _Entry) -> date | None:
    return None if entry.stated is None else entry.stated.date()


def _event(entry: _Entry, source: str, language: str | None, moment: datetime) -> Event:
    if not entry.whole:
        raise ValueError("title: the document is cut short in this entry")
    return Event(
        published_at=moment,
        text=plain_title(entry.title),
        source=source,
        url=entry.link,
        language=language,
        occurred_on=_stated_day(entry),
        external_id=entry.id,
    )
