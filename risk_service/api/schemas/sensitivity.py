"""Links between the index and a sector over time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from risk_service.api.schemas.common import STANDING, Out, Standing, example
from risk_service.api.schemas.studies import StudyPrices

NOTE = (
    "The public record finds no reliable prediction of next-day returns from indices like this; "
    "out_of_sample is our own figure, whatever it is. Betas tell what went together, and not why. "
    "The index of past days is mostly reconstructed by a model that was trained on later texts."
)
_FIT: dict[str, Any] = {
    "beta": 0.0002, "error": 0.0003, "p_value": 0.5, "r_squared": 0.001, "observations": 980,
}  # fmt: skip


class FitOut(Out):
    """A regression of the sector's abnormal return on the change of the index."""

    beta: float | None = Field(description="Log return for one point of the index")
    error: float | None = Field(description="By Newey and West (1987)")
    p_value: float | None
    r_squared: float | None = Field(description="In the sample")
    observations: int


class RollingFit(FitOut):
    """The same over a trailing window that ends with the first trading day of a month."""

    trading_day: dt.date


class LagOut(Out):
    """Abnormal returns some trading days after changes of the index."""

    lag: int = Field(description="Positive: the index moves first; negative: the market does")
    correlation: float | None
    beta: float | None
    error: float | None
    p_value: float | None
    q_value: float | None = Field(description="Benjamini and Hochberg (1995), over all lags")
    observations: int


class OutOfSample(Out):
    """Forecasts of the next trading day's return, each from what was known before it."""

    r_squared: float | None = Field(
        description="Against the mean of all returns before; zero or below: no help"
    )
    forecasts: int


class SensitivityParameters(Out):
    """What the figures hang on besides index and closes."""

    window: int
    least: int
    hac_lags: int
    split: dt.date
    first_forecast: int


class SensitivityOut(Standing):
    """A sector's links to the index."""

    model_config = example(
        {
            "dyad": "USA-RUS", "sector": "defense", "market": "SPY", "from": "2019-01-02",
            "to": "2025-02-27", "as_of": None, "note": NOTE,
            "regimes": {"all": _FIT, "before": _FIT, "since": _FIT},
            "lead_lag": [
                {
                    "lag": 1, "correlation": 0.01, "beta": 0.0001, "error": 0.0003,
                    "p_value": 0.7, "q_value": 0.9, "observations": 1490,
                }
            ],
            "out_of_sample": {"r_squared": -0.002, "forecasts": 990},
            "rolling": [{"trading_day": "2025-02-03", **_FIT}],
            "parameters": {
                "window": 250, "least": 120, "hac_lags": 5, "split": "2022-02-24",
                "first_forecast": 500,
            },
            "prices": {
                "simulated": False, "providers": ["yfinance"], "first_trading_day": "2017-12-01",
                "last_trading_day": "2025-02-28", "fetched_at": "2025-02-28T22:20:00Z",
            },
            **STANDING,
        }
    )  # fmt: skip

    dyad: str
    sector: str
    market: str
    since: dt.date | None = Field(alias="from", description="First trading day used")
    until: dt.date | None = Field(alias="to")
    as_of: dt.datetime | None
    note: str
    regimes: dict[str, FitOut] = Field(description="all days, before 2022-02-24, and since")
    lead_lag: list[LagOut]
    out_of_sample: OutOfSample
    rolling: list[RollingFit]
    parameters: SensitivityParameters
    prices: StudyPrices
