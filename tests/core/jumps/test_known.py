from datetime import UTC, date, datetime, timedelta

import pandas as pd

from risk_service.core.jumps import calendar, known_then

FIRST = date(2025, 1, 1)


def vintage(
    day: int, value: float, number: int = 1, known_on: int | None = None
) -> dict[str, object]:
    """Of the so manieth day of 2025; known at the midnight after day ``known_on``."""
    known = day if known_on is None else known_on
    return {
        "day": FIRST + timedelta(days=day),
        "vintage": number,
        "known_at": datetime(2025, 1, 2, tzinfo=UTC) + timedelta(days=known),
        "risk_index": value,
    }


def test_days_are_told_by_their_first_vintage_and_gaps_stay_unknown() -> None:
    vintages = pd.DataFrame([vintage(0, 40), vintage(3, 60), vintage(0, 45, 2, known_on=2)])
    known = known_then(vintages)
    assert len(calendar(vintages)) == 4
    assert known.values[[0, 3], 0].tolist() == [40, 60]
    assert pd.isna(known.values[[1, 2], 0]).all()
    assert pd.isna(known.before[1]).all()


def test_a_day_is_compared_with_what_was_known_of_the_earlier_one_then() -> None:
    revised = [vintage(n, 40) for n in range(8)] + [vintage(7, 70, 2, known_on=8), vintage(8, 71)]
    known = known_then(pd.DataFrame(revised))
    assert known.before[1][8, 0] == 70, "a model that made the past anew is no jump"
    late = [vintage(n, 40) for n in range(9)] + [vintage(7, 70, 2, known_on=9)]
    assert known_then(pd.DataFrame(late)).before[1][8, 0] == 40, "a later revision is not seen"
    assert known.before[7][7, 0] == 40
