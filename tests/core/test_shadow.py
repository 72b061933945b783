from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from risk_service.core.index import index_at
from risk_service.core.shadow import (
    MOST_MISSING,
    compare_events,
    count_differences,
    in_common,
    index_with_both,
)
from tests.series import START, check_causal, random_news, scored


def read_anew(events: pd.DataFrame, seed: int = 3) -> pd.DataFrame:
    """The same events with other probabilities."""
    drawn = np.random.default_rng(seed).dirichlet([1, 1, 1], len(events))
    return events.assign(p_thaw=drawn[:, 0], p_escalation=drawn[:, 1], p_neutral=drawn[:, 2])


def named(direction: str, **more: object) -> dict[str, object]:
    return {
        f"p_{name}": 0.8 if name == direction else 0.1 for name in ("thaw", "escalation", "neutral")
    } | more


def test_changed_and_opposite_by_count_and_by_weight() -> None:
    story = {"story_id": 7, "story_seed": 7}
    a = scored(
        named("thaw", relevance=0.5),
        named("thaw", **story),
        named("thaw", **story),
        named("neutral"),
        named("escalation"),
    )
    b = scored(
        named("escalation", relevance=0.5),
        named("thaw", **story),
        named("neutral", **story),
        named("escalation"),
        named("escalation"),
    )
    told = count_differences(compare_events(a, b))
    # The second report of the story weighs half.
    assert (told.events, told.weight) == (5, 0.5 + 1 + 0.5 + 1 + 1)
    assert (told.opposite, told.opposite_weight) == (1, 0.5)
    assert (told.changed, told.changed_weight) == (3, 0.5 + 0.5 + 1)
    moved = 0.5 * 1.4 + 0.5 * 0.7 + 1 * 0.7
    assert told.mean_difference == pytest.approx(moved / 4)


def test_the_event_that_differs_most_comes_first() -> None:
    a, b = scored(named("thaw"), named("thaw")), scored(named("neutral"), named("escalation"))
    assert compare_events(a, b)["event_id"].tolist() == [2, 1]


def test_what_only_one_has_scored_is_left_out() -> None:
    news = random_news(60)
    first, second = in_common(news.iloc[:50].sample(frac=1, random_state=1), news.iloc[20:])
    assert first["event_id"].tolist() == second["event_id"].tolist() == list(range(21, 51))
    none = compare_events(news.iloc[:20], news.iloc[20:])
    assert none.empty
    assert count_differences(none).mean_difference is None


def test_the_index_with_both_is_the_index_with_each() -> None:
    a = random_news(400)
    b = read_anew(a)
    moments = [START + timedelta(days=n) for n in (30, 60, 90)]
    told = index_with_both(a, b, moments)
    for name, events in (("a", a), ("b", b)):
        np.testing.assert_allclose(told[name], index_at(events, moments)["risk_index"], atol=1e-9)
    np.testing.assert_allclose(told["share"], 1)
    assert (told["difference"] == told["b"] - told["a"]).all()
    assert (told["difference"].abs() > 1).any()


def test_days_of_which_one_has_not_scored_the_news_are_left_out() -> None:
    a = random_news(600, days=120)
    begins = START + timedelta(days=60)
    b = read_anew(a)[a["published_at"] >= begins]
    moments = [START + timedelta(days=n) for n in range(50, 121, 10)]
    told = index_with_both(a, b, moments)
    assert 0 < len(told) < len(moments)
    assert told.index.min() > begins
    assert (told["share"] >= 1 - MOST_MISSING).all()
    swapped = index_with_both(b, a, moments)
    pd.testing.assert_series_equal(swapped["a"], told["b"], check_names=False)


def test_what_is_said_of_a_day_does_not_change_when_later_news_comes() -> None:
    whole = random_news(300)
    moments = pd.date_range(START + timedelta(days=40), periods=40, freq="D")
    check_causal(
        lambda news: index_with_both(news, read_anew(whole).iloc[news.index], moments),
        whole,
        "published_at",
        START + timedelta(days=60),
    )
