from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import mahalanobis

from risk_service.core.baskets import Holding
from risk_service.core.market_move import ESCALATION_SIGNS, joint_moves, unusual_moves
from tests.prices import closes_of, random_walk, weekdays
from tests.series import check_causal

NAMES = list(ESCALATION_SIGNS)
WINDOW, LEAST = 40, 20


def some_moves(count: int = 150, seed: int = 3) -> pd.DataFrame:
    mixed = np.random.default_rng(seed).normal(0, 0.01, (count, 4)) @ np.array(
        [[1, 0.3, 0, 0], [0, 1, 0, 0.2], [0, 0, 4, -1], [0, 0, 0, 1]]
    )
    days = pd.DatetimeIndex(pd.to_datetime(weekdays(date(2024, 1, 2), count)))
    return pd.DataFrame(mixed, index=days, columns=NAMES)


def test_the_distance_is_scipys_over_the_days_before() -> None:
    moves = some_moves()
    found = unusual_moves(moves, ESCALATION_SIGNS, WINDOW, LEAST)
    for t in (LEAST, 75, 149):
        past = moves.iloc[max(0, t - WINDOW) : t]
        expected = mahalanobis(moves.iloc[t], past.mean(), np.linalg.inv(past.cov()))
        assert found["distance"].iloc[t] == pytest.approx(expected, rel=1e-9)
        assert found["observations"].iloc[t] == len(past)
    assert found["distance"].iloc[:LEAST].isna().all()
    assert found["fits"].iloc[:LEAST].isna().all()


def test_the_rank_is_among_the_distances_before() -> None:
    moves = some_moves()
    moves.iloc[-1] *= 30
    found = unusual_moves(moves, ESCALATION_SIGNS, WINDOW, LEAST)
    distances = found["distance"]
    expected = (distances.iloc[-1 - WINDOW - 5 : -6] < distances.iloc[-6]).mean()
    assert found["percentile"].iloc[-6] == pytest.approx(expected)
    assert found["percentile"].iloc[-1] == 1
    assert found["percentile"].iloc[: 2 * LEAST].isna().all()


def test_usual_days_have_ranks_all_over() -> None:
    ranks = unusual_moves(some_moves(1_200), ESCALATION_SIGNS)["percentile"].dropna()
    assert 0.45 < ranks.mean() < 0.55
    assert 0.07 < (ranks > 0.9).mean() < 0.13


def test_signs_tell_thaw_from_escalation() -> None:
    moves = some_moves()
    pattern = np.array(list(ESCALATION_SIGNS.values())) * 0.03
    moves.iloc[-4], moves.iloc[-3] = pattern, -pattern
    moves.iloc[-2] = pattern * [1, 1, -1, 1]
    moves.iloc[-1] = pattern * [1, 1, -1, -1]
    last = unusual_moves(moves, ESCALATION_SIGNS, WINDOW, LEAST).iloc[-4:]
    assert last["fits"].tolist() == ["escalation", "thaw", "escalation", "neither"]
    assert last["agreeing"].tolist() == [4, 0, 3, 2]
    assert last["lean"].iloc[0] > 2
    assert last["lean"].iloc[1] < -2


def test_a_day_with_an_unknown_move_is_not_judged_and_in_no_window() -> None:
    moves = some_moves()
    holed = moves.copy()
    holed.iloc[100, 2] = np.nan
    found = unusual_moves(holed, ESCALATION_SIGNS, WINDOW, LEAST)
    without = unusual_moves(moves.drop(moves.index[100]), ESCALATION_SIGNS, WINDOW, LEAST)
    assert found.iloc[100].isna().all()
    pd.testing.assert_frame_equal(found.drop(moves.index[100]), without)


def test_a_market_that_stands_still_leaves_nothing_to_say() -> None:
    moves = some_moves().assign(SPY=0.0)
    assert unusual_moves(moves, ESCALATION_SIGNS, WINDOW, LEAST)["distance"].isna().all()


def test_a_window_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="least"):
        unusual_moves(some_moves(), ESCALATION_SIGNS, 10, 5)


def test_what_is_said_of_a_day_never_changes() -> None:
    moves = some_moves()
    whole = moves.assign(at=moves.index.tz_localize("UTC"))

    def judged(rows: pd.DataFrame) -> pd.DataFrame:
        found = unusual_moves(rows, ESCALATION_SIGNS, WINDOW, LEAST)
        return found.set_axis(pd.DatetimeIndex(rows["at"])).drop(columns="fits")

    cut = whole["at"].iloc[110] + pd.Timedelta(hours=1)
    check_causal(judged, whole, "at", cut.to_pydatetime())


def test_joint_moves_span_the_days_that_all_have() -> None:
    days = weekdays(date(2025, 3, 3), 6)
    prices = {"XOM": random_walk(6, 1), "SPY": random_walk(6, 2)}
    prices["SPY"][2] = float("nan")
    closes = closes_of(days, prices, {"XOM": 16.0})
    moves = joint_moves(closes, {"energy": [Holding("XOM")]}, ["SPY"])
    assert len(moves) == 5
    bridged = np.log(prices["XOM"][3] / prices["XOM"][1])
    assert moves["energy"].iloc[2] == pytest.approx(bridged)
    assert moves["SPY"].iloc[2] == pytest.approx(np.log(prices["SPY"][3] / prices["SPY"][1]))
    assert (moves["over_at"] - moves["closes_at"] == pd.Timedelta(hours=5)).all()
    none = joint_moves(closes, {"energy": [Holding("XOM")]}, ["^VIX"])
    assert none.empty


def test_joint_moves_are_known_with_the_last_close_and_never_change() -> None:
    """Closes at three hours of the day; the cut lies between two of them."""
    days = weekdays(date(2024, 1, 2), 60)
    prices = {
        name: random_walk(60, n) for n, name in enumerate(("XOM", "RHM", "LMT", "^VIX", "SPY"))
    }
    prices["RHM"][20] = float("nan")
    hours = {"RHM": 16.5, "XOM": 21.0, "LMT": 21.0, "^VIX": 21.25, "SPY": 21.0}
    closes = closes_of(days, prices, hours)
    baskets = {"energy": [Holding("XOM")], "defense": [Holding("RHM"), Holding("LMT")]}

    def moved(known: pd.DataFrame) -> pd.DataFrame:
        found = joint_moves(known, baskets, ["^VIX", "SPY"])
        return found.set_index("over_at").drop(columns="closes_at")

    for hour in (12, 17, 21):
        cut = pd.Timestamp(days[40], tz="UTC") + pd.Timedelta(hours=hour, minutes=5)
        check_causal(moved, closes, "closes_at", cut.to_pydatetime())
