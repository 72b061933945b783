"""How closes become the returns of an asset: each rule for what is missing, split or negative."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from risk_service.core.baskets import Holding
from risk_service.core.closes import closes_to_frame
from risk_service.core.event_study import Asset, Study, basket_asset, run_study, ticker_asset
from tests.prices import a_close, closes_of, random_walk, weekdays

NAN = float("nan")
DAYS = weekdays(date(2025, 3, 3), 6)


def calendar(days: list[date]) -> pd.Series[pd.Timestamp]:
    index = pd.DatetimeIndex(pd.to_datetime(days))
    return pd.Series((index + pd.Timedelta(hours=21)).tz_localize("UTC"), index=index)


def test_oil_below_zero_has_two_unknown_returns_and_loses_its_events() -> None:
    days = weekdays(date(2020, 1, 2), 120)
    settled = np.array(random_walk(120, seed=1, step=0.02))
    negative = days.index(date(2020, 4, 20))
    settled[negative] = -37.63
    oil = ticker_asset(closes_of(days, {"CL=F": list(settled)}), "CL=F")
    assert np.flatnonzero(np.isnan(oil.returns)).tolist() == [0, negative, negative + 1]
    study = Study(-1, 1, estimation=40, least=30, gap=0, controls=(), draws=99)
    used = {
        row: run_study([oil.closes_at[row] - pd.Timedelta(hours=1)], [oil], study).used
        for row in range(negative - 3, negative + 5)
    }
    offsets = [row - negative for row, count in used.items() if count]
    assert offsets == [-3, -2, 3, 4]


def test_a_halt_is_a_day_of_the_market_with_an_unknown_return() -> None:
    closes = closes_of(DAYS, {"X": [100, 101, NAN, NAN, 104, 105], "SPY": [10, 11, 12, 13, 14, 15]})
    halted = ticker_asset(closes, "X", ("SPY",), calendar=calendar(DAYS))
    assert len(halted.days) == 6
    assert np.isnan(halted.returns).tolist() == [True, False, True, True, False, False]
    assert halted.returns[4] == pytest.approx(np.log(104 / 101))
    assert halted.controls["SPY"].iloc[4] == pytest.approx(np.log(14 / 11)), "the same three days"
    assert halted.controls["SPY"].iloc[5] == pytest.approx(np.log(15 / 14))


def test_without_a_calendar_the_days_are_those_of_the_closes() -> None:
    closes = closes_of(DAYS, {"X": [100, 101, NAN, NAN, 104, 105], "SPY": [10, 11, 12, 13, 14, 15]})
    plain = ticker_asset(closes, "X", ("SPY",))
    assert len(plain.days) == 4
    assert plain.returns[2] == pytest.approx(np.log(104 / 101))
    assert plain.controls["SPY"].iloc[2] == pytest.approx(np.log(14 / 11))


def test_an_event_during_a_halt_is_dropped_and_not_moved_behind_it() -> None:
    days = weekdays(date(2025, 1, 2), 80)
    prices = random_walk(80, seed=2)
    prices[60] = NAN
    closes = closes_of(days, {"X": prices})
    study = Study(0, 0, estimation=40, least=30, gap=0, controls=(), draws=99)
    moment = pd.Timestamp(days[60], tz="UTC")
    halted = run_study([moment], [ticker_asset(closes, "X", calendar=calendar(days))], study)
    assert halted.dropped["reason"].tolist() == ["a return in its event window is unknown"]
    unaware = run_study([moment], [ticker_asset(closes, "X")], study)
    assert unaware.pairs["trading_day"].tolist() == [pd.Timestamp(days[61])]


def test_a_calendar_that_lacks_a_close_is_refused() -> None:
    closes = closes_of(DAYS, {"X": [1, 2, 3, 4, 5, 6]})
    with pytest.raises(ValueError, match="2025-03-05, which is not in it"):
        ticker_asset(closes, "X", calendar=calendar(DAYS[:2] + DAYS[3:]))


def test_a_split_is_no_return_and_raw_closes_are_kept_apart() -> None:
    split = closes_to_frame([a_close("X", DAYS[0], 100.0, 50.0), a_close("X", DAYS[1], 51.0, 51.0)])
    assert ticker_asset(split, "X").returns[1] == pytest.approx(np.log(51 / 50))
    assert ticker_asset(split, "X", price="close").returns[1] == pytest.approx(np.log(51 / 100))


def test_a_currency_or_its_hundredth_is_not_seen_in_returns() -> None:
    pounds = random_walk(6, seed=3)
    closes = closes_of(DAYS, {"L": pounds, "P": [100 * price for price in pounds]})
    one, other = (ticker_asset(closes, name).returns for name in ("L", "P"))
    assert one[1:] == pytest.approx(other[1:], abs=1e-14)


def test_given_factors_are_read_on_the_day_itself_and_come_before_tickers() -> None:
    closes = closes_of(DAYS, {"X": [1, 2, 3, 4, 5, 6], "SPY": [10, 11, 12, 13, 14, 15]})
    factors = pd.DataFrame({"SMB": [0.1, 0.2, NAN, 0.4]}, pd.to_datetime(DAYS[:4]))
    asset = ticker_asset(closes, "X", ("SMB", "SPY"), factors)
    assert asset.controls["SMB"].tolist() == pytest.approx(
        [0.1, 0.2, NAN, 0.4, NAN, NAN], nan_ok=True
    )
    assert asset.controls["SPY"].iloc[1] == pytest.approx(np.log(1.1))
    assert (
        ticker_asset(closes, "X", ("SPY",), factors.assign(SPY=0.7)).controls["SPY"].iloc[0] == 0.7
    )


def test_a_day_is_known_with_the_last_of_its_closes() -> None:
    closes = closes_of(DAYS, {"F": [1, 2, 3, 4, 5, 6], "SPY": [1, NAN, 3, 4, 5, 6]}, {"F": 15.5})
    asset = ticker_asset(closes, "F", ("SPY",))
    hours = [(at - day.tz_localize("UTC")) / pd.Timedelta(hours=1)
             for at, day in zip(asset.known_at, asset.days, strict=True)]  # fmt: skip
    assert hours == [21, 15.5, 21, 21, 21, 21]
    assert ((asset.closes_at.tz_localize(None) - asset.days) == pd.Timedelta(hours=15.5)).all()


def test_a_basket_closes_first_and_is_known_last() -> None:
    closes = closes_of(DAYS, {"F": [1, 2, 3, 4, 5, 6], "X": [2, 4, 6, 8, 10, 12]}, {"F": 15.5})
    asset = basket_asset(closes, "both", ["F", Holding("X", 3.0)])
    assert (asset.closes_at.tz_localize(None) - asset.days == pd.Timedelta(hours=15.5)).all()
    assert (asset.known_at.tz_localize(None) - asset.days == pd.Timedelta(hours=21)).all()
    assert asset.returns[1:] == pytest.approx(np.log([2, 1.5, 4 / 3, 1.25, 1.2]))


def test_what_cannot_be_an_asset() -> None:
    closes = closes_of(DAYS, {"X": [1, 2, 3, 4, 5, 6]})
    with pytest.raises(ValueError, match="Y: has no closes"):
        ticker_asset(closes, "Y")
    with pytest.raises(ValueError, match="SPY: has no closes"):
        ticker_asset(closes, "X", ("SPY",))
    with pytest.raises(ValueError, match="none of its holdings"):
        basket_asset(closes, "empty", ["Y"])
    with pytest.raises(ValueError, match="simulated"):
        ticker_asset(pd.concat([closes, closes.assign(simulated=True)]), "X")
    asset = ticker_asset(closes, "X")
    with pytest.raises(ValueError, match="name"):
        replace(asset, name="all")
    with pytest.raises(ValueError, match="returns: has 5 days where X has 6"):
        replace(asset, returns=asset.returns[1:])
    with pytest.raises(ValueError, match="days: of X are not strictly rising"):
        replace(asset, days=asset.days[::-1])
    with pytest.raises(ValueError, match="known_at"):
        replace(asset, known_at=asset.closes_at - pd.Timedelta(seconds=1))
    assert isinstance(replace(asset, name="Z"), Asset)
