"""What a study says of a window never changes once the window is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from risk_service.core.baskets import Holding, basket_levels
from risk_service.core.closes import CLOSE_COLUMNS
from risk_service.core.event_study import Overlap, Study, basket_asset, run_study, ticker_asset
from tests.core.event_study.test_papers import made_up, moments_within
from tests.series import check_causal

NOON = datetime(2023, 6, 14, 12, tzinfo=UTC)
BETWEEN = datetime(2023, 9, 4, 18, tzinfo=UTC)
"""FAR has closed, and neither the market nor the other assets have."""


@pytest.mark.parametrize("cut", [NOON, BETWEEN])
@pytest.mark.parametrize("overlap", ["merge", "drop"])
def test_studies_are_causal(overlap: Overlap, cut: datetime) -> None:
    """Closes and events in one frame, each known from its moment on.

    Whether events overlap is settled ``last - first`` days after day 0, when no further event can
    come near enough; under ``merge`` no event after the window is asked for at all.
    """
    study = Study(-1, 2, estimation=80, least=60, gap=3, draws=99, overlap=overlap)
    wait = 0 if overlap == "merge" else -study.first
    closes = made_up()
    moments = moments_within(date(2022, 3, 1), 860, 90 if overlap == "merge" else 25, seed=6)
    events = pd.DataFrame({"closes_at": pd.to_datetime(moments, utc=True), "ticker": ""})
    whole = pd.concat([closes, events], ignore_index=True)

    def studied(known: pd.DataFrame) -> pd.DataFrame:
        rows = known[known["ticker"] != ""][list(CLOSE_COLUMNS)].astype(closes.dtypes)
        asked = pd.DatetimeIndex(known.loc[known["ticker"] == "", "closes_at"])
        assets = [ticker_asset(rows, name, ("SPY",)) for name in ("ONE", "TWO", "FAR")]
        assets.append(basket_asset(rows, "basket", ("ONE", "TWO"), ("SPY",)))
        result = run_study(asked, assets, study)
        pairs = result.pairs.join(pd.DataFrame(result.ar).add_prefix("ar"))
        pairs["settled"] = pairs["over_at"] + wait * pd.Timedelta(days=4)
        pairs["event"] = asked[pairs["event"]].as_unit("ns")
        return pairs.sort_values(["settled", "asset", "event"]).set_index("settled")

    check_causal(studied, whole, "closes_at", cut)


def test_a_merged_event_adds_nothing_to_the_one_it_joined() -> None:
    study = Study(-1, 2, estimation=80, least=60, gap=3, draws=99)
    assets = [ticker_asset(made_up(), "ONE", ("SPY",))]
    first = datetime(2023, 3, 1, 12, tzinfo=UTC)
    alone = run_study([first], assets, study)
    joined = run_study([first, first + timedelta(days=1)], assets, study)
    pd.testing.assert_frame_equal(alone.pairs, joined.pairs)


def test_baskets_are_causal() -> None:
    closes = made_up()
    holdings = [
        Holding("ONE", 2.0, left=date(2023, 3, 1)),
        Holding("FAR", entered=date(2022, 5, 2)),
        Holding("TWO", 0.5),
    ]

    def levels(known: pd.DataFrame) -> pd.DataFrame:
        rows = basket_levels(known, holdings)
        return rows.set_index("last_closes_at")

    check_causal(levels, closes, "closes_at", NOON)


@pytest.mark.parametrize("ticker", ["TWO", "FAR"])
@pytest.mark.parametrize("factors", [False, True])
def test_assets_are_causal(factors: bool, ticker: str) -> None:
    closes = made_up()
    days = pd.DatetimeIndex(closes["trading_day"].unique()).sort_values()
    given = pd.DataFrame({"F": np.random.default_rng(2).normal(0, 1, len(days))}, index=days)

    def asset(known: pd.DataFrame) -> pd.DataFrame:
        extra = given[: known["trading_day"].max()] if factors else None
        names = ("SPY", "F") if factors else ("SPY", "VIX")
        one = ticker_asset(known, ticker, names, extra)
        frame = one.controls.assign(returns=one.returns)
        return frame.set_index(one.known_at).dropna()

    check_causal(asset, closes, "closes_at", BETWEEN)
