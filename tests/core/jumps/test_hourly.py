from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from risk_service.core.jumps.calibration import Quiet
from risk_service.core.jumps.conditions import ClockMemory, HourJump, Hours, tick
from risk_service.core.jumps.hourly import (
    calibrate_hours,
    hour_scores,
    hourly_score,
    hours_before,
    hours_told,
    measured_hours,
    steps_before,
)
from risk_service.core.jumps.pace import TEN_MINUTES
from training.jump_hours import report_paths


def test_it_is_the_change_by_the_mean_change_before_times_the_normal_factor() -> None:
    values = 50 + np.cumsum(np.tile([3.0, -3.0], 50))
    judged = np.append(values, values[-1] + 12)
    assert hourly_score(judged) == pytest.approx(12 / (3 * np.sqrt(np.pi / 2)), rel=0.05)
    assert hourly_score(100 - judged) == -hourly_score(judged)


def test_what_is_judged_is_not_in_its_own_scale() -> None:
    values = 50 + np.tile([0.0, 2.0], 60)
    small, large = (hourly_score(np.append(values, 52 + leap)) for leap in (5, 50))
    assert large == pytest.approx(10 * small)


def test_unknown_hours_are_unknown_and_leave_the_scale() -> None:
    values = 50 + np.tile([0.0, 2.0], 60)
    assert np.isnan(hourly_score(np.append(values, np.nan)))
    assert np.isnan(hourly_score(values[:50]))
    assert np.isnan(hourly_score(values[:1]))


def paths(days: int, count: int = 1, seed: int = 3) -> np.ndarray:  # type: ignore[type-arg]
    return report_paths(days * 144, count, np.random.default_rng(seed), 0.5)


def test_the_scores_of_a_history_are_those_that_were_told_then() -> None:
    one = paths(27)
    found = hour_scores(one)[:, 0]
    for step in (*range(2_000, 2_012), len(one) - 1):
        live = hourly_score(one[: step + 1, 0][::-1][::6][::-1])
        assert found[step] == pytest.approx(live, rel=1e-9)
    assert np.isnan(found[: 60 * 6]).all()


def test_steps_are_full_ten_minutes_that_are_over() -> None:
    now = datetime(2025, 3, 1, 12, 34, 56, tzinfo=UTC)
    steps = steps_before(now)
    assert len(steps) == TEN_MINUTES.longest
    assert steps[-1] == datetime(2025, 3, 1, 12, 30, tzinfo=UTC)
    assert {b - a for a, b in pairwise(steps)} == {timedelta(minutes=10)}
    assert hours_before(steps[-1])[-2] == steps[-7]


@pytest.mark.parametrize("hours", [Hours(), Hours(0, 2, 24), Hours(0.5, 1, 3)])
def test_a_rate_counts_what_the_clock_would_have_told(hours: Hours) -> None:
    """Each way is looked at each ten minutes by ``tick``, as the live rule is."""
    one, least = paths(120), 3.0
    towards, start = hour_scores(one)[:, 0], datetime(2025, 1, 1, tzinfo=UTC)
    told = 0
    for sign in (1, -1):
        state, memory = "inactive", ClockMemory()
        for step, score in enumerate(sign * towards):
            holds = None if np.isnan(score) else bool(score >= least)
            now = start + step * timedelta(minutes=10)
            done = tick(hours, state, memory, holds, state != "firing", now)
            state, memory = done.state, done.memory
            told += done.starts
    assert told > 3
    rates = measured_hours(HourJump(hours), least, Quiet(one, one, TEN_MINUTES))
    judged = (~np.isnan(towards)).sum() / TEN_MINUTES.quarter
    assert rates * judged == pytest.approx([told])


def test_a_threshold_keeps_its_promise_on_paths_it_has_not_seen() -> None:
    both = paths(90, 24)
    quiet = Quiet(both[:, :12], both[:, 12:], TEN_MINUTES)
    seldom, often = (calibrate_hours(HourJump(), most, quiet) for most in (2.0, 6.5))
    assert often < seldom
    assert measured_hours(HourJump(), often, quiet).mean() == pytest.approx(6, rel=0.4)


def test_the_interval_is_wider_than_shaken_paths_alone_and_tells_the_same_rate() -> None:
    both = paths(90, 200)
    quiet = Quiet(both, both, TEN_MINUTES)
    rates = measured_hours(HourJump(), 6.0, quiet)
    told = hours_told(HourJump(), 6.0, quiet, 1)
    low, high = np.quantile(rates, [0.05, 0.95])
    assert told.high - told.low > 1.1 * (high - low)
    held = rates.mean() * 90 * 144 / TEN_MINUTES.quarter
    assert told.expected == pytest.approx(rates.mean() * (held + 0.5) / held, rel=0.15)
    assert told.days == 90
