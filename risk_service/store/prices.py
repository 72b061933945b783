"""Closes in revisions: a past close is never overwritten, a changed one stands beside the old.

Simulated and real closes share a table and never an answer: every reader says which it wants.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import groupby

import pandas as pd
from sqlalchemy import Connection, Select, func, select

from risk_service.core.closes import CLOSE_COLUMNS, Close, tidy_closes
from risk_service.store.tables import closes as table
from risk_service.store.upsert import Row, insert_new

# Adjusted closes come back with other last digits at every reading; a real revision is larger.
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class SavedCloses:
    """How many closes were new, how many changed one that was known, and how many repeated it."""

    added: int = 0
    revised: int = 0
    repeated: int = 0

    def __add__(self, other: SavedCloses) -> SavedCloses:
        return SavedCloses(
            self.added + other.added, self.revised + other.revised, self.repeated + other.repeated
        )


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept of one ticker: its first and last trading day, and how fresh that is.

    ``closes_at`` is the moment of the last close; ``fetched_at`` that of the last reading which
    brought something new.
    """

    first_day: date
    last_day: date
    closes_at: datetime
    fetched_at: datetime


def save_closes(conn: Connection, closes: Sequence[Close]) -> SavedCloses:
    """Keep closes; repeating this changes nothing.

    A close equal to the newest revision of its kind (to one part in a million) is left alone; one
    that differs becomes the next revision.
    """
    saved = SavedCloses()
    ordered = sorted(closes, key=lambda c: (c.ticker, c.simulated, c.trading_day))
    for _, group in groupby(ordered, key=lambda c: (c.ticker, c.simulated)):
        saved += _save_ticker(conn, list(group))
    return saved


def latest_closes(
    conn: Connection,
    tickers: Iterable[str],
    start: date,
    end: date,
    as_of: datetime | None = None,
    *,
    simulated: bool,
) -> pd.DataFrame:
    """The newest revision of each close in [start, end], of those fetched by ``as_of`` if given.

    Returns
    -------
    DataFrame
        Columns ``core.closes.CLOSE_COLUMNS`` in the types of ``closes_to_frame``; one row per
        ticker and trading day, in that order; all real or all simulated.
    """
    newest = (
        select(table.c.ticker, table.c.trading_day, func.max(table.c.revision).label("revision"))
        .where(
            table.c.ticker.in_(list(tickers)),
            table.c.trading_day.between(start, end),
            table.c.simulated.is_(simulated),
        )
        .group_by(table.c.ticker, table.c.trading_day)
    )
    if as_of is not None:
        newest = newest.where(table.c.fetched_at <= as_of)
    rows = conn.execute(_of_revisions(newest)).all()
    return tidy_closes(pd.DataFrame(rows, columns=list(CLOSE_COLUMNS)))


def newest_close(conn: Connection, *, simulated: bool) -> dict[str, Holding]:
    """What is kept of each ticker, real or simulated; a ticker without closes is not there."""
    query = (
        select(
            table.c.ticker,
            func.min(table.c.trading_day),
            func.max(table.c.trading_day),
            func.max(table.c.closes_at),
            func.max(table.c.fetched_at),
        )
        .where(table.c.simulated.is_(simulated))
        .group_by(table.c.ticker)
    )
    return {row[0]: Holding(*row[1:]) for row in conn.execute(query)}


def _of_revisions(
    newest: Select[tuple[str, date, int]],
) -> Select[tuple[object, ...]]:
    wanted = newest.subquery()
    return select(*(table.c[name] for name in CLOSE_COLUMNS)).join(
        wanted,
        (table.c.ticker == wanted.c.ticker)
        & (table.c.trading_day == wanted.c.trading_day)
        & (table.c.revision == wanted.c.revision),
    )


def _save_ticker(conn: Connection, closes: Sequence[Close]) -> SavedCloses:
    """``closes``: of one ticker and kind, in order of trading day."""
    ticker, simulated = closes[0].ticker, closes[0].simulated
    query = (
        select(table.c.trading_day, *_known_columns())
        .where(
            table.c.ticker == ticker,
            table.c.trading_day.between(closes[0].trading_day, closes[-1].trading_day),
        )
        .order_by(table.c.revision)
    )
    revisions: dict[date, int] = {}
    known: dict[date, tuple[float, float, str]] = {}
    for day, revision, kind, *values in conn.execute(query):
        revisions[day] = revision
        if kind == simulated:
            known[day] = (values[0], values[1], values[2])
    rows: list[Row] = []
    added = revised = 0
    for close in closes:
        before, day = known.get(close.trading_day), close.trading_day
        if before is not None and _same(before, close):
            continue
        added, revised = added + (before is None), revised + (before is not None)
        revisions[day] = revisions.get(day, 0) + 1
        known[day] = (close.close, close.adj_close, close.currency)
        rows.append({**asdict(close), "revision": revisions[day]})
    insert_new(conn, table, rows)
    return SavedCloses(added, revised, len(closes) - len(rows))


def _known_columns() -> tuple[object, ...]:
    return (
        table.c.revision,
        table.c.simulated,
        table.c.close,
        table.c.adj_close,
        table.c.currency,
    )


def _same(before: tuple[float, float, str], close: Close) -> bool:
    return (
        before[2] == close.currency
        and math.isclose(before[0], close.close, rel_tol=_SAME)
        and math.isclose(before[1], close.adj_close, rel_tol=_SAME)
    )
