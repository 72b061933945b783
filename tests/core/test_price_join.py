from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_service.core.closes import closes_to_frame
from risk_service.core.price_join import (
    LONGEST_WAIT,
    MATCH_COLUMNS,
    first_close_after,
    index_knowable_at,
    join_closes,
    join_events,
    join_index_days,
    match_closes,
)
from tests.prices import a_close, closes_of, random_walk, weekdays
from tests.series import check_causal

SECOND = timedelta(seconds=1)
CLOSE = datetime(2025, 3, 3, 21, tzinfo=UTC)
CLOSES = pd.DatetimeIndex([CLOSE + timedelta(days=n) for n in range(4)])
MOMENTS = st.datetimes(
    datetime(2025, 3, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    datetime(2025, 3, 12),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(("moved", "expected"), [(-SECOND, 0), (timedelta(0), 1), (SECOND, 1)])
def test_one_second_around_a_close_moves_the_match(moved: timedelta, expected: int) -> None:
    assert first_close_after([CLOSE + moved], CLOSES).tolist() == [expected]


def test_after_the_last_close_there_is_none() -> None:
    last = CLOSES[-1]
    assert first_close_after([last - SECOND, last, last + SECOND], CLOSES).tolist() == [3, -1, -1]
    assert first_close_after([CLOSE], []).tolist() == [-1]


def test_an_unknown_moment_has_no_close() -> None:
    moments = pd.DatetimeIndex([pd.NaT, CLOSE - SECOND], tz="UTC")
    assert first_close_after(moments, CLOSES).tolist() == [-1, 0]


@given(st.lists(MOMENTS, min_size=1), st.lists(MOMENTS, unique=True).map(sorted))
def test_the_rule_is_what_a_plain_search_says(
    moments: list[datetime], closes: list[datetime]
) -> None:
    plain = [next((i for i, c in enumerate(closes) if c > m), -1) for m in moments]
    assert first_close_after(moments, closes).tolist() == plain


@given(st.lists(MOMENTS, min_size=1), st.lists(MOMENTS, unique=True, min_size=2).map(sorted))
def test_later_closes_never_change_a_match(moments: list[datetime], closes: list[datetime]) -> None:
    for wait in (LONGEST_WAIT, pd.Timedelta(hours=30)):
        before = match_closes(moments, closes[:-1], wait)
        after = match_closes(moments, closes, wait)
        made = before >= 0
        assert (after[made] == before[made]).all()


def test_the_unit_of_the_times_does_not_matter() -> None:
    moments = pd.DatetimeIndex([CLOSE - SECOND, CLOSE])
    for unit in ("s", "ms", "us", "ns"):
        assert first_close_after(moments.as_unit(unit), CLOSES.as_unit("us")).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("moments", "closes", "complaint"),
    [
        (pd.DatetimeIndex(["2025-03-03"]), CLOSES, "knowable_at: has no time zone"),
        ([CLOSE], pd.DatetimeIndex(["2025-03-03"]), "closes_at: has no time zone"),
        ([CLOSE], CLOSES[::-1], "closes_at: are not strictly rising"),
        ([CLOSE], CLOSES[[0, 0]], "closes_at: are not strictly rising"),
        ([CLOSE], pd.DatetimeIndex([CLOSE, pd.NaT]), "closes_at: are not strictly rising"),
    ],
)
def test_bad_times_are_refused(
    moments: pd.DatetimeIndex, closes: pd.DatetimeIndex, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        first_close_after(moments, closes)


def test_a_close_across_a_hole_in_the_prices_is_no_match() -> None:
    closes = [CLOSE, CLOSE + timedelta(days=60)]
    moments = [CLOSE - SECOND, CLOSE + SECOND, CLOSE + timedelta(days=53)]
    assert first_close_after(moments, closes).tolist() == [0, 1, 1]
    assert match_closes(moments, closes).tolist() == [0, -1, 1]


def test_the_longest_closure_of_new_york_is_no_hole() -> None:
    reopened = datetime(2001, 9, 17, 20, tzinfo=UTC)
    knowable = index_knowable_at([date(2001, 9, 10)])
    assert match_closes(knowable, [reopened]).tolist() == [0]


def test_a_day_is_knowable_when_it_is_over() -> None:
    knowable = index_knowable_at(pd.Series([date(2024, 12, 31), date(2025, 2, 28)]))
    assert [k.isoformat() for k in knowable] == [
        "2025-01-01T00:00:00+00:00",
        "2025-03-01T00:00:00+00:00",
    ]
    assert len(index_knowable_at([])) == 0
    with pytest.raises(ValueError, match="time zone"):
        index_knowable_at([CLOSE])


def test_each_ticker_is_matched_in_its_own_calendar() -> None:
    friday, monday = date(2025, 2, 28), date(2025, 3, 3)
    closes = closes_to_frame(
        [
            a_close("BA.L", friday, 15.0, hour=16.5),
            a_close("BA.L", monday, 16.0, hour=16.5),
            a_close("XOM", friday, 110.0),
            a_close("XOM", monday, 111.0),
        ]
    )
    events = pd.DataFrame({"key": ["a"], "published_at": [datetime(2025, 2, 28, 18, tzinfo=UTC)]})
    joined = join_events(events, closes)
    assert joined["ticker"].tolist() == ["BA.L", "XOM"]
    assert joined["trading_day"].dt.date.tolist() == [monday, friday]
    assert joined["close"].tolist() == [16.0, 110.0]
    assert joined["key"].tolist() == ["a", "a"]
    assert (joined["closes_at"] > joined["knowable_at"]).all()


def test_days_before_a_weekend_share_its_monday() -> None:
    days = [date(2025, 2, 27) + timedelta(days=n) for n in range(6)]
    closes = closes_of(weekdays(date(2025, 2, 27), 3), {"XOM": [1.0, 2.0, 3.0]})
    joined = join_index_days(pd.DataFrame({"day": days, "risk_index": 50.0}), closes)
    assert joined["close"].fillna(-1).tolist() == [2.0, 3.0, 3.0, 3.0, -1.0, -1.0]
    assert joined["trading_day"].isna().tolist() == [False] * 4 + [True] * 2
    assert set(MATCH_COLUMNS) < set(joined.columns)


def test_the_join_is_causal() -> None:
    days = weekdays(date(2025, 1, 1), 60)
    closes = closes_of(days, {"XOM": random_walk(60, 1), "CVX": random_walk(60, 2)})
    rng = np.random.default_rng(3)
    moments = pd.DataFrame(
        {"knowable_at": pd.Timestamp("2025-01-01", tz="UTC")
         + pd.to_timedelta(rng.uniform(0, 80, 200), "D")}
    )  # fmt: skip

    def matched(known: pd.DataFrame) -> pd.DataFrame:
        joined = join_closes(moments, known).dropna(subset="closes_at")
        return joined.sort_values(["closes_at", "ticker", "knowable_at"]).set_index("closes_at")

    check_causal(matched, closes, "closes_at", datetime(2025, 2, 3, tzinfo=UTC))


def test_no_closes_give_no_rows_and_no_error() -> None:
    moments = pd.DataFrame({"knowable_at": [CLOSE]})
    joined = join_closes(moments, closes_to_frame([]))
    assert len(joined) == 0
    assert {"knowable_at", "ticker", *MATCH_COLUMNS} == set(joined.columns)


def test_a_join_says_what_it_lacks_and_mixes_nothing() -> None:
    with pytest.raises(ValueError, match="knowable_at"):
        join_closes(pd.DataFrame({"day": []}), closes_to_frame([a_close()]))
    mixed = closes_to_frame([a_close("A"), a_close("B", simulated=True)])
    with pytest.raises(ValueError, match="mixed"):
        join_closes(pd.DataFrame({"knowable_at": [CLOSE]}), mixed)
