"""Rows that were set aside, newest reading first and in the order of their file, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select, tuple_

from risk_service.store.tables import UtcDateTime, set_aside
from risk_service.store.upsert import Row

ASIDE_COLUMNS = ("seen_at", "origin", "locator", "reason", "raw", "key")
_COLUMNS = tuple(set_aside.c[name] for name in ASIDE_COLUMNS)


@dataclass(frozen=True, slots=True)
class AsidePlace:
    """Where a row stands in the order; all of it, so that a page may start behind a row gone."""

    seen_at: datetime
    origin: str
    locator: str
    key: str


def page_of_aside(
    conn: Connection, origin: str | None, after: AsidePlace | None, limit: int
) -> list[Row]:
    """Rows set aside, with the columns ``ASIDE_COLUMNS``.

    ``origin`` is a feed (``gdelt``, ``prices:yfinance``) or a file, whose digest in brackets may
    be left out; None is all. Rows of one moment come by origin and place, line 9 before line 10.
    """
    query = select(*_COLUMNS)
    if origin is not None:
        query = query.where(_comes_from(origin))
    if after is not None:
        query = query.where(_is_behind(after))
    place = set_aside.c.locator
    query = query.order_by(
        set_aside.c.seen_at.desc(), set_aside.c.origin, func.length(place), place, set_aside.c.key
    )
    rows = conn.execute(query.limit(limit))
    return [dict(zip(ASIDE_COLUMNS, row, strict=True)) for row in rows]


def _comes_from(origin: str) -> ColumnElement[bool]:
    return or_(
        set_aside.c.origin == origin, set_aside.c.origin.startswith(f"{origin} (", autoescape=True)
    )


def _is_behind(after: AsidePlace) -> ColumnElement[bool]:
    moment = literal(after.seen_at, UtcDateTime())
    place = set_aside.c.locator
    here = tuple_(set_aside.c.origin, func.length(place), place, set_aside.c.key)
    there: tuple[Any, ...] = (after.origin, len(after.locator), after.locator, after.key)
    return or_(
        set_aside.c.seen_at < moment, and_(set_aside.c.seen_at == moment, here > tuple_(*there))
    )
