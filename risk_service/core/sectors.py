"""Sectors: their configuration, their level and return, and the table that joins them to the index.

The level of a sector is an equally weighted, daily rebalanced basket of its members' adjusted
closes, in each member's own currency:

* A *sector day* is a day on which at least half of the members that closed within the last seven
  calendar days have a close. Where only London trades, New York's sectors have no day.
* A member's return runs from its own previous close on a sector day (``core/returns.py``); it
  enters the mean on its second close, is left out while it has none, and is forgotten seven days
  after its last. A missing close is never filled with an older one.
* The sector's return is the mean over members with a return, as a log return; the level starts at
  100. A day without any return has neither return nor level, and the next goes on from the last.
* A moment meets a sector day only if it lies before the *first* of that day's closes, so no price
  in the match is older than what it is matched with.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from risk_service.core.closes import check_one_kind
from risk_service.core.price_join import index_knowable_at, match_closes
from risk_service.core.returns import LONGEST_GAP, abnormal_returns, log_returns, simple_returns

UNITS = {"whole": 1.0, "pence": 100.0, "cents": 100.0}
TABLE_COLUMNS = (
    "day", "knowable_at", "risk_index", "vintage", "known_at", "reconstructed",
    "trading_day", "closes_at", "level", "return", "abnormal_return", "members", "simulated",
)  # fmt: skip

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Member:
    """A security: its name, where and when it trades, and what its price is counted in.

    Parameters
    ----------
    ticker
        Yahoo's name, 1 to 20 characters.
    calendar
        A code of ``exchange_calendars`` (XNYS, XETR, XLON, XCBF ...) or NYMEX
        (``feeds/calendars.py``).
    currency
        ISO 4217 code; closes are kept in whole units of it.
    unit
        What sources without a currency of their own count in: ``whole``, ``pence`` or ``cents``.
    """

    ticker: str
    calendar: str
    currency: str
    unit: str = "whole"

    def __post_init__(self) -> None:
        if not 0 < len(self.ticker) <= 20:
            raise ValueError(f"ticker: {self.ticker!r} is not a name of 1 to 20 characters")
        if not self.calendar:
            raise ValueError(f"calendar: of {self.ticker} is empty")
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise ValueError(f"currency: {self.currency!r} of {self.ticker} is not a code as 'USD'")
        if self.unit not in UNITS:
            raise ValueError(f"unit: {self.unit!r} of {self.ticker} is not one of {list(UNITS)}")


@dataclass(frozen=True, slots=True)
class Sectors:
    """The sectors by name, the controls, and the control that is the market."""

    members: Mapping[str, tuple[Member, ...]]
    controls: tuple[Member, ...]
    market: str

    def __post_init__(self) -> None:
        for name, members in self.members.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"sectors: {name!r} is not a name in small letters")
            if not members or len({member.ticker for member in members}) < len(members):
                raise ValueError(f"sectors.{name}: has no member, or one twice")
        if self.market not in {control.ticker for control in self.controls}:
            raise ValueError(f"market: {self.market!r} is not among the controls")
        listed = [*self.controls, *(m for members in self.members.values() for m in members)]
        if len(set(listed)) > len({member.ticker for member in listed}):
            raise ValueError("sectors: a ticker is described in two ways")

    @property
    def instruments(self) -> dict[str, Member]:
        """Every member and control by ticker, each once."""
        listed = [*(m for members in self.members.values() for m in members), *self.controls]
        return {member.ticker: member for member in listed}

    def tickers(self, sector: str) -> tuple[str, ...]:
        """Tickers of a sector's members; ValueError for an unknown sector."""
        if sector not in self.members:
            raise ValueError(f"sector: {sector!r} is not one of {sorted(self.members)}")
        return tuple(member.ticker for member in self.members[sector])


def read_sectors(toml: str) -> Sectors:
    """Read the configuration of sectors.

    Raises
    ------
    ValueError
        Naming the key that is missing, unknown or wrong.
    """
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the sectors are not TOML: {error}") from None
    unknown = sorted(set(data) - {"market", "controls", "sectors"})
    if unknown or not {"market", "controls", "sectors"} <= set(data):
        raise ValueError(f"sectors need market, controls and sectors, and nothing like {unknown}")
    if not isinstance(data["sectors"], dict):
        raise ValueError("sectors: is not a table")
    sectors = {name: _members(rows, name) for name, rows in data["sectors"].items()}
    return Sectors(sectors, _members(data["controls"], "controls"), str(data["market"]))


def sector_levels(closes: pd.DataFrame, tickers: Sequence[str]) -> pd.DataFrame:
    """Level and return of the basket of ``tickers``, by the rules at the head of this file.

    Parameters
    ----------
    closes
        Columns ``core.closes.CLOSE_COLUMNS``, real ones or simulated ones, never both; rows of
        other tickers are left aside.

    Returns
    -------
    DataFrame by trading day (DatetimeIndex)
        closes_at (first close of the day among the members), level (100 = first day), return
        (log), members (number of returns in the mean).

    Raises
    ------
    ValueError
        For mixed kinds or a ticker's day given twice.
    """
    closes = closes[closes["ticker"].isin(tickers)]
    check_one_kind(closes)
    prices = closes.pivot(index="trading_day", columns="ticker", values="adj_close").sort_index()
    prices = prices[_sector_days(prices)]
    growth = prices.apply(simple_returns)
    mean = growth.mean(axis=1)
    level = 100 * (1 + mean.fillna(0.0)).cumprod()
    known = mean.notna() | (np.arange(len(mean)) == 0)
    first_close = closes.groupby("trading_day")["closes_at"].min()
    return pd.DataFrame(
        {
            "closes_at": first_close.reindex(prices.index),
            "level": level.where(known),
            "return": np.log1p(mean),
            "members": growth.notna().sum(axis=1),
        }
    )


def sector_returns(closes: pd.DataFrame, tickers: Sequence[str], market: str) -> pd.DataFrame:
    """``sector_levels`` with ``abnormal_return``: the return less the market model's.

    The market's returns run over the same sector days. NaN during the first estimation window, and
    throughout where there are no closes of the market.
    """
    levels = sector_levels(closes, tickers)
    prices = closes[closes["ticker"] == market].set_index("trading_day")["adj_close"]
    market_returns = log_returns(prices.reindex(levels.index))
    return levels.assign(abnormal_return=abnormal_returns(levels["return"], market_returns))


def sector_table(
    index_days: pd.DataFrame, closes: pd.DataFrame, sectors: Sectors, sector: str
) -> pd.DataFrame:
    """Each day of the index beside the sector on the first trading day it can have moved.

    Parameters
    ----------
    index_days
        Every vintage of each day, in any order: columns day (a date), risk_index (0-100), vintage
        (from 1 on), known_at (aware UTC) and reconstructed.
    closes
        Closes of the sector's members and the market, with at least 250 trading days before the
        first index day, or the abnormal returns start as unknown.

    Returns
    -------
    DataFrame, one row per index day in order, columns ``TABLE_COLUMNS``
        knowable_at is the end of the day; trading_day, closes_at, level (100 = first close given),
        return and abnormal_return (logs) are of the first sector day all of whose closes lie
        strictly after it and after the day's first vintage was known; NaT and NaN where it has not
        come. The vintage is the newest known before that close, so that a later revision never
        changes a row; where no close has come, the newest. Days before a weekend share one trading
        day. ``simulated`` says of what kind all the closes are.

    Raises
    ------
    ValueError
        For an unknown sector, mixed kinds or a ticker's day given twice.
    """
    tickers = sectors.tickers(sector)
    closes = closes[closes["ticker"].isin({*tickers, sectors.market})]
    simulated = check_one_kind(closes)
    levels = sector_returns(closes, tickers, sectors.market)
    vintages = index_days[["day", "risk_index", "vintage", "known_at", "reconstructed"]]
    vintages = vintages.sort_values(["day", "vintage"], ignore_index=True)
    vintages["known_at"] = pd.to_datetime(vintages["known_at"], utc=True)
    vintages["knowable_at"] = index_knowable_at(vintages["day"])
    first_known = vintages.groupby("day")["known_at"].transform("min")
    moments = vintages["knowable_at"].where(vintages["knowable_at"] >= first_known, first_known)
    found = match_closes(moments, levels["closes_at"])
    matched = levels.rename_axis("trading_day").reset_index().reindex(found)
    matched.index = vintages.index
    table = vintages.join(matched)
    in_time = table["closes_at"].isna() | (table["known_at"] < table["closes_at"])
    newest = table[in_time].drop_duplicates("day", keep="last").reset_index(drop=True)
    return newest.assign(simulated=simulated)[list(TABLE_COLUMNS)]


def _sector_days(prices: pd.DataFrame) -> pd.Series[bool]:
    present = prices.notna()
    recent = present.astype(float).rolling(LONGEST_GAP).max() > 0
    return 2 * present.sum(axis=1) >= recent.sum(axis=1)


def _members(rows: Any, name: str) -> tuple[Member, ...]:
    wanted = {field.name for field in fields(Member)}
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{name}: is not a list of members")
    for row in rows:
        if not wanted - {"unit"} <= set(row) <= wanted:
            raise ValueError(f"{name}: {row} needs ticker, calendar, currency, and may have unit")
        if not all(isinstance(value, str) for value in row.values()):
            raise ValueError(f"{name}: {row} has a value that is not text")
    return tuple(Member(**row) for row in rows)
