import numpy as np
import pytest

from risk_service.core.jumps.hourly import hourly_score


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
