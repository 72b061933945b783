"""Sectors beside the index."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from risk_service.api.schemas.common import STANDING, Out, Standing, example

NOTE = (
    "Index and prices stand side by side; nothing here predicts returns. A day's index meets the "
    "first close strictly after the day's end, in the newest vintage known before that close."
)
_PRICES: dict[str, Any] = {
    "simulated": False, "providers": ["yfinance"], "last_trading_day": "2025-02-27",
    "fetched_at": "2025-02-28T11:20:00Z", "state": "partial",
    "reasons": ["XOM: No data found; last read 2025-02-27T21:20Z"],
    "attempted_at": "2025-02-28T11:20:00Z", "succeeded_at": "2025-02-28T11:20:00Z",
    "failed": [
        {
            "ticker": "XOM", "reason": "No data found",
            "attempted_at": "2025-02-28T11:20:00Z", "succeeded_at": "2025-02-27T21:20:00Z",
        }
    ],
}  # fmt: skip


class FailedTicker(Out):
    """A ticker for which the provider had no answer when it was last asked."""

    ticker: str
    reason: str | None
    attempted_at: dt.datetime = Field(description="When it was last asked for")
    succeeded_at: dt.datetime | None = Field(description="When it was last answered for")


class Prices(Out):
    """Whose prices, of what kind and how fresh."""

    simulated: bool = Field(description="true: made up by a random walk, for demonstration")
    providers: list[str]
    last_trading_day: dt.date | None
    fetched_at: dt.datetime | None = Field(description="When the newest of the closes was read")
    state: Literal["fresh", "partial", "failed", "stale", "never"] = Field(
        description="How the last asking for them went: partial, some tickers were not answered "
        "for; failed, none was; stale, nobody has asked for a day; never, nobody ever did"
    )
    reasons: list[str] = Field(description="Why the state is not fresh; empty where it is")
    attempted_at: dt.datetime | None = Field(description="When the provider was last asked")
    succeeded_at: dt.datetime | None = Field(description="When it last answered for any ticker")
    failed: list[FailedTicker]


class SectorSummary(Out):
    """A sector, its members and where it stands."""

    sector: str
    tickers: list[str]
    market: str
    trading_day: dt.date | None
    level: float | None = Field(description="100 a year before")
    change: float | None = Field(description="Log return of the newest trading day")
    abnormal_return: float | None = Field(description="Beyond the market model")
    prices: Prices


class SectorsOut(Standing):
    """The sectors followed."""

    model_config = example(
        {
            "note": NOTE,
            "sectors": [
                {
                    "sector": "energy", "tickers": ["XLE"], "market": "SPY",
                    "trading_day": "2025-02-27", "level": 104.2, "change": 0.004,
                    "abnormal_return": 0.001, "prices": _PRICES,
                }
            ],
            **STANDING,
        }
    )  # fmt: skip

    note: str
    sectors: list[SectorSummary]


class SectorRow(Out):
    """One day of the index beside the first trading day it can have moved."""

    day: dt.date
    knowable_at: dt.datetime
    risk_index: float
    vintage: int = Field(description="The newest known before closes_at")
    known_at: dt.datetime = Field(description="When that vintage became known")
    reconstructed: bool = Field(description="Whether not watched live at the time")
    trading_day: dt.date | None
    closes_at: dt.datetime | None
    level: float | None = Field(description="100 is the first close of the span")
    return_: float | None = Field(alias="return", description="Log return")
    abnormal_return: float | None = Field(description="Log return beyond the market model")
    members: float | None
    simulated: bool


class SectorOut(Standing):
    """A sector beside the index."""

    model_config = example(
        {
            "dyad": "USA-RUS", "sector": "energy", "tickers": ["XLE"], "market": "SPY",
            "from": "2025-02-26", "to": "2025-02-26", "as_of": None, "note": NOTE,
            "prices": _PRICES, "count": 1,
            "rows": [
                {
                    "day": "2025-02-26", "knowable_at": "2025-02-27T00:00:00Z", "risk_index": 61.4,
                    "vintage": 1, "known_at": "2025-02-27T01:00:07Z", "reconstructed": False,
                    "trading_day": "2025-02-27", "closes_at": "2025-02-27T21:00:00Z",
                    "level": 104.2, "return": 0.004, "abnormal_return": 0.001, "members": 5,
                    "simulated": False,
                }
            ],
            **STANDING,
        }
    )  # fmt: skip

    dyad: str
    sector: str
    tickers: list[str]
    market: str
    since: dt.date | None = Field(alias="from")
    until: dt.date | None = Field(alias="to")
    as_of: dt.datetime | None
    note: str
    prices: Prices
    count: int
    rows: list[SectorRow]
