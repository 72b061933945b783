from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from risk_service.core.event_study import Asset, Study, run_study, ticker_asset
from risk_service.core.placebo import _dates, placebo
from tests.prices import closes_of, random_walk, weekdays
from tests.series import check_causal

STUDY = Study(first=0, last=2, estimation=60, least=40, gap=5, controls=("SPY",), draws=199)
DAYS = weekdays(date(2023, 1, 2), 520)


def an_asset() -> Asset:
    prices = {"XOM": random_walk(len(DAYS), 1), "SPY": random_walk(len(DAYS), 99)}
    closes = closes_of(DAYS, prices)
    return ticker_asset(closes, "XOM", ["SPY"])


def whole(asset: Asset) -> tuple[pd.Timestamp, pd.Timestamp]:
    return asset.closes_at[0], asset.closes_at[-1]


def test_the_pool_and_its_mean_are_those_of_every_day_studied_one_by_one() -> None:
    asset = an_asset()
    cars = []
    for moment in asset.closes_at[480:] - pd.Timedelta(hours=1):
        pairs = run_study([moment], [asset], STUDY).pairs
        cars += pairs["car"].tolist()
    plain = replace(STUDY, clean=False)
    found = placebo(asset, plain, (asset.closes_at[480], asset.closes_at[-1]), len(cars), 0.0, 1)
    # The windows of the last two days are not over.
    assert found.pool == len(cars) == len(DAYS) - 480 - 2
    # As many dates as there are: the only draw is all of them.
    assert found.mean[-1] == pytest.approx(np.mean(cars), abs=1e-12)
    assert not found.apart


def test_a_crowded_placebo_varies_as_clean_studies_of_random_dates_do() -> None:
    asset = an_asset()
    rng = np.random.default_rng(3)
    caars = []
    for _ in range(80):
        rows = 85 + _dates(rng, 430, 40, 2)
        moments = asset.closes_at[rows] - pd.Timedelta(hours=1)
        caars.append(run_study(moments, [asset], STUDY).pooled.caar[-1])
    span = asset.closes_at[85], asset.closes_at[514]
    clean, plain = (
        placebo(asset, replace(STUDY, clean=given), span, 40, 0.0, 400) for given in (True, False)
    )
    width = np.subtract(*np.quantile(caars, [0.975, 0.025]))
    assert clean.high[-1] - clean.low[-1] == pytest.approx(width, rel=0.3)
    assert clean.high[-1] - clean.low[-1] > 1.2 * (plain.high[-1] - plain.low[-1])


def test_the_dates_of_a_draw_share_no_day_and_lie_all_over() -> None:
    rng = np.random.default_rng(1)
    drawn = np.stack([_dates(rng, 50, 8, 3) for _ in range(2_000)])
    assert np.diff(drawn, axis=1).min() == 4
    assert (drawn.min(), drawn.max()) == (0, 49)
    how_often = np.bincount(drawn.ravel(), minlength=50) / 2_000
    assert how_often.min() > 0.09
    assert placebo(an_asset(), STUDY, whole(an_asset()), 100, 0.0, 2).apart


def test_the_span_bounds_the_pool() -> None:
    asset = an_asset()
    span = asset.closes_at[200], asset.closes_at[249]
    assert placebo(asset, STUDY, span, 5, 0.0, 10).pool == 50


def test_the_same_seed_gives_the_same_placebo_and_another_another() -> None:
    asset = an_asset()
    one, same = (placebo(asset, STUDY, whole(asset), 20, 0.01, 50) for _ in range(2))
    np.testing.assert_array_equal(one.low, same.low)
    other = Study(first=0, last=2, estimation=60, least=40, gap=5, seed=1)
    assert not np.array_equal(one.low, placebo(asset, other, whole(asset), 20, 0.01, 50).low)


def test_the_share_is_small_for_an_effect_and_uniform_without_one() -> None:
    asset = an_asset()
    span = whole(asset)
    assert placebo(asset, STUDY, span, 30, 0.05, 199).share == pytest.approx(1 / 200)
    assert placebo(asset, STUDY, span, 30, 0.0, 199).share == 1
    rng = np.random.default_rng(5)
    shares = []
    for _ in range(40):
        moments = asset.closes_at[rng.choice(np.arange(80, 500, 3), 25, replace=False)]
        caar = run_study(moments - pd.Timedelta(hours=1), [asset], STUDY).pooled.caar[-1]
        shares.append(placebo(asset, STUDY, span, 25, float(caar), 99).share)
    assert 0.35 < np.mean(shares) < 0.65
    assert np.mean(np.array(shares) < 0.05) < 0.15


def test_too_few_days_leave_it_unknown() -> None:
    asset = an_asset()
    span = asset.closes_at[200], asset.closes_at[204]
    for events in (0, 6):
        found = placebo(asset, STUDY, span, events, 0.01, 50)
        assert found.draws == 0
        assert np.isnan(found.mean).all() and np.isnan(found.share)


def test_a_placebo_of_a_span_that_is_over_never_changes() -> None:
    """Later closes add days after the span, and change no window within it."""
    prices = {"XOM": random_walk(len(DAYS), 1), "SPY": random_walk(len(DAYS), 99)}
    closes = closes_of(DAYS, prices)
    moments = pd.DatetimeIndex(pd.to_datetime(DAYS, utc=True)) + pd.Timedelta(hours=21)
    ends = range(300, 420, 20)

    def told(known: pd.DataFrame) -> pd.DataFrame:
        asset = ticker_asset(known, "XOM", ["SPY"])
        rows = {}
        for end in ends:
            over_at = moments[end + STUDY.last]
            if over_at <= asset.known_at[-1]:
                found = placebo(asset, STUDY, (moments[200], moments[end]), 10, 0.01, 50)
                rows[over_at] = [found.pool, *found.mean, *found.low, *found.high, found.share]
        return pd.DataFrame.from_dict(rows, orient="index")

    check_causal(told, closes, "closes_at", moments[371].to_pydatetime())
