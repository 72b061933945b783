"""When a row says it was published: ISO 8601, RFC 2822 or Unix time, and never a guessed zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

_DIGITS = re.compile(r"\d+")
_UNIX = re.compile(r"-?\d{9,10}(?:\.\d+)?|\d{13}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}.*|\d{8}T\d{4}.*")
_NAMED_UTC = re.compile(r"\s*(?:UTC|GMT|[Zz])$")
_SPACED_OFFSET = re.compile(r"\s+([+-]\d{2}:?\d{2})$")
_EITHER_FIRST = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{2}")
_CLOCK_DIRECTIVE = re.compile(r"%[HIcXs]")

PlainTime = str | datetime | date
"""What a file can hold in a column of times."""


def end_of_day(day: date) -> datetime:
    """23:59:59 UTC: what is only said to be of a day is knowable when the day is over.

    >>> end_of_day(date(2025, 8, 15)).isoformat()
    '2025-08-15T23:59:59+00:00'
    """
    return datetime.combine(day, time(23, 59, 59), UTC)


def read_moment(
    value: PlainTime, assume_utc: bool = False, date_format: str | None = None
) -> datetime | date:
    """The moment, or the day where no time of day is given.

    Parameters
    ----------
    value
        ISO 8601 (``2025-08-15T21:30:00Z``), RFC 2822 (``Fri, 15 Aug 2025 21:30:00 GMT``), Unix
        seconds (9 or 10 digits) or milliseconds (13), ``YYYYMMDD``, ``YYYYMMDDHHMMSS``; or a
        datetime or date.
    assume_utc
        Take a moment without time zone as UTC instead of refusing it.
    date_format
        A ``strptime`` format that is tried first, such as ``%m/%d/%Y``.

    Raises
    ------
    ValueError
        For a moment without zone, and for anything else.

    Examples
    --------
    >>> read_moment("Fri, 15 Aug 2025 21:30:00 +0300").isoformat()
    '2025-08-15T18:30:00+00:00'
    >>> read_moment("20250815"), read_moment("08/15/2025", date_format="%m/%d/%Y")
    (datetime.date(2025, 8, 15), datetime.date(2025, 8, 15))
    """
    found = _as_written(value, date_format)
    if not isinstance(found, datetime):
        return found
    if found.tzinfo is None and not assume_utc:
        raise ValueError(f"{str(value)!r} has no time zone; --assume-utc takes such times as UTC")
    try:
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{str(value)!r} lies outside the calendar") from None


def read_day(value: PlainTime, date_format: str | None = None) -> date:
    """The day, also of a moment, whose own calendar counts.

    >>> read_day("2025-08-15T23:30:00-09:00")
    datetime.date(2025, 8, 15)
    """
    found = _as_written(value, date_format)
    return found.date() if isinstance(found, datetime) else found


def _as_written(value: PlainTime, date_format: str | None) -> datetime | date:
    """What a value says, by the format where it follows that; its zone, if any, as it is."""
    if not isinstance(value, str):
        return value
    found = _by_format(value, date_format) if date_format else None
    return _parse(value.strip()) if found is None else found


def _misread(text: str) -> str:
    """Why a text is no moment, and which option of the import helps."""
    if _EITHER_FIRST.match(text):
        return (
            f"{text[:40]!r} may have day or month first; --date-format tells which, such as"
            " %d/%m/%Y"
        )
    return (
        f"{text[:40]!r} is not a moment in ISO 8601, RFC 2822 or Unix time; --date-format names"
        " another form"
    )


def _by_format(value: str, date_format: str) -> datetime | date | None:
    try:
        found = datetime.strptime(value, date_format)  # noqa: DTZ007 (zones are judged later)
    except ValueError:
        return None
    return found if _CLOCK_DIRECTIVE.search(date_format) else found.date()


def _parse(text: str) -> datetime | date:
    try:
        if _UNIX.fullmatch(text):
            return datetime.fromtimestamp(float(text) / (1000 if len(text) == 13 else 1), UTC)
        if _DIGITS.fullmatch(text) and len(text) in (8, 14):
            moment = datetime.strptime(text, "%Y%m%d%H%M%S"[: 6 if len(text) == 8 else None])  # noqa: DTZ007
            return moment.date() if len(text) == 8 else moment
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _ISO.fullmatch(text):
            with_offset = _NAMED_UTC.sub("+00:00", _SPACED_OFFSET.sub(r"\1", text))
            return datetime.fromisoformat(with_offset)
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        raise ValueError(_misread(text)) from None
    if moment.tzinfo is None:
        # "-0000" is UTC by the RFC; a zone of unknown name must not pass for one that is lacking.
        if not text.endswith("-0000"):
            raise ValueError(
                f"{text[:40]!r} has no time zone that is known; --date-format together with"
                " --assume-utc reads times without one"
            )
        moment = moment.replace(tzinfo=UTC)
    return moment
