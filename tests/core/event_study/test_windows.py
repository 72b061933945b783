"""Where events meet markets: one second decides, and windows of different events never meet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from risk_service.core.event_study import Asset, Overlap, Study, run_study
from risk_service.feeds.calendars import closes_on, trading_days

SECOND = timedelta(seconds=1)
SHORT = Study(-1, 2, estimation=40, least=30, gap=5, controls=(), draws=99)


def asset_of(calendar: str, end: date, name: str = "", days: int = 120, seed: int = 1) -> Asset:
    """Random returns on the last trading days of an exchange up to ``end``."""
    listed = trading_days(calendar, end - timedelta(days=2 * days), end)[-days:]
    returns = np.random.default_rng(seed).normal(0, 0.01, days)
    index = pd.DatetimeIndex(pd.to_datetime(listed)).as_unit("ns")
    closes_at = closes_on(calendar, listed)
    controls = pd.DataFrame(index=index)
    return Asset(name or calendar, index, closes_at, closes_at, returns, controls)


@pytest.mark.parametrize(
    ("calendar", "day", "closes_at", "next_day"),
    [
        ("XNYS", date(2025, 2, 14), "2025-02-14T21:00Z", date(2025, 2, 18)),  # Presidents' Day
        ("XNYS", date(2025, 8, 15), "2025-08-15T20:00Z", date(2025, 8, 18)),
        ("XNYS", date(2024, 11, 29), "2024-11-29T18:00Z", date(2024, 12, 2)),  # half day
        ("XETR", date(2025, 2, 14), "2025-02-14T16:30Z", date(2025, 2, 17)),
        ("XLON", date(2024, 12, 24), "2024-12-24T12:30Z", date(2024, 12, 27)),  # half day
        ("NYMEX", date(2025, 2, 14), "2025-02-14T19:30Z", date(2025, 2, 17)),
        ("XCBF", date(2025, 2, 14), "2025-02-14T21:15Z", date(2025, 2, 18)),
    ],
)
def test_one_second_around_the_close_moves_the_window(
    calendar: str, day: date, closes_at: str, next_day: date
) -> None:
    asset = asset_of(calendar, next_day + timedelta(days=12))
    close = datetime.fromisoformat(closes_at)
    before, at, after = (
        run_study([moment], [asset], SHORT) for moment in (close - SECOND, close, close + SECOND)
    )
    assert before.pairs["trading_day"].tolist() == [pd.Timestamp(day)]
    assert before.pairs["closes_at"].tolist() == [pd.Timestamp(close)]
    for later in (at, after):
        assert later.pairs["trading_day"].tolist() == [pd.Timestamp(next_day)]
        # The window is one trading day further on: what was day 1 is now day 0.
        row = int(asset.days.get_loc(pd.Timestamp(next_day)))
        assert later.pairs["over_at"].tolist() == [asset.closes_at[row + 2]]
        assert before.pairs["over_at"].tolist() == [asset.closes_at[row + 1]]
        assert later.pairs["alpha"].item() != before.pairs["alpha"].item()
    mean = before.pairs["alpha"].item()
    row = int(asset.days.get_loc(pd.Timestamp(day)))
    assert before.ar[0] == pytest.approx(asset.returns[row - 1 : row + 3] - mean)


def test_each_market_has_its_own_day_zero() -> None:
    assets = [asset_of(name, date(2025, 3, 10)) for name in ("XETR", "XNYS")]
    evening = datetime(2025, 2, 20, 18, tzinfo=UTC)
    pairs = run_study([evening], assets, SHORT).pairs.set_index("asset")
    assert pairs.loc["XNYS", "trading_day"] == pd.Timestamp("2025-02-20")
    assert pairs.loc["XETR", "trading_day"] == pd.Timestamp("2025-02-21")


def study_of(rows: list[int], overlap: Overlap) -> tuple[list[int], dict[int, str]]:
    """Positions used and reasons of the rest, for events an hour before the closes of ``rows``."""
    asset = asset_of("XNYS", date(2025, 6, 30), days=150)
    study = Study(-1, 2, estimation=40, least=30, gap=5, controls=(), draws=99, overlap=overlap)
    moments = [asset.closes_at[row] - pd.Timedelta(hours=1) for row in rows]
    result = run_study(moments, [asset], study)
    assert result.given == len(rows) == result.used + len(result.dropped)
    reasons = dict(zip(result.dropped["event"], result.dropped["reason"], strict=True))
    return result.pairs["event"].tolist(), reasons


def test_an_event_in_the_window_of_another_joins_it() -> None:
    # The window has four days: events on rows 100 and 103 share a day, 100 and 104 do not.
    used, reasons = study_of([104, 100, 103, 130], "merge")
    assert used == [1, 0, 3]
    assert reasons == {2: "merged with event 1"}


def test_what_joined_does_not_stretch_the_window() -> None:
    used, reasons = study_of([100, 103, 106], "merge")
    assert used == [0, 2]
    assert reasons == {1: "merged with event 0"}


def test_all_that_overlap_can_be_dropped() -> None:
    used, reasons = study_of([100, 103, 106, 110, 113, 117], "drop")
    assert used == [5]
    assert set(reasons) == {0, 1, 2, 3, 4}
    assert set(reasons.values()) == {"its window overlaps another event's"}


def test_reports_of_one_day_are_one_event_either_way() -> None:
    for overlap in ("merge", "drop"):
        used, reasons = study_of([100, 100, 100, 120], overlap)
        assert used == [0, 3]
        assert set(reasons.values()) == {"merged with event 0"}


def test_events_that_share_a_day_on_one_market_alone_are_one_everywhere() -> None:
    """18:00 and 22:00 UTC are one XETR day and two XNYS days."""
    assets = [asset_of(name, date(2025, 3, 10)) for name in ("XETR", "XNYS")]
    one = Study(0, 0, estimation=40, least=30, gap=5, controls=(), draws=99)
    moments = [datetime(2025, 2, 19, hour, tzinfo=UTC) for hour in (18, 22)]
    result = run_study(moments, assets, one)
    assert result.pairs["event"].tolist() == [0, 0]
    assert result.dropped["reason"].tolist() == ["merged with event 0"]
    assert run_study(moments, assets[1:], one).used == 2
    dropped = Study(0, 0, estimation=40, least=30, gap=5, controls=(), draws=99, overlap="drop")
    assert run_study(moments, assets, dropped).used == 0


def test_an_event_before_a_hole_in_the_prices_meets_no_close() -> None:
    whole = asset_of("XNYS", date(2025, 6, 30), days=150)
    kept = np.r_[0:100, 108:150]
    at = whole.closes_at[kept]
    asset = Asset("HOLE", whole.days[kept], at, at, whole.returns[kept], whole.controls.iloc[kept])
    moments = [whole.closes_at[99], whole.closes_at[149], pd.NaT]
    result = run_study(moments, [asset], SHORT)
    assert result.used == 0
    assert set(result.dropped["reason"]) == {"no close of any asset within seven days after it"}
    both = run_study(moments[:1], [asset, whole], SHORT)
    assert both.pairs["asset"].tolist() == ["XNYS"]
    assert both.dropped[["asset", "reason"]].values.tolist() == [
        ["HOLE", "no close of the asset within seven days after it"]
    ]
