"""A sector as a caller names it, and the closes that an answer about it needs."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection

from risk_service.api.deps import Parts
from risk_service.api.problems import NOT_FOUND, Problem
from risk_service.store.price_vintages import closes_known_at

WARM_UP = timedelta(days=400)
"""Prices read before a span, for the 250 trading days of the first estimation window."""
WAIT = timedelta(days=14)
"""Prices read after a span, for the close its last day meets."""
_SPELLINGS = {"defence": "defense"}


def known_sector(parts: Parts, sector: str) -> str:
    """The name of a sector, also in its other spelling; Problem (404) for an unknown one."""
    sector = _SPELLINGS.get(sector, sector)
    if sector not in parts.sectors.members:
        detail = f"sector: {sector!r} is not one of {', '.join(parts.sectors.members)}"
        raise Problem(NOT_FOUND, detail)
    return sector


def closes_of(
    conn: Connection, parts: Parts, sector: str, start: date, end: date, as_of: datetime | None
) -> pd.DataFrame:
    """Closes in [start, end] of a sector's members and of the market, as known at ``as_of``."""
    tickers = [*parts.sectors.tickers(sector), parts.sectors.market]
    return closes_known_at(conn, tickers, start, end, as_of, simulated=parts.simulated_prices)
