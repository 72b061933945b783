"""A row of a file becomes an event, or is refused with the name of the field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from risk_service.core.events import Event
from risk_service.feeds import row_values
from risk_service.feeds.columns import Columns, read_columns
from risk_service.feeds.countries import country_code
from risk_service.feeds.moments import end_of_day, read_day, read_moment


@dataclass(frozen=True, slots=True)
class RowOptions:
    """What a file does not say itself.

    ``source``, ``language``, ``actor``, ``recipient`` stand in where a row has none;
    ``assume_utc`` takes times without zone as UTC; ``date_format`` is a ``strptime`` format tried
    before the usual ones, such as ``%m/%d/%Y``.
    """

    source: str
    language: str | None = None
    actor: str | None = None
    recipient: str | None = None
    assume_utc: bool = False
    date_format: str | None = None


@dataclass(frozen=True, slots=True)
class RowEvent:
    """The event of a row; ``left_out`` names values that were not understood and not needed."""

    event: Event
    left_out: tuple[str, ...] = ()


def row_event(row: Mapping[str, object], options: RowOptions) -> RowEvent:
    """The event a row tells of; ``feeds.columns`` says which column means what.

    A day without time of day is knowable at its end: published_at is 23:59:59 UTC, and
    occurred_on is that day where the column is called ``date``. A party that is no country (a
    person's name) and an unknown language are left out and named.

    Identity: an ``external_id`` is kept. A column called just ``id`` may hold row numbers, so a
    digest of what the row says is added to it. A coded row without either, in a file with further
    columns, is known by a digest of the whole row, so that two events of one day stay two.

    Raises
    ------
    ValueError
        Naming the field that is missing or wrong.
    """
    return _Row(row, options).event()


class _Row:
    def __init__(self, values: Mapping[str, object], options: RowOptions) -> None:
        self.values, self.options = values, options
        self.columns: Columns = read_columns(tuple(values))
        self.left_out: list[str] = []

    def event(self) -> RowEvent:
        published_at, day = self.published()
        goldstein = self.goldstein()
        code, quad = self.code(goldstein), self.quad()
        event = Event(
            published_at=published_at,
            text=self.text("text") or "",
            source=self.text("source") or self.options.source,
            url=self.text("url"),
            language=self.language(),
            occurred_on=self.day("occurred_on") or day,
            actor=self.country("actor") or self.options.actor,
            recipient=self.country("recipient") or self.options.recipient,
            event_code=code,
            goldstein=goldstein,
            quad_class=quad,
            external_id=self.identity(code is not None or goldstein is not None),
        )
        return RowEvent(event, tuple(self.left_out))

    def raw(self, field: str) -> object:
        column = self.columns.by_field.get(field)
        return None if column is None else self.values[column]

    def text(self, field: str) -> str | None:
        value = self.raw(field)
        try:
            return row_values.plain_text(value)
        except ValueError as error:
            raise ValueError(f"{field}: {error}") from None

    def time(self, field: str) -> str | datetime | date | None:
        value = self.raw(field)
        return value if isinstance(value, date) else self.text(field)

    def day(self, field: str) -> date | None:
        value = self.time(field)
        if value is None:
            return None
        try:
            return read_day(value, self.options.date_format)
        except ValueError as error:
            raise ValueError(f"{field}: {error}") from None

    def published(self) -> tuple[datetime, date | None]:
        """The moment of publication, and the day it happened where the same column says so."""
        if "published_at" not in self.columns.by_field:
            day = self.day("occurred_on")
            if day is None:
                raise ValueError("published_at: is missing")
            return end_of_day(day), day
        value = self.time("published_at")
        if value is None:
            raise ValueError("published_at: is empty")
        # GDELT's DATEADDED is UTC by its codebook and never says so.
        utc = self.options.assume_utc or self.columns.is_called("published_at", "dateadded")
        try:
            found = read_moment(value, utc, self.options.date_format)
        except ValueError as error:
            raise ValueError(f"published_at: {error}") from None
        if isinstance(found, datetime):
            return found, None
        return end_of_day(found), found if self.columns.is_called("published_at", "date") else None

    def goldstein(self) -> float | None:
        text = self.text("goldstein")
        try:
            return None if text is None else row_values.number(text)
        except ValueError:
            raise ValueError(f"goldstein: {text!r} is not a finite number") from None

    def code(self, goldstein: float | None) -> str | None:
        text = self.text("event_code")
        try:
            return None if text is None else row_values.event_code(text, goldstein)
        except ValueError as error:
            raise ValueError(f"event_code: {error}") from None

    def quad(self) -> int | None:
        text = self.text("quad_class")
        try:
            return None if text is None else row_values.quad_class(text)
        except ValueError as error:
            raise ValueError(f"quad_class: {error}") from None

    def country(self, field: str) -> str | None:
        text = self.text(field)
        code = None if text is None else country_code(text)
        if text is not None and code is None:
            self.left_out.append(f"{field}: {text[:40]!r} is no country")
        return code

    def language(self) -> str | None:
        text = self.text("language")
        code = None if text is None else row_values.language_code(text)
        if text is not None and code is None:
            self.left_out.append(f"language: {text[:40]!r} is unknown")
        return code or self.options.language

    def identity(self, coded: bool) -> str | None:
        own = self.text("external_id")
        if own is None:
            whole_row = coded and bool(self.columns.ignored)
            return row_values.digest_of(self.values) if whole_row else None
        if self.columns.is_called("external_id", "id"):
            said = {field: self.raw(field) for field in self.columns.by_field}
            own = f"{own}:{row_values.digest_of(said)[:16]}"
        # Databases keep 200 printable characters; a digest stands for what is more or worse.
        if len(own) <= 200 and own.isprintable():
            return own
        return hashlib.sha256(own.encode(errors="surrogatepass")).hexdigest()
