"""Closes for the tests, all made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from risk_service.core.closes import Close, closes_to_frame

FETCHED = datetime(2030, 1, 1, tzinfo=UTC)


def a_close(
    ticker: str = "XOM",
    day: date = date(2025, 3, 3),
    close: float = 100.0,
    adj_close: float | None = None,
    hour: float = 21.0,
    fetched_at: datetime = FETCHED,
    simulated: bool = False,
    currency: str = "USD",
    provider: str = "test",
) -> Close:
    """One close, at ``hour`` UTC of its day."""
    return Close(
        ticker=ticker,
        trading_day=day,
        close=close,
        adj_close=close if adj_close is None else adj_close,
        currency=currency,
        closes_at=datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour),
        provider="sample" if simulated else provider,
        simulated=simulated,
        fetched_at=fetched_at,
    )


def weekdays(start: date, count: int) -> list[date]:
    """The first ``count`` weekdays from ``start`` on."""
    return [day.date() for day in pd.bdate_range(start, periods=count)]


def closes_of(
    days: Sequence[date], prices: Mapping[str, Sequence[float]], hours: Mapping[str, float] = {}
) -> pd.DataFrame:
    """A frame of closes; NaN leaves a close out. Tickers close at 21:00 UTC unless said."""
    return closes_to_frame(
        a_close(ticker, day, float(price), hour=hours.get(ticker, 21.0))
        for ticker, row in prices.items()
        for day, price in zip(days, row, strict=True)
        if not np.isnan(price)
    )


def random_walk(count: int, seed: int, step: float = 0.01) -> list[float]:
    """Prices from 100 on."""
    steps = np.random.default_rng(seed).normal(0, step, count)
    return list(100 * np.exp(np.cumsum(steps)))
