from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_service.core.dyads import THEMES
from risk_service.core.index import drivers_at, index_at, multipliers, weigh
from risk_service.core.method import Method
from tests.series import START, check_causal, random_news, scored

ESCALATION = {"p_escalation": 0.9, "p_neutral": 0.1, "severity": 2.0}
THAW = {"p_thaw": 0.9, "p_neutral": 0.1, "severity": 2.0}
SOON = START + timedelta(seconds=1)


def risk(*rows: dict[str, object], at=SOON) -> float:
    return float(index_at(scored(*rows), [at])["risk_index"].iloc[0])


def test_one_event_by_hand() -> None:
    # e = 2 * 0.9 = 1.8; m = 1.8 + 0.25 * 0.1 = 1.825; kappa = 2; a week later d = 1/2.
    row = index_at(scored(ESCALATION), [START + timedelta(days=7)]).iloc[0]
    net = 0.5 * 1.8 / (0.5 * 1.825 + 2)
    assert row["net_escalation"] == pytest.approx(net, rel=1e-12)
    assert row["risk_index"] == pytest.approx(50 + 50 * net, rel=1e-12)
    assert row["attention"] == pytest.approx(0.5 * 1.825)
    assert row["pressure"] == pytest.approx(0.5 * 1.8)


def test_thaw_lowers_and_escalation_raises() -> None:
    assert risk(THAW) < 50 < risk(ESCALATION)
    assert risk(THAW) == pytest.approx(100 - risk(ESCALATION))


def test_no_news_is_fifty_with_a_wide_interval() -> None:
    row = index_at(scored(ESCALATION), [START - timedelta(days=1)]).iloc[0]
    assert row["risk_index"] == 50
    assert row["low"] == pytest.approx(22.5, abs=3)
    assert row["high"] == pytest.approx(100 - row["low"])
    assert row["coverage"] == 0


def test_thin_news_pulls_to_fifty_from_both_sides_and_widens() -> None:
    few, many = [ESCALATION] * 2, [ESCALATION] * 40
    assert 50 < risk(*few) < risk(*many)
    assert 50 > risk(*[THAW] * 2) > risk(*[THAW] * 40)
    thin, thick = (index_at(scored(*rows), [SOON]).iloc[0] for rows in (few, many))
    assert thin["high"] - thin["low"] > 3 * (thick["high"] - thick["low"])


def test_a_busy_quiet_day_is_not_a_crisis() -> None:
    quiet = {"p_neutral": 1.0}
    row = index_at(scored(*[quiet] * 200), [SOON]).iloc[0]
    assert row["risk_index"] == 50
    assert row["attention"] > 10


def test_the_tenth_copy_adds_little() -> None:
    copies = [{**ESCALATION, "story_id": 1}] * 10
    apart = [ESCALATION] * 10
    gain_of_tenth = risk(*copies) - risk(*copies[:9])
    assert gain_of_tenth < (risk(*copies[:2]) - risk(*copies[:1])) / 5
    assert risk(*copies) < risk(*apart)


def test_copies_of_one_story_are_not_independent_evidence() -> None:
    mixed = [{**ESCALATION, "story_id": 1}] * 12 + [{**THAW, "story_id": 2}] * 12
    apart = [ESCALATION, THAW] * 12
    widths = [
        float((frame["high"] - frame["low"]).iloc[0])
        for frame in (index_at(scored(*rows), [SOON]) for rows in (mixed, apart))
    ]
    assert widths[0] > widths[1]


def test_undecided_stories_widen_the_interval() -> None:
    sure = [ESCALATION | {"p_escalation": 1.0, "p_neutral": 0.0}, THAW | {"p_thaw": 1.0}] * 20
    unsure = [{"p_escalation": 0.5, "p_thaw": 0.5, "severity": 2.0}] * 40
    frame = index_at(scored(*unsure), [SOON]).iloc[0]
    certain = index_at(scored(*[ESCALATION | {"p_escalation": 1.0}] * 40), [SOON]).iloc[0]
    assert frame["risk_index"] == pytest.approx(50)
    assert frame["high"] - frame["low"] > 20
    assert certain["high"] - certain["low"] < 10
    assert index_at(scored(*sure), [SOON])["risk_index"].iloc[0] == pytest.approx(50, abs=1)


def test_the_interval_is_the_same_under_other_row_numbers() -> None:
    news = random_news(200)
    moved = news.assign(event_id=news["event_id"] + 10_000, story_id=news["story_id"] + 10_000)
    moments = [START + timedelta(days=60)]
    pd.testing.assert_frame_equal(index_at(news, moments), index_at(moved, moments))


def test_stories_are_counted_alike_wherever_the_computation_starts() -> None:
    rows = [
        {**ESCALATION, "published_at": START + timedelta(days=d), "story_id": 1} for d in (0, 1)
    ]
    late = [START + timedelta(days=56, hours=12)]
    early = [START + timedelta(days=1), *late]
    assert index_at(scored(*rows), late)["stories"].tolist() == [1]
    assert index_at(scored(*rows), early)["stories"].tolist() == [1, 1]


def test_a_narrow_block_of_replicates_gives_the_same_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    news, moments = random_news(200), [START + timedelta(days=60)]
    whole = index_at(news, moments)
    monkeypatch.setattr("risk_service.core.index._CELLS", 5_000)
    pd.testing.assert_frame_equal(index_at(news, moments), whole)


def test_parts_add_up() -> None:
    news = random_news(300)
    frame = index_at(news, pd.date_range(START, periods=100, freq="D", tz="UTC"))
    np.testing.assert_allclose(frame["escalation"] - frame["thaw"], frame["net_escalation"])
    np.testing.assert_allclose(frame["threats"] + frame["acts"], frame["escalation"])
    np.testing.assert_allclose(frame["thaw_words"] + frame["thaw_deeds"], frame["thaw"])
    np.testing.assert_allclose(frame[list(THEMES)].sum(axis=1), frame["risk_index"] - 50, atol=1e-9)
    assert (frame["low"] <= frame["risk_index"]).all()
    assert (frame["high"] >= frame["risk_index"]).all()


def test_drivers_add_up_to_the_index_and_to_its_move() -> None:
    news, now = random_news(300), START + timedelta(days=60)
    drivers = drivers_at(news, now)
    values = index_at(news, [now - timedelta(days=1), now])["risk_index"]
    assert drivers["contribution"].sum() == pytest.approx(values.iloc[1] - 50, abs=1e-9)
    assert drivers["change"].sum() == pytest.approx(values.iloc[1] - values.iloc[0], abs=1e-9)
    assert drivers["contribution"].abs().is_monotonic_decreasing
    assert drivers["story_id"].is_unique


def test_an_event_at_the_moment_itself_is_not_known_yet() -> None:
    assert risk(ESCALATION, at=START) == 50
    assert risk(ESCALATION, at=START + timedelta(microseconds=1)) > 50


def test_after_the_window_an_event_weighs_nothing() -> None:
    window = Method().window
    assert risk(ESCALATION, at=START + window) > 50
    assert risk(ESCALATION, at=START + window + timedelta(microseconds=1)) == 50


@pytest.mark.parametrize("day", [20, 61, 100])
def test_causal(day: int) -> None:
    moments = pd.date_range(START, periods=119, freq="D", tz="UTC")
    check_causal(
        lambda events: index_at(events, moments),
        random_news(400),
        "published_at",
        START + timedelta(days=day),
    )


@pytest.mark.parametrize("day", [30, 90])
def test_drivers_are_causal(day: int) -> None:
    def table(events: pd.DataFrame) -> pd.DataFrame:
        drivers = drivers_at(events, START + timedelta(days=day))
        drivers.index = pd.DatetimeIndex([START] * len(drivers))
        return drivers[["contribution", "change"]]

    check_causal(table, random_news(400), "published_at", START + timedelta(days=day))


def test_weights_are_causal() -> None:
    check_causal(
        lambda events: weigh(events).set_index("published_at")[["escalation", "thaw", "mass"]],
        random_news(400),
        "published_at",
        START + timedelta(days=50),
    )


def test_a_part_of_the_past_gives_the_same_last_days() -> None:
    news = random_news(800, days=300)
    moments = pd.date_range(START + timedelta(days=290), periods=5, freq="D", tz="UTC")
    recent = news[news["published_at"] >= moments[0] - Method().window]
    recent = recent.assign(story_id=recent["event_id"], story_seed=recent["event_id"])
    alone = news.assign(story_id=news["event_id"], story_seed=news["event_id"])
    pd.testing.assert_frame_equal(index_at(recent, moments), index_at(alone, moments))


def test_order_of_rows_does_not_matter() -> None:
    news = random_news(100)
    moments = [START + timedelta(days=50)]
    shuffled = news.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(index_at(news, moments), index_at(shuffled, moments))


@pytest.mark.parametrize("column", ["p_thaw", "severity", "relevance", "act"])
def test_nan_is_refused(column: str) -> None:
    with pytest.raises(ValueError, match="NaN"):
        index_at(scored({**ESCALATION, column: float("nan")}), [SOON])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="story_id"):
        index_at(scored(ESCALATION).drop(columns="story_id"), [SOON])


def test_multipliers_are_exponential_and_stay_the_same() -> None:
    draws = multipliers(np.arange(2_000), np.arange(100))
    assert draws.mean() == pytest.approx(1, abs=0.02)
    assert draws.var() == pytest.approx(1, abs=0.05)
    np.testing.assert_array_equal(draws[5], multipliers(np.array([5]), np.arange(100))[0])
    # Neighbours, in stories and in replicates, have nothing to do with each other.
    assert abs(np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]) < 0.01
    assert abs(np.corrcoef(draws[:, :-1].ravel(), draws[:, 1:].ravel())[0, 1]) < 0.01


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(0, 2**16))
def test_the_index_stays_within_its_range(count: int, seed: int) -> None:
    frame = index_at(random_news(count, 20, seed), pd.date_range(START, periods=40, tz="UTC"))
    assert frame[["risk_index", "low", "high"]].to_numpy().min() >= 0
    assert frame[["risk_index", "low", "high"]].to_numpy().max() <= 100
    assert frame["coverage"].between(0, 1).all()
