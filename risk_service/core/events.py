"""The event: one reported political interaction, checked at construction."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pandas as pd

MAX_TEXT = 20_000
MAX_SOURCE = 200
MAX_URL = 2_000
EARLIEST_YEAR, LATEST_YEAR = 1945, 2100
CLOCK_SKEW = timedelta(minutes=10)

_COUNTRY = re.compile(r"[A-Z]{3}")
_CODE = re.compile(r"\d{2,4}|[A-Z][A-Z_-]{1,30}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Event:
    """One reported political interaction.

    Parameters
    ----------
    published_at
        Moment the feed carried the report; aware, converted to UTC. The only time that decides
        what was knowable.
    text
        Headline, sentence or article in any language; white space folded; at most 20,000
        characters. May be empty when ``event_code`` or ``goldstein`` is given.
    source
        Outlet or data set, 1 to 200 characters.
    url
        http or https address of the report, or None.
    language
        ISO 639 code in lower case, or None where unknown.
    occurred_on
        Day it happened, where the feed says so.
    actor, recipient
        Three-letter country codes (PLOVER's actor and recipient), or None.
    event_code
        CAMEO code as a string, zeros kept ("057"), or a PLOVER root in capitals ("AGREE").
    goldstein
        Goldstein (1992) scale, -10 to +10, positive = cooperative; stored untouched.
    quad_class
        1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict.
    external_id
        The source's own identity of the report, where it has one; unique within ``source``; 1 to
        200 characters, none of them a control character.

    Raises
    ------
    ValueError
        Naming the field, for a naive or absurd time, an empty or oversized text, a malformed
        code or a number out of range.

    Examples
    --------
    >>> from datetime import datetime, timezone
    >>> event = Event(datetime(2025, 2, 27, 12, tzinfo=timezone.utc), "Talks held", "Wire")
    >>> event.key == Event(event.published_at, " Talks  held ", "Wire").key
    True
    >>> Event(datetime(2025, 2, 27), "Talks held", "Wire")
    Traceback (most recent call last):
        ...
    ValueError: published_at: has no time zone
    """

    published_at: datetime
    text: str
    source: str
    url: str | None = None
    language: str | None = None
    occurred_on: date | None = None
    actor: str | None = None
    recipient: str | None = None
    event_code: str | None = None
    goldstein: float | None = None
    quad_class: int | None = None
    external_id: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "published_at", _utc(self.published_at))
        object.__setattr__(self, "text", _clean(self.text, "text", MAX_TEXT))
        object.__setattr__(self, "source", _clean(self.source, "source", MAX_SOURCE))
        _check(bool(self.source), "source: is empty")
        _check(
            bool(self.text) or self.event_code is not None or self.goldstein is not None,
            "text: is empty and no event_code or goldstein is given",
        )
        _check_url(self.url)
        _check_day(self.occurred_on)
        _check_pattern(self.language, _LANGUAGE, "language", "an ISO 639 code like 'en'")
        _check_pattern(self.actor, _COUNTRY, "actor", "a three-letter code like 'USA'")
        _check_pattern(self.recipient, _COUNTRY, "recipient", "a three-letter code like 'RUS'")
        _check_pattern(self.event_code, _CODE, "event_code", "a CAMEO code or PLOVER root")
        _check_goldstein(self.goldstein)
        _check(
            self.quad_class is None or self.quad_class in (1, 2, 3, 4),
            f"quad_class: {self.quad_class!r} is not 1, 2, 3 or 4",
        )
        _check_identity(self.external_id)

    @property
    def key(self) -> str:
        """Natural key, a SHA-256 in hex: equal for the same report, however often it comes.

        By ``source`` and ``external_id`` where there is one; else by source, address, text,
        coded fields and the UTC day of publication.
        """
        if self.external_id is not None:
            parts: list[object] = [self.source, self.external_id]
        else:
            parts = [
                self.source,
                self.url,
                self.text,
                self.event_code,
                self.goldstein,
                self.actor,
                self.recipient,
                self.occurred_on,
                self.published_at.date(),
            ]
        joined = "\x1f".join("" if part is None else str(part) for part in parts)
        return hashlib.sha256(joined.encode()).hexdigest()


def refuse_future(event: Event, now: datetime) -> None:
    """Raise ValueError when the event says it was published after ``now`` (10 minutes of grace)."""
    _check(
        event.published_at <= now + CLOCK_SKEW,
        f"published_at: {event.published_at.isoformat()} lies in the future",
    )


EVENT_COLUMNS = tuple(field.name for field in fields(Event))


def events_to_frame(events: Iterable[Event]) -> pd.DataFrame:
    """One row per event, columns ``EVENT_COLUMNS``; unknown is None or NaN, never 0."""
    return pd.DataFrame([asdict(event) for event in events], columns=list(EVENT_COLUMNS))


def fold_space(text: str) -> str:
    """White space runs become one blank; the ends are cut."""
    return _SPACE.sub(" ", text).strip()


def _check(holds: bool, complaint: str) -> None:
    if not holds:
        raise ValueError(complaint)


def _utc(moment: datetime) -> datetime:
    _check(isinstance(moment, datetime), f"published_at: {moment!r} is not a moment")
    _check(moment.tzinfo is not None, "published_at: has no time zone")
    moment = moment.astimezone(UTC)
    _check(
        EARLIEST_YEAR <= moment.year <= LATEST_YEAR,
        f"published_at: year {moment.year} is not within {EARLIEST_YEAR}–{LATEST_YEAR}",
    )
    return moment


def _clean(text: str, name: str, limit: int) -> str:
    _check(isinstance(text, str), f"{name}: is not text")
    _check(len(text) <= 4 * limit, f"{name}: {len(text)} characters, at most {limit} are taken")
    text = fold_space(_CONTROL.sub(" ", text))
    _check(len(text) <= limit, f"{name}: {len(text)} characters, at most {limit} are taken")
    return text


def _check_url(url: str | None) -> None:
    if url is None:
        return
    _check(len(url) <= MAX_URL, f"url: {len(url)} characters, at most {MAX_URL} are taken")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError(f"url: {error}") from None
    _check(
        parts.scheme in ("http", "https") and bool(parts.netloc) and not _CONTROL.search(url),
        "url: is not an http or https address",
    )


def _check_day(day: date | None) -> None:
    if day is None:
        return
    _check(isinstance(day, date) and not isinstance(day, datetime), "occurred_on: is not a day")
    _check(
        EARLIEST_YEAR <= day.year <= LATEST_YEAR,
        f"occurred_on: year {day.year} is not within {EARLIEST_YEAR}–{LATEST_YEAR}",
    )


def _check_pattern(value: str | None, pattern: re.Pattern[str], name: str, wanted: str) -> None:
    _check(
        value is None or (isinstance(value, str) and pattern.fullmatch(value) is not None),
        f"{name}: {value!r} is not {wanted}",
    )


def _check_identity(text: str | None) -> None:
    # Refused, not cleaned: two ids that differ in such a character would become one.
    if text is None:
        return
    _check(0 < len(text) <= 200, "external_id: needs 1 to 200 characters")
    _check(
        not _CONTROL.search(text) and not any(mark in text for mark in "\t\n\r"),
        "external_id: holds a control character",
    )


def _check_goldstein(value: float | None) -> None:
    _check(
        value is None or (math.isfinite(value) and -10 <= value <= 10),
        f"goldstein: {value!r} is not within -10 to 10",
    )
