import numpy as np
import pandas as pd
import pytest

from risk_service.core.jumps import (
    DEFAULTS,
    Habits,
    Known,
    calibrate,
    false_alarms,
    firings,
    habits_of,
    quiet_of,
    quiet_paths,
)
from risk_service.core.jumps.calibration import QUARTER, Quiet
from risk_service.core.jumps.paths import habits_again


def autoregression(days: int, persistence: float, seed: int = 5) -> np.ndarray:  # type: ignore[type-arg]
    rng = np.random.default_rng(seed)
    value = [55.0]
    for step in rng.normal(0, 4, days - 1):
        value.append(55 + persistence * (value[-1] - 55) + step)
    return np.array(value)


def test_the_habits_of_a_series_are_found_gaps_or_not() -> None:
    series = autoregression(8_000, 0.9)
    series[::50] = np.nan
    habits = habits_of(series)
    assert habits.persistence == pytest.approx(0.9, abs=0.015)
    assert habits.mean == pytest.approx(55, abs=1.5)
    assert habits.residuals.std() == pytest.approx(4, rel=0.03)


def test_shaken_paths_keep_the_habits() -> None:
    habits = habits_of(autoregression(3_000, 0.9))
    paths = quiet_paths(habits, 3_000, 20, np.random.default_rng(0))
    found = [habits_of(path) for path in paths.T]
    persistence = np.mean([one.persistence for one in found])
    assert persistence == pytest.approx(habits.persistence, abs=0.01)
    assert np.mean([one.residuals.std() for one in found]) == pytest.approx(
        habits.residuals.std(), rel=0.03
    )


def test_habits_found_again_vary_as_much_as_years_do() -> None:
    """About the mean of a long record, by the standard error of an autoregression's mean."""
    series = autoregression(3_650, 0.9)
    again = habits_again(series, 400, np.random.default_rng(4))
    means = np.array([one.mean for one in again])
    assert means.mean() == pytest.approx(series.mean(), abs=0.3)
    assert means.std() == pytest.approx(4 / (1 - 0.9) / np.sqrt(3_650), rel=0.35)
    assert np.std([one.persistence for one in again]) == pytest.approx(
        np.sqrt((1 - 0.9**2) / 3_650), rel=0.35
    )


def test_blocks_are_stretches_of_history_of_the_length_asked_for() -> None:
    """Residuals that count up show where a path jumps to another place of its history."""
    habits = Habits(50.0, 0.0, np.arange(1_000) / 1_000)
    paths = quiet_paths(habits, 1_000, 50, np.random.default_rng(1), block=28)
    steps = np.diff(np.round((paths - 50) * 1_000).astype(int), axis=0) % 1_000
    assert 1 / (steps != 1).mean() == pytest.approx(28, rel=0.1)


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_threshold_keeps_its_promise_on_paths_it_has_not_seen(name: str) -> None:
    rule = DEFAULTS[name]
    habits = habits_of(autoregression(3_000, 0.9))
    paths = quiet_paths(habits, 1_500, 60, np.random.default_rng(2))
    quiet = Quiet(paths[:, :30], paths[:, 30:])
    threshold = calibrate(rule, 1.0, quiet)
    told = false_alarms(rule, threshold, quiet)
    assert told.expected == pytest.approx(1.0, abs=0.15)
    assert told.low < told.expected < told.high
    assert calibrate(rule, 0.5, quiet) > threshold

    # The rate again, from the list of firings of each path.
    days = pd.date_range("2000-01-01", periods=1_500)
    one = paths[:, [30]]
    listed = len(firings(rule, Known.of_paths(one), days, threshold))
    judged = {"jump_1d": 61, "jump_7d": 73, "level": 0, "drift": 60}[name]
    alone = false_alarms(rule, threshold, Quiet(one, one))
    assert alone.expected == pytest.approx(listed / ((1_500 - judged) / QUARTER))


def test_too_short_a_history_says_nothing() -> None:
    with pytest.raises(ValueError, match=r"^calibrated_before: 299 days"):
        quiet_of(np.full(300, 50.0), 0)


def test_no_number_of_false_alarms_that_makes_no_sense() -> None:
    quiet = quiet_of(autoregression(400, 0.9), 0)
    with pytest.raises(ValueError, match=r"^max_false_alarms: "):
        calibrate(DEFAULTS["level"], 0, quiet)
