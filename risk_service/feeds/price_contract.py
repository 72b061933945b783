"""The one signature of price providers, and the one way their rows become closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

import numpy as np
import pandas as pd

from risk_service.core.closes import Close
from risk_service.core.sectors import UNITS, Member
from risk_service.feeds.calendars import closes_on
from risk_service.feeds.contract import BadRow

# Currencies that name a hundredth: pence of London, cents of Johannesburg, agorot of Tel Aviv.
_HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ILA": "ILS"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """The source as a whole does not answer for now (429, 5xx, no connection).

    ``wait`` is the number of seconds it asked to be left alone, or None.
    """

    reason: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class PriceReading:
    """What a provider answered: closes, tickers it could not answer for, and rows set aside.

    ``refusals`` is not empty where the source as a whole stopped answering.
    """

    closes: list[Close] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    set_aside: list[BadRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, closes: Sequence[Close], set_aside: Sequence[BadRow]) -> None:
        """Take in the rows of one ticker."""
        self.closes.extend(closes)
        self.set_aside.extend(set_aside)


class PriceProvider(Protocol):
    """Where closes come from. ``closes`` never raises for what the outside world does."""

    @property
    def name(self) -> str:
        """1 to 20 characters, kept with every close."""

    @property
    def simulated(self) -> bool:
        """Whether its closes are made up."""

    def closes(self, tickers: Sequence[str], start: date, end: date, now: datetime) -> PriceReading:
        """Closes of trading days in [start, end] that were over at ``now`` (aware).

        A ticker that could not be answered for is in ``failures`` with the reason in plain words.
        """


@dataclass(frozen=True, slots=True)
class Origin:
    """What every close of one reading shares."""

    provider: str
    simulated: bool
    fetched_at: datetime

    @property
    def feed(self) -> str:
        """Name under which the provider's readings are on record."""
        return feed_name(self.provider)


def feed_name(provider: str) -> str:
    """Name under which a provider's readings are on record: ``prices:yfinance``."""
    return f"prices:{provider}"


def to_closes(
    member: Member,
    rows: pd.DataFrame,
    origin: Origin,
    currency: str | None = None,
    final_at: pd.DatetimeIndex | None = None,
) -> tuple[list[Close], list[BadRow]]:
    """Rows of one ticker to closes.

    Parameters
    ----------
    rows
        Columns day (datetime64, naive), close and adj_close (floats), locator (text).
    currency
        What the source counts in, hundredths (GBp) included; None where it does not say, and then
        the member's own currency and unit hold.
    final_at
        Moment from which each row is final, where that is later than the close.

    Returns
    -------
    Closes in whole units of the member's currency, and the rows set aside. Rows of trading days
    that are not over at ``origin.fetched_at`` are in neither.

    Raises
    ------
    ValueError
        When the source counts in another currency than the member.
    """
    divisor = _divisor(member, currency)
    moments = closes_on(member.calendar, rows["day"])
    final = moments if final_at is None else final_at
    known = np.isfinite(rows["close"]) & np.isfinite(rows["adj_close"])
    over = np.asarray(final <= pd.Timestamp(origin.fetched_at))
    session = np.asarray(moments.notna())
    aside = _no_session(member, rows[~session], origin)
    aside += _no_number(member, rows[session & over & ~known], origin)
    good = rows.assign(closes_at=moments)[session & over & known]
    return _closes(member, good, divisor, origin), aside


def known_members(
    instruments: Mapping[str, Member], tickers: Sequence[str], reading: PriceReading
) -> list[Member]:
    """The members behind the tickers; one that is not configured becomes a failure."""
    for ticker in tickers:
        if ticker not in instruments:
            reading.failures[ticker] = "is not among the configured sectors and controls"
    return [instruments[ticker] for ticker in tickers if ticker in instruments]


def _closes(member: Member, rows: pd.DataFrame, divisor: float, origin: Origin) -> list[Close]:
    values = rows[["day", "close", "adj_close", "closes_at"]].itertuples(index=False)
    return [
        Close(
            ticker=member.ticker,
            trading_day=day.date(),
            close=close / divisor,
            adj_close=adj_close / divisor,
            currency=member.currency,
            closes_at=moment.to_pydatetime(),
            provider=origin.provider,
            simulated=origin.simulated,
            fetched_at=origin.fetched_at,
        )
        for day, close, adj_close, moment in values
    ]


def _no_session(member: Member, rows: pd.DataFrame, origin: Origin) -> list[BadRow]:
    reason = f"{member.ticker} has no trading day of {member.calendar} then"
    return _set_aside(rows, origin, reason)


def _no_number(member: Member, rows: pd.DataFrame, origin: Origin) -> list[BadRow]:
    return _set_aside(rows, origin, f"{member.ticker}: close or adj_close is not a number")


def _set_aside(rows: pd.DataFrame, origin: Origin, reason: str) -> list[BadRow]:
    values = rows[["day", "close", "adj_close", "locator"]].itertuples(index=False)
    return [
        BadRow(origin.feed, locator, reason, f"{day:%Y-%m-%d},{close},{adj_close}")
        for day, close, adj_close, locator in values
    ]


def _divisor(member: Member, currency: str | None) -> float:
    if currency is None:
        return UNITS[member.unit]
    whole = _HUNDREDTHS.get(currency, currency)
    if whole != member.currency:
        raise ValueError(f"currency: prices are in {currency}, {member.currency} is configured")
    return 100.0 if currency in _HUNDREDTHS else 1.0
