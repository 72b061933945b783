from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from risk_service.feeds.moments import end_of_day, read_day, read_moment

MOMENT = datetime(2025, 8, 15, 21, 30, tzinfo=UTC)
DAY = date(2025, 8, 15)


@pytest.mark.parametrize(
    "text",
    [
        "2025-08-15T21:30:00Z",
        "2025-08-15t21:30:00z",
        "2025-08-15 21:30:00+00:00",
        "2025-08-15 23:30 +0200",
        "2025-08-15 21:30:00 UTC",
        "2025-08-15T21:30:00.000Z",
        "20250815T213000Z",
        " Fri, 15 Aug 2025 21:30:00 GMT ",
        "15 Aug 2025 17:30 EDT",
        "Fri, 15 Aug 2025 21:30:00 -0000",
        "1755293400",
        "1755293400.0",
        "1755293400000",
    ],
)
def test_one_moment_in_many_spellings(text: str) -> None:
    assert read_moment(text) == MOMENT


@pytest.mark.parametrize("value", ["2025-08-15", "20250815", DAY])
def test_a_day_stays_a_day(value: str | date) -> None:
    found = read_moment(value)
    assert found == DAY
    assert not isinstance(found, datetime)


@pytest.mark.parametrize(
    "value",
    ["2025-08-15T21:30:00", "2025-08-15 21:30", "20250815213000", MOMENT.replace(tzinfo=None)],
)
def test_a_moment_without_zone_is_refused_unless_it_is_said_to_be_utc(
    value: str | datetime,
) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        read_moment(value)
    assert read_moment(value, assume_utc=True) == MOMENT


@pytest.mark.parametrize("text", ["Fri, 15 Aug 2025 21:30:00", "Fri, 15 Aug 2025 21:30:00 MSK"])
def test_a_zone_of_unknown_name_is_never_taken_for_utc(text: str) -> None:
    with pytest.raises(ValueError, match="no time zone that is known"):
        read_moment(text, assume_utc=True)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2025-13-01",
        "2025-W33-5",
        "2025-02-30",
        "20259999",
        "45884.9",
        "12345",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a moment"):
        read_moment(text, assume_utc=True)


@pytest.mark.parametrize("text", ["08/15/2025", "8.9.25", "08-09-2025 10:00"])
def test_a_date_with_day_or_month_first_is_not_guessed_at(text: str) -> None:
    for read in (read_moment, read_day):
        with pytest.raises(ValueError, match="day or month first; --date-format"):
            read(text)


def test_the_edge_of_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the calendar"):
        read_moment("0001-01-01T00:00:00+05:00")


def test_a_format_is_tried_first_and_decides_between_day_and_moment() -> None:
    assert read_moment("08/15/2025", date_format="%m/%d/%Y") == DAY
    assert read_moment("15.08.2025 21:30", True, "%d.%m.%Y %H:%M") == MOMENT
    assert read_moment("2025-08-15T21:30:00Z", date_format="%m/%d/%Y") == MOMENT


def test_the_day_of_a_moment_is_that_of_its_own_calendar() -> None:
    eastern = datetime(2025, 8, 15, 23, tzinfo=timezone(timedelta(hours=-9)))
    assert read_day(eastern) == DAY
    assert read_day("2025-08-15T23:00:00-09:00") == DAY
    assert read_day("08/15/2025", "%m/%d/%Y") == DAY
    with pytest.raises(ValueError, match="is not a moment"):
        read_day("last week")


def test_a_day_ends_in_its_last_second() -> None:
    assert end_of_day(DAY) == datetime(2025, 8, 15, 23, 59, 59, tzinfo=UTC)
