import numpy as np
import pytest

from risk_service.core.jumps import (
    DEFAULTS,
    FalseAlarms,
    Jump,
    Timing,
    judged_live,
    rates_of,
    threshold_of,
    within_day,
)
from risk_service.core.jumps.within_day import WITHIN_DAY
from training.jump_delays import MOST, QUARTER, hourly_paths, live_firings, scored


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_constants_are_what_hours_show(name: str) -> None:
    """Fewer and shorter paths than the table's, hence the width."""
    hours = hourly_paths(3 * 365, 12, np.random.default_rng(7))
    signed = scored(DEFAULTS[name], hours[:, -1])
    threshold = threshold_of(DEFAULTS[name], signed, MOST)
    alone = rates_of(DEFAULTS[name], signed, np.array([threshold])).mean()
    live = live_firings(DEFAULTS[name], threshold, hours) / ((~np.isnan(signed)).sum() / QUARTER)
    assert live / alone == pytest.approx(WITHIN_DAY[name], rel=0.15)


def test_a_rate_judged_live_is_that_many_times_higher_with_its_interval() -> None:
    rule = Jump(7, timing=Timing(hold=0))
    assert within_day(rule) == WITHIN_DAY["jump_7d"]
    live = judged_live(rule, FalseAlarms(1.0, 0.5, 2.0, 400, 60))
    assert live == FalseAlarms(1.44, 0.72, 2.88, 400, 60)
