"""Estimation windows without days of other events: which days they hold, and what that is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from risk_service.core.event_study import Asset, Study, StudyResult, run_study
from risk_service.core.event_study.estimation import estimation_spans
from risk_service.core.event_study.measured import measure
from risk_service.core.event_study.ranks import rank_sums

STUDY = Study(-1, 1, estimation=20, least=15, gap=2, controls=(), draws=99)
DAYS = pd.bdate_range("2020-01-01", periods=900)
CLOSES = (DAYS + pd.Timedelta(hours=21)).tz_localize("UTC")


def asset_of(returns: np.ndarray) -> Asset:
    days, closes = DAYS[: len(returns)], CLOSES[: len(returns)]
    return Asset("A", days, closes, closes, returns, pd.DataFrame(index=days))


def noise(days: int = 900, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.01, days)


def study_of(returns: np.ndarray, rows: list[int] | np.ndarray, study: Study) -> StudyResult:
    return run_study(CLOSES[rows] - pd.Timedelta(hours=1), [asset_of(returns)], study)


def window_of(row: int, others: list[int], study: Study = STUDY) -> list[int]:
    spans = estimation_spans(np.array([row]), np.array(others), 200, study)
    return spans.rows(study.estimation)[0, spans.skipped[0] :].tolist()


def test_days_of_other_events_are_passed_over() -> None:
    # Days before 100 - 1 - 2 = 97; those of the event on 90 are 89, 90 and 91.
    assert window_of(100, [100]) == list(range(77, 97))
    assert window_of(100, [90, 100]) == [*range(74, 89), *range(92, 97)]
    assert window_of(100, [90, 100], replace(STUDY, clean=False)) == list(range(77, 97))
    assert window_of(100, [90, 100, 104, -1]) == window_of(100, [90, 100])


def test_no_window_reaches_back_more_than_twice_its_length() -> None:
    taken = list(range(59, 98, 3))  # 13 events on 39 days in a row, 58 to 96
    assert window_of(100, [*taken, 100]) == [57]
    assert window_of(100, [*taken[6:], 100]) == list(range(57, 76))


def test_too_few_clean_days_are_a_reason_of_their_own() -> None:
    taken = np.arange(59, 101, 3)
    result = study_of(noise(), taken, STUDY)
    reasons = result.dropped.set_index("event")["reason"]
    assert reasons.iloc[-1] == "too few days before it lie outside other events' windows"
    # Event k may take from day 16 + 3k to day 57, the last before the first event's window.
    assert result.pairs["event"].tolist() == [k for k in range(14) if 57 - (16 + 3 * k) + 1 >= 15]
    assert study_of(noise(), taken, replace(STUDY, clean=False)).used == len(taken)


def test_merged_events_are_passed_over_too() -> None:
    """The event on 91 joins that on 90; its effect on day 92 is not normal all the same."""
    returns = noise()
    one = study_of(returns, [90, 91, 100], STUDY).pairs.iloc[-1]
    returns[[89, 90, 91, 92]] += 0.5
    other = study_of(returns, [90, 91, 100], STUDY).pairs.iloc[-1]
    assert one[["alpha", "sigma", "car"]].tolist() == other[["alpha", "sigma", "car"]].tolist()


@pytest.mark.parametrize("overlap", ["merge", "drop"])
def test_later_events_change_nothing(overlap: str) -> None:
    study = replace(STUDY, overlap=overlap)
    returns = noise()
    few = study_of(returns, [90, 100], study)
    more = study_of(returns, [90, 100, 104, 109, 115], study)
    pd.testing.assert_frame_equal(few.pairs, more.pairs.iloc[: len(few.pairs)])


def test_an_effect_of_dense_events_comes_out_whole() -> None:
    """A third of all days lies in event windows: all days as normal hide a third of the effect."""
    rows = np.arange(60, 880, 9)
    planted = noise()
    planted[rows] += 0.02
    for clean, share in ((True, 1.0), (False, 2 / 3)):
        study = replace(STUDY, estimation=36, clean=clean)
        before = study_of(noise(), rows, study).pooled
        after = study_of(planted, rows, study).pooled
        moved = after.caar[-1] - before.caar[-1]
        assert moved == pytest.approx(0.02 * share, abs=0.0015 if not clean else 1e-12)
        assert after.dependence == pytest.approx(before.dependence)
        assert (after.dependence > 1.2) is clean


def test_dependence_is_the_variance_of_simulated_means() -> None:
    """Returns of variance one, studied again and again on the same dense dates."""
    rows = np.arange(60, 300, 6)
    rng = np.random.default_rng(8)
    measured = [study_of(rng.normal(0, 1, 320), rows, STUDY) for _ in range(600)]
    means = [one.pooled.caar[-1] for one in measured]
    alone = np.mean([np.square(one.pairs["car_error"] / one.pairs["sigma"]).mean()
                     for one in measured[:5]]) / len(rows)  # fmt: skip
    assert np.var(means) / alone == pytest.approx(measured[0].pooled.dependence, rel=0.15)
    assert measured[0].pooled.dependence > 1.5


def test_events_far_apart_do_not_depend_on_each_other() -> None:
    pooled = study_of(noise(), [100, 200, 300], STUDY).pooled
    assert pooled.dependence == 1


def test_more_variance_in_event_windows_changes_no_rank() -> None:
    """Abnormal returns of the window, all larger by one factor, are ranked as before."""
    rows = np.arange(60, 880, 20)
    asset = asset_of(noise())
    one = measure([asset], rows[:, None], STUDY)
    wide = replace(one, ar=3 * one.ar)
    for sums, other in zip(rank_sums(one, [0], 0.0), rank_sums(wide, [0], 0.0), strict=True):
        assert other == pytest.approx(sums)
