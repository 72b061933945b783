"""The closes an event met: of each sector member the first strictly after it was published."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from risk_service.api.deps import Parts
from risk_service.core.price_join import LONGEST_WAIT, join_events
from risk_service.store.prices import latest_closes
from risk_service.store.upsert import Row

AROUND = LONGEST_WAIT.to_pytimedelta() + timedelta(days=1)
"""Closes read before and after an event; a trading day may be another day than UTC's."""


def first_closes(conn: Connection, parts: Parts, published_at: datetime) -> list[Row] | None:
    """One row for each member, each by its own calendar; None where no prices are at hand.

    Keys ticker, trading_day, closes_at, close (in ``currency``), currency, simulated; all but
    ticker and simulated are None where no close has come, or none within a week.
    """
    members = parts.sectors.members.values()
    tickers = list(dict.fromkeys(member.ticker for group in members for member in group))
    day, simulated = published_at.date(), parts.simulated_prices
    closes = latest_closes(conn, tickers, day - AROUND, day + AROUND, simulated=simulated)
    if closes.empty:
        return None
    joined = join_events(pd.DataFrame({"published_at": [published_at]}), closes)
    met = joined.dropna(subset="closes_at").set_index("ticker").to_dict("index")
    return [_row(ticker, met.get(ticker), simulated) for ticker in tickers]


def _row(ticker: str, met: dict[Any, Any] | None, simulated: bool) -> Row:
    names = ("trading_day", "closes_at", "close", "currency")
    found = {name: met[name] if met else None for name in names}
    if met:
        found["trading_day"] = met["trading_day"].date()
        found["closes_at"] = met["closes_at"].to_pydatetime()
    return {"ticker": ticker, **found, "simulated": simulated}
