"""The close: one price of one trading day, checked at construction."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from operator import attrgetter

import pandas as pd

FIRST_DAY = date(2000, 1, 1)
"""Closes are kept from this day on."""
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Close:
    """What a ticker cost when its trading day ended.

    Parameters
    ----------
    ticker
        Yahoo's name of the security, 1 to 20 characters.
    trading_day
        Day by the exchange's own calendar.
    close
        Price per share, barrel or point, in whole units of ``currency`` (pounds, never pence).
        Zero and below are taken: WTI closed at -37.63 on 2020-04-20.
    adj_close
        The same, adjusted for splits and dividends; equal to ``close`` where there are none.
    currency
        ISO 4217 code in capitals.
    closes_at
        Moment the price was made; aware, converted to UTC.
    provider
        Who gave it, 1 to 20 characters.
    simulated
        Whether it was made up by a random walk instead of a market.
    fetched_at
        Moment it was read; aware, converted to UTC. Never before ``closes_at``: the bar of a
        trading day that is not over is no close.

    Raises
    ------
    ValueError
        Naming the field.
    """

    ticker: str
    trading_day: date
    close: float
    adj_close: float
    currency: str
    closes_at: datetime
    provider: str
    simulated: bool
    fetched_at: datetime

    def __post_init__(self) -> None:
        _check_name(self.ticker, "ticker")
        _check_name(self.provider, "provider")
        if not isinstance(self.trading_day, date) or isinstance(self.trading_day, datetime):
            raise ValueError("trading_day: is not a day")
        _check_price(self.close, "close")
        _check_price(self.adj_close, "adj_close")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError(f"currency: {self.currency!r} is not a code like 'USD'")
        object.__setattr__(self, "closes_at", _utc(self.closes_at, "closes_at"))
        object.__setattr__(self, "fetched_at", _utc(self.fetched_at, "fetched_at"))
        if self.closes_at > self.fetched_at:
            raise ValueError("closes_at: lies after fetched_at, so the trading day is not over")


CLOSE_COLUMNS = tuple(field.name for field in fields(Close))
_VALUES = attrgetter(*CLOSE_COLUMNS)


def closes_to_frame(closes: Iterable[Close]) -> pd.DataFrame:
    """One row per close, columns ``CLOSE_COLUMNS``, in order of ticker and trading day.

    ``trading_day`` is a naive midnight; ``closes_at`` and ``fetched_at`` are aware UTC.
    """
    return tidy_closes(
        pd.DataFrame([_VALUES(close) for close in closes], columns=list(CLOSE_COLUMNS))
    )


def tidy_closes(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of closes their types and the rows their order; empty frames too."""
    return frame.assign(
        trading_day=pd.to_datetime(frame["trading_day"]).astype("datetime64[ns]"),
        closes_at=pd.to_datetime(frame["closes_at"], utc=True).astype("datetime64[ns, UTC]"),
        fetched_at=pd.to_datetime(frame["fetched_at"], utc=True).astype("datetime64[ns, UTC]"),
        close=frame["close"].astype(float),
        adj_close=frame["adj_close"].astype(float),
        simulated=frame["simulated"].astype(bool),
        **{name: frame[name].astype("str") for name in ("ticker", "currency", "provider")},
    ).sort_values(["ticker", "trading_day"], ignore_index=True)


def check_one_kind(closes: pd.DataFrame) -> bool:
    """Whether the closes are simulated; no rows count as real.

    Raises
    ------
    ValueError
        When simulated and real closes stand in one frame, or a ticker's day stands in it twice.
    """
    kinds = closes["simulated"].unique()
    if len(kinds) > 1:
        raise ValueError("simulated: simulated and real closes are mixed")
    twice = closes.duplicated(["ticker", "trading_day"])
    if twice.any():
        row = closes[twice].iloc[0]
        raise ValueError(f"trading_day: {row.ticker} has {row.trading_day:%Y-%m-%d} twice")
    return bool(len(kinds) and kinds[0])


def _check_name(value: str, name: str) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= 20 or value != value.strip():
        raise ValueError(f"{name}: {value!r} is not a name of 1 to 20 characters")


def _check_price(value: float, name: str) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{name}: {value!r} is not a number")


def _utc(moment: datetime, name: str) -> datetime:
    if not isinstance(moment, datetime):
        raise ValueError(f"{name}: {moment!r} is not a moment")
    if moment.tzinfo is None:
        raise ValueError(f"{name}: has no time zone")
    return moment.astimezone(UTC)
