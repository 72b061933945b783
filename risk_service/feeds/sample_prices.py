"""Simulated prices for demonstrations and tests: a random walk, plainly marked as such.

Each step is drawn by hashing (ticker, day), so that the same ticker and day always give the same
close, on any machine, however far the walk is carried on. No file, no network, no state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.sectors import Member
from risk_service.feeds.calendars import FIRST_DAY, trading_days
from risk_service.feeds.price_contract import Origin, PriceReading, known_members, to_closes

Floats = npt.NDArray[np.float64]

_STEP = 0.01  # standard deviation of a calendar day's own move, and of the market's
_MARKET_SHARE = 0.6
_EPOCH = FIRST_DAY.toordinal()


@dataclass(frozen=True, slots=True)
class SamplePrices:
    """Provider of simulated closes for the configured instruments."""

    instruments: Mapping[str, Member]
    name: str = "sample"
    simulated: bool = True

    def closes(self, tickers: Sequence[str], start: date, end: date, now: datetime) -> PriceReading:
        """One close for each trading day in [start, end] that is over at ``now``; never fails."""
        reading = PriceReading()
        origin = Origin(self.name, self.simulated, now)
        for member in known_members(self.instruments, tickers, reading):
            days = trading_days(member.calendar, max(start, FIRST_DAY), end)
            reading.add(*to_closes(member, _walk(member.ticker, days), origin, member.currency))
        return reading


def _walk(ticker: str, days: Sequence[date]) -> pd.DataFrame:
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
    last = int(ordinals.max()) if len(days) else _EPOCH
    calendar_days = np.arange(_EPOCH, last + 1)
    own = _normals(f"own {ticker}", calendar_days)
    market = _normals("market", calendar_days)
    level = np.cumsum(_STEP * (own + _MARKET_SHARE * market))
    first = 20 + 180 * float(_uniforms(f"level {ticker}", np.zeros(1, np.int64))[0])
    prices = np.round(first * np.exp(level[ordinals - _EPOCH]), 4)
    locators = [f"simulated {day}" for day in days]
    return pd.DataFrame(
        {"day": pd.to_datetime(days), "close": prices, "adj_close": prices, "locator": locators}
    )


def _normals(name: str, days: npt.NDArray[np.int64]) -> Floats:
    """Standard normal draws, one a day, by Box and Muller (1958)."""
    radius = np.sqrt(-2 * np.log1p(-_uniforms(f"{name} radius", days)))
    return np.asarray(radius * np.cos(2 * np.pi * _uniforms(f"{name} angle", days)))


def _uniforms(name: str, days: npt.NDArray[np.int64]) -> Floats:
    """Uniform draws on [0, 1) by hashing (name, day) with splitmix64 (Steele 2014)."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    with np.errstate(over="ignore"):
        x = np.uint64(seed) + days.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(11)).astype(np.float64) / 2**53
