"""Sectors: their configuration, their level and return, and the table that joins them to the index.

A sector is a basket of its members (``core/baskets.py``), equally weighted unless the configuration
says otherwise. A moment meets a sector day only if it lies before the *first* of that day's closes,
so no price in the match is older than what it is matched with.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from risk_service.core.baskets import Holding, basket_levels
from risk_service.core.closes import check_one_kind
from risk_service.core.price_join import index_knowable_at, match_closes
from risk_service.core.returns import abnormal_returns, log_returns

UNITS = {"whole": 1.0, "pence": 100.0, "cents": 100.0}
TABLE_COLUMNS = (
    "day", "knowable_at", "risk_index", "vintage", "known_at", "reconstructed",
    "trading_day", "closes_at", "level", "return", "abnormal_return", "members", "simulated",
)  # fmt: skip

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_NEEDED = {"ticker", "calendar", "currency"}
_TEXTS = _NEEDED | {"unit"}
_KEYS = _TEXTS | {"weight", "entered", "left"}


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
    weight, entered, left
        Its part in its sector, as ``core.baskets.Holding`` describes.
    """

    ticker: str
    calendar: str
    currency: str
    unit: str = "whole"
    weight: float = 1.0
    entered: date | None = None
    left: date | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.ticker) <= 20:
            raise ValueError(f"ticker: {self.ticker!r} is not a name of 1 to 20 characters")
        if not self.calendar:
            raise ValueError(f"calendar: of {self.ticker} is empty")
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise ValueError(f"currency: {self.currency!r} of {self.ticker} is not a code as 'USD'")
        if self.unit not in UNITS:
            raise ValueError(f"unit: {self.unit!r} of {self.ticker} is not one of {list(UNITS)}")
        _ = self.holding

    @property
    def holding(self) -> Holding:
        """Its part in its sector; ValueError for a weight or days that cannot be."""
        return Holding(self.ticker, self.weight, self.entered, self.left)


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
        described = {(one.ticker, one.calendar, one.currency, one.unit) for one in listed}
        if len(described) > len({member.ticker for member in listed}):
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

    def holdings(self, sector: str) -> tuple[Holding, ...]:
        """The basket a sector is; ValueError for an unknown sector."""
        self.tickers(sector)
        return tuple(member.holding for member in self.members[sector])


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


def sector_levels(closes: pd.DataFrame, holdings: Sequence[Holding | str]) -> pd.DataFrame:
    """Level and return of a sector: ``basket_levels`` of its holdings."""
    return basket_levels(closes, holdings)


def sector_returns(
    closes: pd.DataFrame, holdings: Sequence[Holding | str], market: str
) -> pd.DataFrame:
    """``sector_levels`` with ``abnormal_return``: the return less the market model's.

    The market's returns run over the same sector days. NaN during the first estimation window, and
    throughout where there are no closes of the market.
    """
    levels = sector_levels(closes, holdings)
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
    levels = sector_returns(closes, sectors.holdings(sector), sectors.market)
    table = _beside(_in_order(index_days), levels)
    in_time = table["closes_at"].isna() | (table["known_at"] < table["closes_at"])
    newest = table[in_time].drop_duplicates("day", keep="last").reset_index(drop=True)
    return newest.assign(simulated=simulated)[list(TABLE_COLUMNS)]


def _in_order(index_days: pd.DataFrame) -> pd.DataFrame:
    """Every vintage by day and number, with the end of its day as knowable_at."""
    vintages = index_days[["day", "risk_index", "vintage", "known_at", "reconstructed"]]
    vintages = vintages.sort_values(["day", "vintage"], ignore_index=True)
    vintages["known_at"] = pd.to_datetime(vintages["known_at"], utc=True)
    vintages["knowable_at"] = index_knowable_at(vintages["day"])
    return vintages


def _beside(vintages: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """Each vintage with the first sector day that its day can have moved, unknown where none is."""
    first_known = vintages.groupby("day")["known_at"].transform("min")
    moments = vintages["knowable_at"].where(vintages["knowable_at"] >= first_known, first_known)
    found = match_closes(moments, levels["closes_at"])
    matched = levels.rename_axis("trading_day").reset_index().reindex(found)
    matched.index = vintages.index
    return vintages.join(matched)


def _members(rows: Any, name: str) -> tuple[Member, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{name}: is not a list of members")
    for row in rows:
        if not _NEEDED <= set(row) <= _KEYS:
            raise ValueError(
                f"{name}: {row} needs ticker, calendar, currency, and may have unit, weight,"
                " entered, left"
            )
        if not all(isinstance(row[key], str) for key in _TEXTS & set(row)):
            raise ValueError(f"{name}: {row} has a value that is not text")
        if not isinstance(row.get("weight", 1.0), int | float):
            raise ValueError(f"{name}: {row} has a weight that is not a number")
        days = [row[key] for key in ("entered", "left") if key in row]
        if not all(isinstance(day, date) and not isinstance(day, datetime) for day in days):
            raise ValueError(f"{name}: {row} has a day that is not like 2025-03-24")
    return tuple(Member(**row) for row in rows)
