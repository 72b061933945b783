from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from risk_service.core.happenings import HAPPENING_COLUMNS, Wanted, as_known, choose, direction_of
from risk_service.core.surprise import surprises
from tests.series import check_causal

AT = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    plain = {
        "published_at": AT, "text": "", "source": "Wire", "origin": "rss", "theme": "diplomacy",
        "directness": "dyad", "model_version": "new", "p_thaw": 0.1, "p_escalation": 0.8,
        "p_neutral": 0.1, "severity": 2.0, "scored_at": AT,
    }  # fmt: skip
    filled = [{"event_id": n, **plain, **row} for n, row in enumerate(rows, 1)]
    return pd.DataFrame(filled, columns=list(HAPPENING_COLUMNS))


def test_without_a_moment_the_served_model_speaks() -> None:
    rows = frame(
        {"event_id": 1, "model_version": "old", "severity": 1.0, "scored_at": AT + DAY / 24},
        {"event_id": 1, "scored_at": AT + 9 * DAY, "severity": 3.0},
    )
    (row,) = as_known(rows, "new", None).itertuples()
    assert (row.severity, row.reconstructed) == (3.0, True)


def test_with_a_moment_the_newest_score_made_by_then_speaks() -> None:
    rows = frame(
        {"event_id": 1, "model_version": "oldest", "severity": 1.0, "scored_at": AT},
        {"event_id": 1, "model_version": "old", "severity": 2.0, "scored_at": AT + 2 * DAY},
        {"event_id": 1, "severity": 3.0, "scored_at": AT + 9 * DAY},
    )
    found = [as_known(rows, "new", AT + n * DAY)["severity"].tolist() for n in (1, 3, 10)]
    assert found == [[1.0], [2.0], [3.0]]


def test_what_was_scored_only_later_has_the_served_models_score_and_says_so() -> None:
    rows = frame({"scored_at": AT + 9 * DAY}, {"scored_at": AT, "published_at": AT + DAY / 2})
    found = as_known(rows, "new", AT + DAY)
    assert found["reconstructed"].tolist() == [True, False]
    assert as_known(rows, "another", AT + DAY)["event_id"].tolist() == [2]


def test_what_is_published_later_is_not_known() -> None:
    rows = frame({"published_at": AT + 2 * DAY}, {})
    assert as_known(rows, "new", AT + DAY)["event_id"].tolist() == [2]


def test_each_direction_stands_apart_and_neutral_in_neither() -> None:
    rows = frame(
        {}, {"p_thaw": 0.7, "p_escalation": 0.2}, {"p_neutral": 0.9},
        {"p_thaw": 0.4, "p_escalation": 0.4, "p_neutral": 0.2},
    )  # fmt: skip
    assert direction_of(rows).tolist() == ["escalation", "thaw", "neutral", "thaw"]
    chosen = choose(rows, Wanted())
    assert {name: part["event_id"].tolist() for name, part in chosen.items()} == {
        "thaw": [2, 4], "escalation": [1],
    }  # fmt: skip
    assert list(choose(rows, Wanted(directions=("escalation",)))) == ["escalation"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(min_severity=2.5), [1]),
        (Wanted(theme="energy"), [2]),
        (Wanted(directness="theatre"), [3]),
        (Wanted(origin="chronology"), [4]),
        (Wanted(origin="live"), [1, 2, 3, 5]),
        (Wanted(since=AT + DAY), [5]),
        (Wanted(until=AT + DAY), [1, 2, 3, 4]),
        (Wanted(since=AT, until=AT), []),
    ],
)
def test_filters_ask_what_they_say(wanted: Wanted, expected: list[int]) -> None:
    rows = frame(
        {"severity": 2.5}, {"theme": "energy"}, {"directness": "theatre"},
        {"origin": "chronology"}, {"published_at": AT + DAY},
    )  # fmt: skip
    assert choose(rows, wanted)["escalation"]["event_id"].tolist() == expected


def test_least_surprise_leaves_out_what_was_expected_and_what_is_unknown() -> None:
    rows = frame({}, {}, {}, {}).assign(surprise=[0.9, 1.0, float("nan"), 2.0])
    chosen = choose(rows, Wanted(min_surprise=1.0))
    assert chosen["escalation"]["event_id"].tolist() == [2, 4]
    assert len(choose(rows, Wanted())["escalation"]) == 4


def test_what_is_chosen_never_changes() -> None:
    """Chosen by everything that can be asked, surprise included."""
    rows = frame(
        *(
            {
                "published_at": AT + n * DAY,
                "severity": 1 + n % 5 / 4,
                "p_escalation": 0.5 + n % 7 / 20,
            }
            for n in range(120)
        )
    )
    wanted = Wanted(min_severity=1.5, directness="dyad", since=AT + 30 * DAY, min_surprise=0.5)

    def chosen(known: pd.DataFrame) -> pd.DataFrame:
        happenings = as_known(known, "new", None)
        found = choose(happenings.assign(surprise=surprises(happenings)), wanted)["escalation"]
        return found.set_index(pd.DatetimeIndex(found["published_at"]))[["event_id", "surprise"]]

    assert 5 < len(chosen(rows)) < 60
    check_causal(chosen, rows, "published_at", AT + 90.5 * DAY)


def test_what_is_known_of_a_day_never_changes() -> None:
    rows = frame(*({"published_at": AT + n * DAY, "severity": 1 + n / 10} for n in range(9)))

    def severities(known: pd.DataFrame) -> pd.DataFrame:
        found = as_known(known, "new", None)
        return found.set_index(pd.DatetimeIndex(found["published_at"]))[["severity"]]

    check_causal(severities, rows, "published_at", AT + 4.5 * DAY)
