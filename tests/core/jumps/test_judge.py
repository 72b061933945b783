import numpy as np
import pytest

from risk_service.core.jumps import Drift, Jump, Level, Rule, Timing, fires
from risk_service.core.jumps.rules import DIRECTIONS

GAP = float("nan")


def started(rule: Rule, towards: list[float], threshold: float) -> list[int]:
    days = fires(rule, np.array(towards)[:, None], np.array([threshold]))
    return [day for day, (one, _) in enumerate(days) if one[0, 0]]


def jump(dwell: int = 1, hold: int = 0, cooldown: int = 0) -> Jump:
    return Jump(1, timing=Timing(dwell, hold, cooldown))


def test_a_run_above_the_threshold_is_one_firing() -> None:
    assert started(jump(), [0, 3, 3, 3, 0, 3], 3) == [1, 5]


def test_dwell_waits_for_days_in_a_row_and_a_gap_breaks_it() -> None:
    assert started(jump(dwell=3), [3, 3, 0, 3, 3, 3], 3) == [5]
    assert started(jump(dwell=3), [3, 3, GAP, 3, 3, 3], 3) == [5]


def test_hold_keeps_a_firing_through_short_clear_spells() -> None:
    flapping = [3.0, 0, 3, 0, 0, 3, 0, 0, 0, 3]
    assert started(jump(hold=2), flapping, 3) == [0, 9]
    assert started(jump(hold=0), flapping, 3) == [0, 2, 5, 9]


def test_a_gap_ends_no_firing() -> None:
    assert started(jump(), [3, GAP, GAP, 3], 3) == [0]


def test_cooldown_counts_from_the_start_of_the_last_firing() -> None:
    assert started(jump(cooldown=4), [3, 0, 3, 0, 3, 0, 3], 3) == [0, 4]


def test_a_level_is_clear_only_once_it_is_well_back() -> None:
    rule = Level(hysteresis=5, timing=Timing(1, 0, 0))
    assert started(rule, [20, 16, 21, 14, 21], 20) == [0, 4]


def test_a_cusum_adds_up_what_exceeds_the_allowance_and_starts_anew() -> None:
    rule = Drift(allowance=0.5, timing=Timing(1, 0, 0))
    # By hand: 0.5, 1, gap, 1.5, 2 fires; 0, 0.5, 1, 1.5, 2 fires.
    assert started(rule, [1, 1, GAP, 1, 1, 0, 1, 1, 1, 1], 2) == [4, 9]
    assert started(rule, [-5, 2.4], 2) == []


def test_many_series_and_thresholds_are_judged_as_each_alone() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 2, (200, 4))
    scores[rng.random((200, 4)) < 0.05] = GAP
    thresholds = np.array([1.0, 3.0, 5.0])
    for rule in (jump(2, 3, 10), Level(2.0), Drift()):
        together = np.array([one for one, _ in fires(rule, scores, thresholds)])
        for path in range(4):
            for k, threshold in enumerate(thresholds):
                alone = started(rule, list(scores[:, path]), threshold)
                assert list(np.flatnonzero(together[:, path, k])) == alone
        assert together.any()


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Timing(dwell=0), "dwell"),
        (lambda: Timing(hold=-1), "hold"),
        (lambda: Timing(directions=()), "directions"),
        (lambda: Jump(2), "days"),
        (lambda: Jump(half_life=1), "half_life"),
        (lambda: Level(hysteresis=60), "hysteresis"),
        (lambda: Drift(allowance=-1), "allowance"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_field(make, field) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=f"^{field}: "):
        make()
    assert Timing().directions == DIRECTIONS
