from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from risk_service.core.sensitivity import (
    FIRST_FORECAST,
    REGIME,
    fit,
    index_and_returns,
    lead_lag,
    out_of_sample,
    regimes,
    rolling_fits,
)
from tests.prices import weekdays
from tests.series import check_causal


def some_days(count: int = 700, beta: float = 0.0, start: date = date(2020, 1, 2)) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    change = rng.normal(0, 2, count)
    noise = np.convolve(rng.normal(0, 0.01, count + 2), [0.6, 0.3, 0.1], "valid")
    returns = beta * change + noise
    days = pd.DatetimeIndex(pd.to_datetime(weekdays(start, count)))
    return pd.DataFrame(
        {"change": change, "abnormal_return": returns, "return": returns}, index=days
    )


def newey_west(x: np.ndarray, y: np.ndarray, lags: int) -> tuple[float, float]:
    """Slope and its error straight from Newey and West (1987)."""
    design = np.column_stack([np.ones(len(x)), x])
    bread = np.linalg.inv(design.T @ design)
    params = bread @ design.T @ y
    scores = design * (y - design @ params)[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        gamma = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (gamma + gamma.T)
    return float(params[1]), float(np.sqrt((bread @ meat @ bread)[1, 1]))


def test_a_fit_is_newey_and_wests() -> None:
    days = some_days(beta=0.001)
    found = fit(days["change"], days["abnormal_return"])
    beta, error = newey_west(days["change"].to_numpy(), days["abnormal_return"].to_numpy(), 5)
    assert found.beta == pytest.approx(beta, rel=1e-9)
    assert found.error == pytest.approx(error, rel=1e-9)
    assert found.observations == 700
    assert 0 < found.p_value < 0.05


def test_unknown_pairs_are_left_out_and_too_few_leave_it_unknown() -> None:
    days = some_days()
    holed = days.copy()
    holed.iloc[10:60, 0] = np.nan
    kept = days.drop(days.index[10:60])
    assert fit(holed["change"], holed["abnormal_return"]) == fit(
        kept["change"], kept["abnormal_return"]
    )
    few = fit(days["change"][:50], days["abnormal_return"][:50])
    assert (np.isnan(few.beta), few.observations) == (True, 50)
    still = fit(days["change"] * 0, days["abnormal_return"])
    assert np.isnan(still.beta)


def test_rolling_fits_end_with_the_first_day_of_each_month() -> None:
    days = some_days(400)
    found = rolling_fits(days, 250, 120)
    assert [f"{day:%Y-%m-%d}" for day in found.index[:2]] == ["2020-02-03", "2020-03-02"]
    assert found["beta"].iloc[0] != found["beta"].iloc[0]
    at = days.index.get_loc(found.index[-1])
    past = days.iloc[at - 249 : at + 1]
    assert found["beta"].iloc[-1] == fit(past["change"], past["abnormal_return"]).beta


def test_rolling_fits_never_change() -> None:
    days = some_days(400).reset_index(names="day")
    days["at"] = days["day"].dt.tz_localize("UTC")

    def fitted(rows: pd.DataFrame) -> pd.DataFrame:
        found = rolling_fits(rows.set_index("day"), 150, 60)
        return found.set_axis(pd.DatetimeIndex(found.index).tz_localize("UTC"))

    check_causal(fitted, days, "at", days["at"].iloc[280].to_pydatetime() + pd.Timedelta(hours=1))


def test_regimes_are_split_at_the_invasion() -> None:
    days = some_days(900)
    days.loc[days.index >= REGIME, "abnormal_return"] += 0.01 * days["change"]
    found = regimes(days)
    assert found["before"].observations + found["since"].observations == 900
    assert found["since"].beta - found["before"].beta == pytest.approx(0.01, abs=0.002)
    assert found["since"].p_value < 0.001 < found["before"].p_value


def test_a_lead_of_two_days_is_found_there_and_the_rest_is_corrected_for_many_tests() -> None:
    days = some_days()
    days["abnormal_return"] += 0.005 * days["change"].shift(2).fillna(0.0)
    table = lead_lag(days).set_index("lag")
    assert list(table.index) == list(range(-5, 6))
    assert table["q_value"].idxmin() == 2
    assert (table["q_value"].drop(2) > 0.05).all()
    # Benjamini and Hochberg: p n / rank, made monotone from the largest down.
    ordered = table["p_value"].sort_values()
    expected = (ordered * len(ordered) / np.arange(1, len(ordered) + 1))[::-1].cummin()
    np.testing.assert_allclose(table["q_value"], expected.reindex(table.index).clip(upper=1))


def test_a_forecast_uses_only_pairs_known_before_it() -> None:
    days = some_days(560, beta=0.0)
    days["return"] = 0.0004 * days["change"].shift(1) + days["return"]
    r_squared, count = out_of_sample(days)
    pairs = pd.DataFrame({"x": days["change"], "y": days["return"].shift(-1)}).dropna()
    errors, plain = [], []
    for t in range(FIRST_FORECAST, len(pairs)):
        past = pairs.iloc[:t]
        slope, intercept = np.polyfit(past["x"], past["y"], 1)
        errors.append(pairs["y"].iloc[t] - intercept - slope * pairs["x"].iloc[t])
        plain.append(pairs["y"].iloc[t] - past["y"].mean())
    expected = 1 - np.square(errors).sum() / np.square(plain).sum()
    assert (r_squared, count) == (pytest.approx(expected, rel=1e-9), len(pairs) - FIRST_FORECAST)


def test_forecasts_and_links_up_to_a_day_never_change() -> None:
    """Every figure told from the days up to one is the same when later days are added to the
    table that they come from.
    """
    count = 640
    rng = np.random.default_rng(3)
    days = pd.DatetimeIndex(pd.to_datetime(weekdays(date(2021, 1, 4), count)))
    table = pd.DataFrame(
        {
            "trading_day": days,
            "risk_index": 50 + rng.normal(0, 3, count).cumsum() / 10,
            "abnormal_return": rng.normal(0, 0.01, count),
            "return": rng.normal(0, 0.01, count),
            "closes_at": (days + pd.Timedelta(hours=21)).tz_localize("UTC"),
        }
    )
    ends = days[[560, 600, 630]]

    def told(known: pd.DataFrame) -> pd.DataFrame:
        joined = index_and_returns(known)
        rows = {}
        for end in ends[ends <= joined.index[-1]]:
            past = joined[:end]
            found = regimes(past)
            lags = lead_lag(past)[["beta", "error", "q_value"]].to_numpy().ravel()
            betas = [one.beta for one in found.values()]
            rows[end.tz_localize("UTC") + pd.Timedelta(hours=21)] = [
                *betas, *out_of_sample(past), *past.iloc[-1][["change", "return"]], *lags,
            ]  # fmt: skip
        return pd.DataFrame.from_dict(rows, orient="index").astype(float)

    cut = table["closes_at"].iloc[610].to_pydatetime()
    check_causal(told, table, "closes_at", cut)


def test_noise_forecasts_nothing() -> None:
    r_squared, _ = out_of_sample(some_days(2_000))
    assert -0.01 < r_squared < 0.005
    assert np.isnan(out_of_sample(some_days(100))[0])


def test_of_days_that_meet_one_close_the_newest_counts() -> None:
    friday, monday = pd.Timestamp("2025-03-07"), pd.Timestamp("2025-03-10")
    table = pd.DataFrame(
        {
            "trading_day": [friday, monday, monday, pd.NaT],
            "risk_index": [50.0, 60.0, 62.0, 70.0],
            "abnormal_return": [0.1, 0.2, 0.2, np.nan],
            "return": [0.1, 0.2, 0.2, np.nan],
            "closes_at": pd.to_datetime([friday, monday, monday, pd.NaT], utc=True),
        }
    )
    days = index_and_returns(table)
    assert days["change"].tolist()[1:] == [12.0]
    assert list(days.index) == [friday, monday]
