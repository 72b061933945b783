"""Which vintage of a day stands beside the close it meets."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from risk_service.core.closes import closes_to_frame
from risk_service.core.sectors import Member, Sectors, sector_table
from tests.prices import closes_of, weekdays

MONDAY = date(2025, 3, 3)
DAYS = weekdays(MONDAY, 5)
ONE = Sectors({"energy": (Member("XOM", "XNYS", "USD"),)}, (Member("SPY", "XNYS", "USD"),), "SPY")
CLOSES = closes_of(DAYS, {"XOM": [100, 101, 102, 103, 104]})


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 3, day, hour, minute, tzinfo=UTC)


def monday(*known: datetime) -> pd.DataFrame:
    """Vintages of Monday, known at these moments."""
    numbers = range(1, len(known) + 1)
    risks = [50.0 + n for n in numbers]
    table = pd.DataFrame({"risk_index": risks, "vintage": numbers, "known_at": known})
    return table.assign(day=MONDAY, reconstructed=False)


@pytest.mark.parametrize(
    ("known", "vintage", "trading_day"),
    [
        ([at(4, 1)], 1, 4),
        ([at(4, 1), at(4, 20, 59)], 2, 4),
        # A close made at the very moment does not count as after it.
        ([at(4, 1), at(4, 21)], 1, 4),
        ([at(4, 1), at(4, 9), at(6, 9), at(7, 9)], 2, 4),
        # Settled too late for Tuesday's close: the first it can meet is Wednesday's.
        ([at(4, 22)], 1, 5),
        ([at(4, 22), at(5, 3), at(5, 23)], 2, 5),
        # No close has come, so none can be older than what it is matched with.
        ([at(8, 1), at(9, 1)], 2, None),
    ],
)
def test_the_vintage_is_the_newest_known_before_the_close_it_meets(
    known: list[datetime], vintage: int, trading_day: int | None
) -> None:
    table = sector_table(monday(*known), CLOSES, ONE, "energy")
    row = table.iloc[0]
    assert (len(table), row["vintage"], row["risk_index"]) == (1, vintage, 50.0 + vintage)
    assert row["known_at"] == known[vintage - 1]
    assert row["knowable_at"] == at(4, 0)
    if trading_day is None:
        assert row[["trading_day", "level"]].isna().all()
    else:
        assert row["trading_day"].day == trading_day
        assert row["known_at"] < row["closes_at"]


def test_no_later_revision_changes_a_row() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        hours = np.sort(rng.uniform(24.5, 200, rng.integers(1, 8)))
        moments = [at(3, 0) + pd.Timedelta(hours=float(h)) for h in hours]
        whole = sector_table(monday(*moments), CLOSES, ONE, "energy")
        met = whole["closes_at"].iloc[0]
        if pd.isna(met):
            continue
        known = [m for m in moments if m < met]
        pd.testing.assert_frame_equal(whole, sector_table(monday(*known), CLOSES, ONE, "energy"))


def test_no_days_give_no_rows() -> None:
    none = monday(at(4, 1)).iloc[:0]
    for closes in (CLOSES, closes_to_frame([])):
        assert sector_table(none, closes, ONE, "energy").empty
