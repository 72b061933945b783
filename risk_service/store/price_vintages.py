"""Closes as they were known at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, func, select

from risk_service.core.closes import CLOSE_COLUMNS, tidy_closes
from risk_service.store.prices import latest_closes
from risk_service.store.tables import closes as table


def closes_known_at(
    conn: Connection,
    tickers: Sequence[str],
    start: date,
    end: date,
    as_of: datetime | None,
    *,
    simulated: bool,
) -> pd.DataFrame:
    """Closes in [start, end] in the vintage known at ``as_of``; without one, the newest.

    A close made by ``as_of`` but read here only later comes as it was read first: that is as near
    to what was known then as can be told. A later revision never enters.

    Returns
    -------
    DataFrame
        As ``latest_closes``.
    """
    known = latest_closes(conn, tickers, start, end, as_of, simulated=simulated)
    if as_of is None:
        return known
    first = _first_readings(conn, tickers, start, end, as_of, simulated)
    return tidy_closes(pd.concat([known, first]).drop_duplicates(["ticker", "trading_day"]))


def _first_readings(
    conn: Connection,
    tickers: Sequence[str],
    start: date,
    end: date,
    as_of: datetime,
    simulated: bool,
) -> pd.DataFrame:
    oldest = (
        select(table.c.ticker, table.c.trading_day, func.min(table.c.revision).label("revision"))
        .where(
            table.c.ticker.in_(list(tickers)),
            table.c.trading_day.between(start, end),
            table.c.simulated.is_(simulated),
            table.c.closes_at <= as_of,
        )
        .group_by(table.c.ticker, table.c.trading_day)
        .subquery()
    )
    query = select(*(table.c[name] for name in CLOSE_COLUMNS)).join(
        oldest,
        (table.c.ticker == oldest.c.ticker)
        & (table.c.trading_day == oldest.c.trading_day)
        & (table.c.revision == oldest.c.revision),
    )
    rows = conn.execute(query.where(table.c.fetched_at > as_of)).all()
    return tidy_closes(pd.DataFrame(rows, columns=list(CLOSE_COLUMNS)))
