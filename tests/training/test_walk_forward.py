from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_val_score

from training.walk_forward import WalkForward

START = pd.Timestamp("2024-01-01", tz="UTC")
cuts = st.builds(
    WalkForward,
    first_days=st.integers(1, 60),
    block_days=st.integers(1, 40),
    embargo_days=st.integers(0, 20),
    least_rows=st.integers(1, 5),
)
rows = st.lists(st.tuples(st.integers(0, 200 * 24), st.integers(0, 12)), min_size=1, max_size=60)


def frame_of(drawn: list[tuple[int, int]]) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows at so many hours after the start, and their groups."""
    hours = [hour for hour, _ in drawn]
    return pd.DataFrame({"date": START + pd.to_timedelta(hours, unit="h")}), np.array(
        [group for _, group in drawn]
    )


def days_before(frame: pd.DataFrame, earlier: np.ndarray, later: np.ndarray) -> float:
    """Days from the last of the earlier rows to the first of the later ones."""
    gap = frame["date"].iloc[later].min() - frame["date"].iloc[earlier].max()
    return float(gap / pd.Timedelta(days=1))


@given(cuts, rows)
@settings(max_examples=150, deadline=None)
def test_nothing_is_learnt_from_the_embargo_or_later(
    cut: WalkForward, drawn: list[tuple[int, int]]
) -> None:
    frame, groups = frame_of(drawn)
    for seen, unseen in cut.split(frame, groups=groups):
        assert len(seen) >= cut.least_rows
        assert days_before(frame, seen, unseen) > cut.embargo_days
        span = frame["date"].iloc[unseen].max() - frame["date"].iloc[unseen].min()
        assert span < pd.Timedelta(days=cut.block_days)


@given(cuts, rows)
@settings(max_examples=150, deadline=None)
def test_no_group_is_on_both_sides_and_no_row_is_tested_twice(
    cut: WalkForward, drawn: list[tuple[int, int]]
) -> None:
    frame, groups = frame_of(drawn)
    tested: list[int] = []
    for seen, unseen in cut.split(frame, groups=groups):
        assert not set(groups[seen]) & set(groups[unseen])
        tested += unseen.tolist()
    assert len(tested) == len(set(tested))


@given(cuts, rows, rows)
@settings(max_examples=150, deadline=None)
def test_later_rows_change_only_the_last_fold(
    cut: WalkForward, drawn: list[tuple[int, int]], more: list[tuple[int, int]]
) -> None:
    last = max(hour for hour, _ in drawn)
    whole = drawn + [(last + 1 + hour, group) for hour, group in more]
    frame, groups = frame_of(drawn)
    longer, of_longer = frame_of(whole)
    before = [(a.tolist(), b.tolist()) for a, b in cut.split(frame, groups=groups)]
    after = [(a.tolist(), b.tolist()) for a, b in cut.split(longer, groups=of_longer)]
    assert after[: max(len(before) - 1, 0)] == before[:-1]


@given(cuts, rows)
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(cut: WalkForward, drawn: list[tuple[int, int]]) -> None:
    frame, groups = frame_of(drawn)
    turned = np.arange(len(drawn))[::-1]
    straight = [(set(a), set(b)) for a, b in cut.split(frame, groups=groups)]
    back = [
        (set(turned[a]), set(turned[b]))
        for a, b in cut.split(frame.iloc[turned], groups=groups[turned])
    ]
    assert back == straight


def test_every_row_after_the_first_days_is_tested_and_the_past_grows() -> None:
    frame = pd.DataFrame({"date": pd.date_range(START, periods=100, freq="D")})
    folds = list(WalkForward(30, 20, 5).split(frame))
    assert np.concatenate([unseen for _, unseen in folds]).tolist() == list(range(30, 100))
    assert [len(seen) for seen, _ in folds] == [25, 45, 65, 85]


def test_copies_of_a_tested_story_are_not_learnt_from() -> None:
    frame = pd.DataFrame({"date": pd.date_range(START, periods=4, freq="D")})
    ((seen, unseen),) = WalkForward(3, 5, 0).split(frame, groups=[7, 1, 2, 7])
    assert (seen.tolist(), unseen.tolist()) == ([1, 2], [3])


def test_scikit_learn_takes_it() -> None:
    days = pd.date_range("2024-01-01", periods=90, freq="D", tz="Europe/Moscow")
    frame, truth = pd.DataFrame({"date": days}), np.tile([0, 1, 2], 30)
    cut = WalkForward(30, 20, 3)
    told = cross_val_score(DummyClassifier(), frame, truth, cv=cut, groups=np.arange(90))
    assert len(told) == cut.get_n_splits(frame) == 3


def test_moments_may_be_text_and_are_read_as_utc() -> None:
    told = ["2024-01-01", "2024-01-02T23:30:00-02:00", "2024-01-05"]
    folds = list(WalkForward(2, 2, 0).split(np.array(told)))
    assert [(a.tolist(), b.tolist()) for a, b in folds] == [([0], [1]), ([0, 1], [2])]


@pytest.mark.parametrize("told", [{"first_days": 0}, {"block_days": 0}, {"embargo_days": -1}])
def test_impossible_cuts_are_refused(told: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(told))):
        WalkForward(**told)


def test_rows_without_a_moment_and_groups_that_do_not_fit_are_refused() -> None:
    frame = pd.DataFrame({"date": ["2024-01-01", None]})
    with pytest.raises(ValueError, match="date: row 1"):
        list(WalkForward().split(frame))
    with pytest.raises(ValueError, match="date: is not in ISO 8601"):
        list(WalkForward().split(frame.fillna("31/12/2024")))
    with pytest.raises(ValueError, match="groups: 1 for 2"):
        list(WalkForward().split(frame.fillna("2024-01-02"), groups=[1]))
    with pytest.raises(ValueError, match="depends on the rows"):
        WalkForward().get_n_splits()
    assert list(WalkForward().split(frame.iloc[:0])) == []
