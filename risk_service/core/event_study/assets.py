"""Assets of a study: returns of a ticker or basket on its market's days, beside the controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.baskets import Holding, basket_levels
from risk_service.core.closes import check_one_kind
from risk_service.core.returns import log_returns

Floats = npt.NDArray[np.float64]
Price = Literal["adj_close", "close"]


@dataclass(frozen=True, slots=True, eq=False)
class Asset:
    """What is studied: one series of returns in the calendar of its own market.

    Parameters
    ----------
    name
        The ticker or basket; not ``all`` and not empty.
    days
        Trading days of its market, strictly rising, without zone.
    closes_at
        Aware moments of their closes, strictly rising: an event meets the first close after it.
    known_at
        Aware moments from which a day's return and controls are all known, never before its close:
        New York's close explains Frankfurt's day only once it has been made.
    returns
        Log return of each day; NaN where unknown.
    controls
        One row a day, one column a control, of the same days' returns; NaN where unknown.

    Raises
    ------
    ValueError
        Naming the field.
    """

    name: str
    days: pd.DatetimeIndex
    closes_at: pd.DatetimeIndex
    known_at: pd.DatetimeIndex
    returns: Floats
    controls: pd.DataFrame

    def __post_init__(self) -> None:
        if self.name in ("", "all"):
            raise ValueError(f"name: {self.name!r} cannot name an asset")
        count = len(self.days)
        for field, length in (
            ("closes_at", len(self.closes_at)),
            ("known_at", len(self.known_at)),
            ("returns", len(self.returns)),
            ("controls", len(self.controls)),
        ):
            if length != count:
                raise ValueError(f"{field}: has {length} days where {self.name} has {count}")
        for field, index in (("days", self.days), ("closes_at", self.closes_at)):
            if index.hasnans or not (index.is_monotonic_increasing and index.is_unique):
                raise ValueError(f"{field}: of {self.name} are not strictly rising")
        if not (self.known_at >= self.closes_at).all():
            raise ValueError(f"known_at: of {self.name} lies before a close")


def ticker_asset(
    closes: pd.DataFrame,
    ticker: str,
    controls: Sequence[str] = (),
    factors: pd.DataFrame | None = None,
    calendar: pd.Series[pd.Timestamp] | None = None,
    price: Price = "adj_close",
) -> Asset:
    """A ticker as an asset.

    Parameters
    ----------
    closes
        Columns ``core.closes.CLOSE_COLUMNS``, real ones or simulated ones, never both; of the
        ticker and of the controls that are tickers.
    controls
        Names of the controls: a column of ``factors`` where it has one of that name, else a ticker.
    factors
        Returns by trading day of any further columns, such as Fama and French's; NaN where unknown.
        They are read on the day itself; a control that is a ticker is measured from close to close
        of the asset, so that both returns span the same time.
    calendar
        Moments of the market's closes by trading day (naive midnights). A day of it without a close
        of the ticker is a halt: a day of the window with an unknown return. Without a calendar the
        days are those on which the ticker closed, and a halt cannot be told from a holiday.
    price
        ``adj_close``, or ``close`` for returns with splits and dividends in them.

    Raises
    ------
    ValueError
        For a ticker without closes, an unknown control, mixed kinds or a day given twice.
    """
    check_one_kind(closes)
    own = _of_ticker(closes, ticker)
    closes_at = own["closes_at"] if calendar is None else _on_calendar(calendar, own, ticker)
    prices = own[price].reindex(closes_at.index)
    beside = _Controls(closes, controls, factors, price)
    return _asset(ticker, closes_at, closes_at, log_returns(prices), prices.notna(), beside)


def basket_asset(
    closes: pd.DataFrame,
    name: str,
    holdings: Sequence[Holding | str],
    controls: Sequence[str] = (),
    factors: pd.DataFrame | None = None,
) -> Asset:
    """A basket as an asset, by the rules of ``core/baskets.py``; parameters as ``ticker_asset``.

    A day of the basket closes with the first of its holdings' closes, so that no price in it is
    older than the event it is matched with, and is known with the last. Give closes of days that
    are over: a day on which only some of the holdings' markets have closed yet is still to change.
    """
    levels = basket_levels(closes, holdings)
    if levels.empty:
        raise ValueError(f"{name}: none of its holdings has a close")
    first, last = levels["closes_at"], levels["last_closes_at"]
    beside = _Controls(closes, controls, factors, "adj_close")
    return _asset(name, first, last, levels["return"], levels["level"].notna(), beside)


@dataclass(frozen=True, slots=True, eq=False)
class _Controls:
    """What an asset's controls are read from; parameters as ``ticker_asset``."""

    closes: pd.DataFrame
    names: Sequence[str]
    factors: pd.DataFrame | None
    price: Price

    def returns(self, priced: pd.Series[bool]) -> pd.DataFrame:
        """Returns on the asset's days, over the span of the asset's own returns."""
        columns: dict[str, pd.Series[float]] = {}
        for name in self.names:
            if self.factors is not None and name in self.factors:
                columns[name] = self.factors[name].reindex(priced.index)
            else:
                prices = _of_ticker(self.closes, name)[self.price].reindex(priced.index)
                # Where the asset has no price its next return bridges the day; so must this.
                columns[name] = log_returns(prices.where(priced))
        return pd.DataFrame(columns, index=priced.index, dtype=np.float64)

    def known_at(self, closes_at: pd.Series[pd.Timestamp]) -> pd.DatetimeIndex:
        """The last of each day's closes, of the asset itself and of controls that are tickers."""
        last = closes_at
        for name in self.names:
            if self.factors is None or name not in self.factors:
                own = _of_ticker(self.closes, name)["closes_at"].reindex(last.index)
                last = last.where(~(own > last), own)
        return pd.DatetimeIndex(last)


def _asset(
    name: str,
    closes_at: pd.Series[pd.Timestamp],
    last_closes_at: pd.Series[pd.Timestamp],
    returns: pd.Series[float],
    priced: pd.Series[bool],
    controls: _Controls,
) -> Asset:
    """An asset of series by the days of its market, all on the same days."""
    return Asset(
        name=name,
        days=pd.DatetimeIndex(closes_at.index),
        closes_at=pd.DatetimeIndex(closes_at),
        known_at=controls.known_at(last_closes_at),
        returns=np.asarray(returns, np.float64),
        controls=controls.returns(priced),
    )


def _of_ticker(closes: pd.DataFrame, ticker: str) -> pd.DataFrame:
    own = closes[closes["ticker"] == ticker].set_index("trading_day").sort_index()
    if own.empty:
        raise ValueError(f"{ticker}: has no closes")
    return own


def _on_calendar(
    calendar: pd.Series[pd.Timestamp], own: pd.DataFrame, ticker: str
) -> pd.Series[pd.Timestamp]:
    """The market's closes from the ticker's first day to its last, its own moments first."""
    between = calendar.loc[own.index[0] : own.index[-1]].dropna()
    strange = own.index.difference(between.index)
    if len(strange):
        raise ValueError(f"calendar: {ticker} closed on {strange[0]:%Y-%m-%d}, which is not in it")
    return own["closes_at"].reindex(between.index).fillna(between)
