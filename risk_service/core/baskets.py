"""Baskets of securities: level and return, daily rebalanced to given weights.

Adjusted closes count, each in its own currency. The rules:

* A *basket day* is a day on which at least half of the holdings that closed within the last seven
  calendar days have a close. Where only London trades, New York's baskets have no day.
* A holding's return runs from its own previous close on a basket day (``core/returns.py``); it
  enters the mean on its second close, is left out while it has none, and is forgotten seven days
  after its last. A missing close is never filled with an older one.
* A holding is bought at the close of the day it ``entered`` and sold at the close of the day it
  ``left``: its closes outside those days are not looked at.
* The basket's return is the weighted mean over the holdings with a return, as a log return; the
  weights of those without are shared by the others in proportion. The level starts at 100. A day
  without any return has neither return nor level, and the next goes on from the last.
* A day of the basket closes with the *first* of that day's closes, so that no price in it is older
  than what it is matched with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from risk_service.core.closes import check_one_kind
from risk_service.core.returns import LONGEST_GAP, simple_returns


@dataclass(frozen=True, slots=True)
class Holding:
    """A ticker in a basket.

    Parameters
    ----------
    ticker
        As in the closes.
    weight
        Above zero; only the proportions matter, and equal weights are the default.
    entered, left
        Trading days at whose close it was bought and sold; None for always.

    Raises
    ------
    ValueError
        Naming the field.
    """

    ticker: str
    weight: float = 1.0
    entered: date | None = None
    left: date | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise ValueError(f"weight: {self.weight} of {self.ticker} is not above zero")
        if self.entered is not None and self.left is not None and self.left <= self.entered:
            raise ValueError(f"left: of {self.ticker} is not after it entered")


def basket_levels(closes: pd.DataFrame, holdings: Sequence[Holding | str]) -> pd.DataFrame:
    """Level and return of a basket, by the rules at the head of this file.

    Parameters
    ----------
    closes
        Columns ``core.closes.CLOSE_COLUMNS``, real ones or simulated ones, never both; rows of
        other tickers are left aside.
    holdings
        Each ticker once; a plain ticker is held always, with weight 1.

    Returns
    -------
    DataFrame by trading day (DatetimeIndex)
        closes_at and last_closes_at (first and last close of the day among the holdings), level
        (100 = first day), return (log), members (number of returns in the mean).

    Raises
    ------
    ValueError
        For a holding given twice, mixed kinds or a ticker's day given twice.
    """
    held = _by_ticker(holdings)
    closes = _while_held(closes, held)
    check_one_kind(closes)
    prices = closes.pivot(index="trading_day", columns="ticker", values="adj_close").sort_index()
    prices = prices[_basket_days(prices)]
    growth = prices.apply(simple_returns)
    mean = _weighted_mean(growth, held)
    moments = closes.groupby("trading_day")["closes_at"].agg(["min", "max"]).reindex(prices.index)
    return pd.DataFrame(
        {
            "closes_at": moments["min"],
            "last_closes_at": moments["max"],
            "level": _level(mean),
            "return": np.log1p(mean),
            "members": growth.notna().sum(axis=1),
        }
    )


def _by_ticker(holdings: Sequence[Holding | str]) -> dict[str, Holding]:
    listed = [Holding(one) if isinstance(one, str) else one for one in holdings]
    held = {one.ticker: one for one in listed}
    if len(held) < len(listed):
        raise ValueError("holdings: one is given twice")
    return held


def _while_held(closes: pd.DataFrame, held: dict[str, Holding]) -> pd.DataFrame:
    closes = closes[closes["ticker"].isin(held)]
    inside = pd.Series(True, index=closes.index)
    for ticker, holding in held.items():
        own = closes["ticker"] == ticker
        if holding.entered is not None:
            inside &= ~own | (closes["trading_day"] >= pd.Timestamp(holding.entered))
        if holding.left is not None:
            inside &= ~own | (closes["trading_day"] <= pd.Timestamp(holding.left))
    return closes[inside]


def _weighted_mean(growth: pd.DataFrame, held: dict[str, Holding]) -> pd.Series[float]:
    weights = np.array([held[str(ticker)].weight for ticker in growth.columns])
    values = growth.to_numpy(dtype=np.float64)
    known = np.isfinite(values)
    total = known @ weights
    summed = np.where(known, values, 0.0) @ weights
    mean = np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0)
    return pd.Series(mean, index=growth.index)


def _level(mean: pd.Series[float]) -> pd.Series[float]:
    """From 100 on the first day; NaN on a later day without return, which is passed over."""
    level = 100 * (1 + mean.fillna(0.0)).cumprod()
    return level.where(mean.notna() | (np.arange(len(mean)) == 0))


def _basket_days(prices: pd.DataFrame) -> pd.Series[bool]:
    present = prices.notna()
    recent = present.astype(float).rolling(LONGEST_GAP).max() > 0
    return 2 * present.sum(axis=1) >= recent.sum(axis=1)
