"""Event studies: what is asked by body, and what is answered."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from risk_service.api.deps import Day, Moment, Plain
from risk_service.api.schemas.common import STANDING, Out, Standing, example
from risk_service.core.event_study import Overlap
from risk_service.core.happenings import Direction
from risk_service.study_answer import CROWDING

NOTE = (
    "What closes did around events, not what they will do. Thaw and escalation are studied apart. "
    "Day 0 is the first close strictly after an event was knowable; a happening that is dated by "
    "the day alone is knowable at its end, so that day -1 is the day itself. Beside each result "
    "stands its placebo: the same study on random dates of the same years."
)
MOST_DATES = 1_000
_POSTED: dict[str, Any] = {
    "events": [
        {"at": "2022-02-24T03:00:00Z", "text": "Invasion", "direction": "escalation"},
        {"at": "2022-03-16", "direction": "thaw"},
    ],
    "assets": ["energy", "defense"], "first": -1, "last": 3,
}  # fmt: skip
_PARAMETERS: dict[str, Any] = {
    "assets": ["defense"], "model": "market", "controls": ["SPY"], "first": 0, "last": 1,
    "estimation": 250, "least": 120, "gap": 10, "overlap": "merge", "level": 0.95, "seed": 0,
    "clean": True,
    "bootstrap_draws": 1999, "placebo_draws": 500,
}  # fmt: skip


CLEAN = "Whether estimation windows leave out days in event windows of other events"


class DatedEvent(BaseModel):
    """A date of the caller's own."""

    model_config = ConfigDict(extra="forbid")

    at: Moment | Day = Field(description="When it was knowable; a day counts at its end, UTC")
    text: Plain = Field("", max_length=200)
    direction: Direction | None = Field(None, description="Each direction is studied apart")


class StudyIn(BaseModel):
    """Dates to be studied; nothing is kept."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_POSTED]})

    events: list[DatedEvent] = Field(min_length=1, max_length=MOST_DATES)
    assets: list[Plain] | None = Field(
        None, min_length=1, max_length=12, description="Sectors or tickers; null for all sectors"
    )
    controls: list[Plain] | None = Field(
        None, max_length=6, description="[] is the constant-mean model; null the market model"
    )
    first: int = Field(-1, ge=-250, le=0)
    last: int = Field(5, ge=0, le=250)
    estimation: int = Field(250, ge=20, le=2000)
    least: int = Field(120, ge=4, le=2000)
    gap: int = Field(10, ge=0, le=250)
    overlap: Overlap = "merge"
    level: float = Field(0.95, gt=0.5, lt=1)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    clean: bool = Field(True, description=CLEAN)
    as_of: Moment | None = None


class StudyParameters(Out):
    """Everything the figures hang on besides events and closes."""

    assets: list[str]
    model: str = Field(description="constant mean, market or multi-factor")
    controls: list[str]
    first: int
    last: int
    estimation: int
    least: int
    gap: int
    overlap: str
    level: float
    seed: int
    clean: bool = Field(description=CLEAN)
    bootstrap_draws: int
    placebo_draws: int


class StudyFilter(Out):
    """Which happenings were asked for; null asked nothing."""

    min_severity: float | None
    min_surprise: float | None
    theme: str | None
    directness: str | None
    origin: str
    since: dt.datetime | None = Field(alias="from")
    until: dt.datetime | None = Field(alias="to")


class StudyPrices(Out):
    """The closes it was made of."""

    simulated: bool = Field(description="true: made up by a random walk, for demonstration")
    providers: list[str]
    first_trading_day: dt.date | None
    last_trading_day: dt.date | None
    fetched_at: dt.datetime | None


class SignificanceOut(Out):
    """One test that the mean CAR over the whole window is zero; two-sided."""

    test: Literal["patell", "bmp", "kolari_pynnonen", "rank", "bootstrap"]
    statistic: float | None
    p_value: float | None


class PlaceboOut(Out):
    """The same study on random dates."""

    draws: int = Field(description="Studies of random dates; 0 where there are too few days")
    dates: int = Field(description="Dates in each, as many as events used")
    apart: bool = Field(description="Whether their windows share no day")
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]
    p_value: float | None = Field(
        description="Share of them with a CAAR at least as far from zero as the events'"
    )


class AverageOut(Out):
    """Means over the events of one asset, a value for each of ``days``; logs, 0.01 = 1 %."""

    asset: str
    events: int
    days: list[int]
    aar: list[float | None]
    aar_p_value: list[float | None]
    caar: list[float | None]
    low: list[float | None] = Field(description="Bootstrap interval of caar")
    high: list[float | None]
    correlation: float | None
    crowding: float | None = Field(description=CROWDING)
    dependence: float | None = Field(
        description="Variance of the mean CAR over that of events held against normal days of "
        "their own; the statistics are divided by its root"
    )
    significances: list[SignificanceOut]
    placebo: PlaceboOut


class DroppedOut(Out):
    """How often something was left out for one reason."""

    reason: str
    whole_event: bool = Field(description="Of every asset, or of one alone")
    count: int


class CarOut(Out):
    """What one asset did around one event."""

    event_id: int | None
    knowable_at: dt.datetime
    text: str
    asset: str
    trading_day: dt.date
    closes_at: dt.datetime
    over_at: dt.datetime
    car: float
    car_error: float
    p_value: float
    surprise: float | None = Field(
        description="How far it lay from the news before it, to its own side, in the usual scale"
    )
    reconstructed: bool | None = Field(description="Whether its score was made later")


class GroupOut(Out):
    """The events of one direction; ``given`` for dates without one."""

    direction: Literal["thaw", "escalation", "given"]
    given: int = Field(description="Events that fit the filter, or were posted")
    used: int = Field(description="Of them in an average with at least one asset")
    dropped: list[DroppedOut]
    averages: list[AverageOut]
    cars: list[CarOut]


class StudyOut(Standing):
    """An event study with its parameters."""

    model_config = example(
        {
            "dyad": "USA-RUS", "as_of": None, "note": NOTE,
            "filter": {
                "min_severity": 2.0, "min_surprise": None, "theme": None, "directness": "dyad",
                "origin": "all",
                "from": "2014-01-01T00:00:00Z", "to": None,
            },
            "parameters": _PARAMETERS,
            "prices": {
                "simulated": False, "providers": ["yfinance"], "first_trading_day": "2012-11-01",
                "last_trading_day": "2025-02-27", "fetched_at": "2025-02-28T11:20:00Z",
            },
            "missing": {},
            "studies": [
                {
                    "direction": "thaw", "given": 90, "used": 81,
                    "dropped": [
                        {
                            "reason": "merged with an earlier event", "whole_event": True,
                            "count": 9,
                        }
                    ],
                    "averages": [
                        {
                            "asset": "defense", "events": 81, "days": [0, 1],
                            "aar": [-0.0011, -0.0004], "aar_p_value": [0.21, 0.66],
                            "caar": [-0.0011, -0.0015], "low": [-0.0029, -0.0041],
                            "high": [0.0007, 0.0011], "correlation": 0.0, "crowding": 0.08,
                            "dependence": 1.1,
                            "significances": [
                                {"test": "kolari_pynnonen", "statistic": -1.1, "p_value": 0.27}
                            ],
                            "placebo": {
                                "draws": 500, "dates": 81, "apart": True, "mean": [0.0, 0.0],
                                "low": [-0.0016, -0.0023], "high": [0.0017, 0.0023],
                                "p_value": 0.2,
                            },
                        }
                    ],
                    "cars": [
                        {
                            "event_id": 1412, "knowable_at": "2025-02-18T23:59:59Z",
                            "text": "Rubio and Lavrov met in Riyadh", "asset": "defense",
                            "trading_day": "2025-02-19", "closes_at": "2025-02-19T16:30:00Z",
                            "over_at": "2025-02-20T21:00:00Z", "car": -0.012,
                            "car_error": 0.011, "p_value": 0.28, "surprise": 1.7,
                            "reconstructed": True,
                        }
                    ],
                }
            ],
            **STANDING,
        }
    )  # fmt: skip

    dyad: str
    as_of: dt.datetime | None
    note: str
    filter: StudyFilter | None = Field(description="null where the dates were posted")
    parameters: StudyParameters
    prices: StudyPrices
    missing: dict[str, str] = Field(description="Assets that could not be studied, and why")
    studies: list[GroupOut]
