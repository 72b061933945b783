from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from risk_service.core.returns import abnormal_returns, log_returns, market_model, simple_returns
from tests.series import check_causal

NAN = float("nan")


def series(values: list[float], start: str = "2020-04-15") -> pd.Series[float]:
    return pd.Series(values, index=pd.bdate_range(start, periods=len(values)))


def two_series(count: int = 400, seed: int = 1) -> tuple[pd.Series[float], pd.Series[float]]:
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2023-01-02", periods=count)
    market = pd.Series(rng.normal(0, 0.01, count), index=days)
    return 0.001 + 1.5 * market + pd.Series(rng.normal(0, 0.005, count), index=days), market


def test_logs_add_up() -> None:
    prices = series([100.0, 110.0, 99.0, 105.0])
    assert log_returns(prices).sum() == pytest.approx(np.log(105 / 100))
    assert simple_returns(prices).iloc[1] == pytest.approx(0.1)


def test_the_negative_settlement_of_oil_leaves_two_days_unknown() -> None:
    oil = series([19.87, 19.87, 18.27, -37.63, 10.01, 13.78])
    returns = log_returns(oil)
    assert returns.isna().tolist() == [True, False, False, True, True, False]
    assert returns.iloc[5] == pytest.approx(np.log(13.78 / 10.01))


def test_a_price_of_zero_has_no_return_either() -> None:
    assert log_returns(series([1.0, 0.0, 1.0])).isna().all()


def test_a_holiday_is_bridged_and_not_filled() -> None:
    returns = log_returns(series([100.0, NAN, 110.0]))
    assert returns.isna().tolist() == [True, True, False]
    assert returns.iloc[2] == pytest.approx(np.log(1.1))


def test_a_hole_in_the_prices_is_not_bridged() -> None:
    days = pd.to_datetime(["2025-03-03", "2025-03-10", "2025-03-18", "2025-03-19"])
    returns = simple_returns(pd.Series([100.0, 110.0, 120.0, 132.0], days))
    assert returns.isna().tolist() == [True, False, True, False]


def test_days_out_of_order_are_refused() -> None:
    prices = series([1.0, 2.0])
    with pytest.raises(ValueError, match="rising"):
        simple_returns(prices[::-1])
    with pytest.raises(ValueError, match="rising"):
        simple_returns(pd.concat([prices, prices]))


def test_nothing_in_nothing_out() -> None:
    assert len(log_returns(series([]))) == 0
    assert len(market_model(series([]), series([]))) == 0


def test_the_model_is_least_squares_over_the_days_before() -> None:
    returns, market = two_series()
    model = market_model(returns, market, window=250)
    window = slice(50, 300)
    x = np.column_stack([np.ones(250), market.iloc[window]])
    (alpha, beta), residuals, _, _ = np.linalg.lstsq(x, returns.iloc[window])
    fitted = model.iloc[300]
    assert fitted["alpha"] == pytest.approx(alpha)
    assert fitted["beta"] == pytest.approx(beta)
    assert fitted["sigma"] == pytest.approx(np.sqrt(residuals[0] / 248))
    assert fitted["observations"] == 250


def test_the_day_judged_is_not_in_its_own_model() -> None:
    returns, market = two_series()
    shocked = returns.copy()
    shocked.iloc[300] += 0.5
    before, after = abnormal_returns(returns, market), abnormal_returns(shocked, market)
    assert after.iloc[300] - before.iloc[300] == pytest.approx(0.5)
    assert after.iloc[299] == before.iloc[299]
    assert after.iloc[301] != before.iloc[301]


def test_too_few_days_give_no_model() -> None:
    returns, market = two_series(200)
    returns.iloc[10:20] = NAN
    model = market_model(returns, market)
    assert model["observations"].iloc[69] == 59
    assert model["beta"].isna().sum() == 70
    assert np.isfinite(model["beta"].iloc[70])
    assert abnormal_returns(returns, market).first_valid_index() == returns.index[70]


def test_an_unknown_return_stays_unknown_and_leaves_the_windows() -> None:
    returns, market = two_series()
    market.iloc[320] = NAN
    abnormal = abnormal_returns(returns, market)
    assert np.isnan(abnormal.iloc[320])
    assert np.isfinite(abnormal.iloc[321])
    assert market_model(returns, market)["observations"].iloc[321] == 249


def test_a_market_that_never_moves_explains_nothing() -> None:
    returns, market = two_series(100)
    model = market_model(returns, market * 0)
    assert model["beta"].isna().all()


def test_returns_on_the_line_have_no_residual() -> None:
    _, market = two_series()
    abnormal = abnormal_returns(0.002 + 0.7 * market, market).dropna()
    assert len(abnormal) == 340
    assert abnormal.abs().max() < 1e-12


def test_the_model_is_causal() -> None:
    returns, market = two_series()
    whole = pd.DataFrame(
        {"returns": returns, "market": market, "day": pd.to_datetime(returns.index, utc=True)}
    ).set_index("day", drop=False)

    def judged(known: pd.DataFrame) -> pd.DataFrame:
        abnormal = abnormal_returns(known["returns"], known["market"])
        return market_model(known["returns"], known["market"]).assign(abnormal=abnormal)

    check_causal(judged, whole, "day", datetime(2024, 2, 1, 12, tzinfo=UTC))


def test_returns_are_causal() -> None:
    prices = 100 * np.exp(two_series()[0].cumsum())
    prices.iloc[[50, 51, 200]] = NAN
    prices.iloc[120] = -3.0
    whole = pd.DataFrame({"price": prices, "day": pd.to_datetime(prices.index, utc=True)})
    whole = whole.set_index("day", drop=False)

    def told(known: pd.DataFrame) -> pd.DataFrame:
        simple, log = simple_returns(known["price"]), log_returns(known["price"])
        return pd.DataFrame({"simple": simple, "log": log})

    for day in (51, 121, 200):
        cut = (whole.index[day] + pd.Timedelta(hours=1)).to_pydatetime()
        check_causal(told, whole, "day", cut)


def test_series_of_other_days_are_refused() -> None:
    returns, market = two_series()
    with pytest.raises(ValueError, match="market"):
        market_model(returns, market.iloc[1:])
    with pytest.raises(ValueError, match="least"):
        market_model(returns, market, window=50, least=60)
