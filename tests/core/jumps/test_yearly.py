import numpy as np
import pandas as pd
import pytest

from risk_service.core.jumps import Drift, Jump, Known, Level, Rule, Timing, firings, yearly
from risk_service.core.jumps.judge import fires
from risk_service.core.jumps.yearly import EACH
from tests.series import check_causal

START = "2019-06-01"


def wandering(days: int, seed: int = 5) -> pd.DataFrame:
    value = [50.0]
    for step in np.random.default_rng(seed).standard_t(4, days - 1) * 3:
        value.append(50 + 0.9 * (value[-1] - 50) + step)
    day = pd.date_range(START, periods=days, tz="UTC")
    return pd.DataFrame({"known_at": day, "value": value})


def thresholds(rule: Rule, table: pd.DataFrame) -> pd.Series:  # type: ignore[type-arg]
    days = pd.DatetimeIndex(table["known_at"]).tz_localize(None)
    found = yearly(rule, table["value"].to_numpy(), days, 1.0, 0)
    return pd.Series(found.by_day, days)


def test_no_year_is_told_by_itself_or_by_what_comes_after() -> None:
    def told(table: pd.DataFrame) -> pd.DataFrame:
        found = thresholds(Level(), table).replace(np.inf, -1).tz_localize("UTC")
        return found.set_axis(found.index + pd.Timedelta(days=1)).to_frame("threshold")

    check_causal(told, wandering(1_100), "known_at", pd.Timestamp("2022-03-01", tz="UTC"))


def test_a_threshold_holds_for_a_year_and_none_is_without_a_year_before_it() -> None:
    by_year = thresholds(Jump(1), wandering(1_100)).groupby(lambda day: day.year).unique()
    assert by_year[2019].tolist() == by_year[2020].tolist() == [np.inf]
    assert len(by_year[2021]) == len(by_year[2022]) == 1
    assert by_year[2021][0] != by_year[2022][0]
    with pytest.raises(ValueError, match="no January"):
        thresholds(Jump(1), wandering(300))


def test_years_found_together_keep_the_promise_each() -> None:
    table = wandering(1_100)
    days = pd.DatetimeIndex(table["known_at"]).tz_localize(None)
    told = yearly(Drift(), table["value"].to_numpy(), days, 1.0, 0).years
    assert list(told.index) == [2021, 2022]
    # Sampling error of a mean over EACH paths of some six quarters and more.
    assert (told["expected"] - 1).abs().max() < 3 / np.sqrt(EACH * 6)
    assert (told["low"] < told["expected"]).all() and (told["expected"] < told["high"]).all()


def test_a_threshold_of_a_day_is_that_days_alone() -> None:
    scores = np.array([5.0, 0, 0, 5, 0, 0, 5])[:, None] + 50
    known = Known.of_paths(scores)
    days = pd.date_range(START, periods=7)
    rule = Level(hysteresis=0, timing=Timing(1, 0, 0))
    by_day = np.array([9.0, 9, 9, 4, 4, 4, np.inf])
    found = firings(rule, known, days, by_day)
    assert found["day"].tolist() == [days[3]]
    assert found["threshold"].tolist() == [4.0]


def test_each_series_may_have_thresholds_of_its_own() -> None:
    towards = np.random.default_rng(1).normal(0, 2, (300, 3))
    own = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]])
    together = sum(started for started, _ in fires(Drift(), towards, own))
    for path in range(3):
        alone = sum(s for s, _ in fires(Drift(), towards[:, [path]], own[path]))
        assert together[path].tolist() == alone[0].tolist()  # type: ignore[index]
