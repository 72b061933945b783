"""The joint move of markets after an event."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from risk_service.api.schemas.common import STANDING, Out, Standing, example
from risk_service.api.schemas.studies import StudyPrices

NOTE = (
    "How markets moved at the first close after the event, and not why: other news came that day "
    "too. The signs of escalation are an assumption. None of this feeds back into the risk index."
)
DAILY_NOTE = (
    "How unusual the markets' joint move was on each day, and not why: any news may have moved "
    "them. The signs of escalation are an assumption. None of this feeds back into the risk index."
)


class MoveOut(Out):
    """The move of one basket or ticker."""

    name: str
    return_: float | None = Field(alias="return", description="Log return, 0.01 = 1 %")
    sign_of_escalation: int
    with_it: bool | None = Field(description="Whether it went the way of escalation")


class MarketDayOut(Out):
    """The first day all of whose closes lie after the event."""

    trading_day: dt.date
    closes_at: dt.datetime = Field(description="First close of the day")
    over_at: dt.datetime = Field(description="Last close: from then on this can be known")
    moves: list[MoveOut]
    distance: float | None = Field(
        description="Mahalanobis distance from the trailing window, the day itself not in it"
    )
    percentile: float | None = Field(description="Share of the days before that were more usual")
    lean: float | None = Field(
        description="Moves summed by their signs, in standard deviations; positive: escalation"
    )
    fits: Literal["escalation", "thaw", "neither"] | None = Field(
        description="Whether at least three of four signs agree with one direction"
    )
    observations: int = Field(description="Days in the trailing window")


class MarketParameters(Out):
    """What the figures hang on besides closes."""

    window: int
    least: int
    signs_of_escalation: dict[str, int]


class ConfirmationRow(Out):
    """One trading day on which all of them closed."""

    trading_day: dt.date
    closes_at: dt.datetime = Field(description="First close of the day")
    over_at: dt.datetime = Field(description="Last close: from then on this can be known")
    returns: dict[str, float | None] = Field(description="Log returns by name, 0.01 = 1 %")
    distance: float | None
    percentile: float | None
    lean: float | None = Field(description="Positive: towards escalation")
    agreeing: int | None = Field(description="How many moved the way of escalation")
    fits: Literal["escalation", "thaw", "neither"] | None
    observations: int | None = Field(description="Days in the trailing window")


class ConfirmationOut(Standing):
    """The joint move of markets day by day."""

    model_config = example(
        {
            "from": "2025-02-28", "to": "2025-02-28", "as_of": None, "note": DAILY_NOTE,
            "parameters": {
                "window": 250, "least": 120,
                "signs_of_escalation": {"energy": 1, "defense": 1, "^VIX": 1, "SPY": -1},
            },
            "missing": [],
            "prices": {
                "simulated": False, "providers": ["yfinance"], "first_trading_day": "2023-01-03",
                "last_trading_day": "2025-02-28", "fetched_at": "2025-02-28T22:20:00Z",
            },
            "count": 1,
            "rows": [
                {
                    "trading_day": "2025-02-28", "closes_at": "2025-02-28T16:30:00Z",
                    "over_at": "2025-02-28T21:15:00Z",
                    "returns": {"energy": -0.004, "defense": -0.011, "^VIX": -0.07, "SPY": 0.015},
                    "distance": 2.9, "percentile": 0.93, "lean": -1.4, "agreeing": 0,
                    "fits": "thaw", "observations": 250,
                }
            ],
            **STANDING,
        }
    )  # fmt: skip

    since: dt.date = Field(alias="from")
    until: dt.date = Field(alias="to")
    as_of: dt.datetime | None
    note: str
    parameters: MarketParameters
    missing: list[str] = Field(description="What has no closes, and so no joint move")
    prices: StudyPrices
    count: int
    rows: list[ConfirmationRow]


class EventMarketOut(Standing):
    """One event beside what the markets did."""

    model_config = example(
        {
            "id": 5121, "published_at": "2025-02-27T15:02:00Z", "direction": "thaw",
            "severity": 1.8, "as_of": None, "note": NOTE,
            "day": {
                "trading_day": "2025-02-28", "closes_at": "2025-02-28T16:30:00Z",
                "over_at": "2025-02-28T21:15:00Z",
                "moves": [
                    {
                        "name": "defense", "return": -0.011, "sign_of_escalation": 1,
                        "with_it": False,
                    }
                ],
                "distance": 2.9, "percentile": 0.93, "lean": -1.4, "fits": "thaw",
                "observations": 250,
            },
            "agrees": True, "missing": [],
            "parameters": {
                "window": 250, "least": 120,
                "signs_of_escalation": {"energy": 1, "defense": 1, "^VIX": 1, "SPY": -1},
            },
            "prices": {
                "simulated": False, "providers": ["yfinance"], "first_trading_day": "2023-01-03",
                "last_trading_day": "2025-02-28", "fetched_at": "2025-02-28T22:20:00Z",
            },
            **STANDING,
        }
    )  # fmt: skip

    id: int
    published_at: dt.datetime
    direction: Literal["thaw", "escalation", "neutral"] | None = Field(
        description="What the model reads; null where it has not scored the event"
    )
    severity: float | None
    as_of: dt.datetime | None
    note: str
    day: MarketDayOut | None = Field(description="null where no such close has come")
    agrees: bool | None = Field(
        description="Whether the signs fit the direction; null where either tells none"
    )
    missing: list[str] = Field(description="What has no closes, and so no joint move")
    parameters: MarketParameters
    prices: StudyPrices
