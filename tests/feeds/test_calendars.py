from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from risk_service.feeds.calendars import (
    closes_at,
    closes_on,
    final_on,
    time_zone,
    trading_days,
)


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        ("XNYS", date(2025, 1, 3), "21:00"),  # winter
        ("XNYS", date(2025, 7, 1), "20:00"),  # summer
        ("XNYS", date(2025, 3, 10), "20:00"),  # America has changed its clocks, Europe not yet
        ("XETR", date(2025, 3, 10), "16:30"),
        ("XETR", date(2025, 4, 1), "15:30"),
        ("XLON", date(2025, 1, 3), "16:30"),
        ("XLON", date(2025, 7, 1), "15:30"),
        ("XNYS", date(2024, 11, 29), "18:00"),  # half days
        ("XNYS", date(2024, 12, 24), "18:00"),
        ("XLON", date(2024, 12, 24), "12:30"),
        ("XCBF", date(2025, 1, 3), "21:15"),
        ("NYMEX", date(2025, 1, 3), "19:30"),
        ("NYMEX", date(2025, 7, 1), "18:30"),
        ("NYMEX", date(2024, 11, 29), "18:00"),  # New York's stocks close early
        ("NYMEX", date(2025, 1, 20), "18:00"),  # and here they do not open
        ("XNYS", date(1991, 1, 17), "21:00"),
        ("XNYS", date(2033, 3, 1), "21:00"),
    ],
)
def test_closes_are_in_utc(calendar: str, day: date, expected: str) -> None:
    moment = closes_at(calendar, day)
    assert moment is not None
    assert moment.tzinfo is UTC
    assert moment == datetime.combine(day, datetime.strptime(expected, "%H:%M").time(), UTC)  # noqa: DTZ007


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        ("XNYS", date(2025, 3, 1)),
        ("XNYS", date(2025, 7, 4)),
        ("XNYS", date(2025, 1, 9)),  # a day of mourning
        ("XNYS", date(2001, 9, 12)),
        ("XETR", date(2025, 4, 21)),
        ("XLON", date(2025, 8, 25)),
        ("NYMEX", date(2025, 4, 18)),
        ("NYMEX", date(2024, 12, 25)),
    ],
)
def test_days_without_trading_have_no_close(calendar: str, day: date) -> None:
    assert closes_at(calendar, day) is None


def test_many_days_at_once_are_as_one_by_one() -> None:
    days = [date(2024, 12, 20) + timedelta(days=n) for n in range(20)]
    for calendar in ("XNYS", "XETR", "NYMEX"):
        moments = [None if pd.isna(m) else m for m in closes_on(calendar, days)]
        assert moments == [closes_at(calendar, day) for day in days]
    assert len(closes_on("XNYS", [])) == 0


def test_a_quote_is_final_after_the_close() -> None:
    days = [date(2025, 1, 3), date(2025, 1, 4)]
    stocks, oil = final_on("XNYS", days), final_on("NYMEX", days)
    assert stocks[0] == pd.Timestamp("2025-01-03 21:30", tz="UTC")
    assert oil[0] == pd.Timestamp("2025-01-03 23:00", tz="UTC")
    assert stocks.isna().tolist() == oil.isna().tolist() == [False, True]


def test_trading_days_include_both_ends() -> None:
    assert trading_days("XNYS", date(2025, 7, 3), date(2025, 7, 8)) == [
        date(2025, 7, 3),
        date(2025, 7, 7),
        date(2025, 7, 8),
    ]
    assert trading_days("XNYS", date(2025, 7, 4), date(2025, 7, 6)) == []
    assert trading_days("XNYS", date(2025, 7, 8), date(2025, 7, 3)) == []


def test_zones_are_the_exchanges_own() -> None:
    zones = [time_zone(calendar) for calendar in ("XNYS", "XETR", "XLON", "NYMEX")]
    assert zones == ["America/New_York", "Europe/Berlin", "Europe/London", "America/New_York"]


def test_an_unknown_calendar_or_a_day_too_early_is_refused() -> None:
    with pytest.raises(ValueError, match="calendar: 'NOPE'"):
        closes_at("NOPE", date(2025, 1, 3))
    with pytest.raises(ValueError, match="day: 1989-12-29"):
        closes_at("XNYS", date(1989, 12, 29))
