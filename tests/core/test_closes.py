from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest

from risk_service.core.closes import CLOSE_COLUMNS, check_one_kind, closes_to_frame
from tests.prices import a_close


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ticker": ""}, "ticker"),
        ({"ticker": "A" * 21}, "ticker"),
        ({"provider": ""}, "provider"),
        ({"trading_day": datetime(2025, 3, 3, tzinfo=UTC)}, "trading_day"),
        ({"close": float("nan")}, "close"),
        ({"close": float("inf")}, "close"),
        ({"adj_close": float("-inf")}, "adj_close"),
        ({"currency": "GBp"}, "currency"),
        ({"closes_at": datetime(2025, 3, 3, 21)}, "closes_at: has no time zone"),  # noqa: DTZ001
        ({"fetched_at": datetime(2025, 3, 4)}, "fetched_at: has no time zone"),  # noqa: DTZ001
        ({"fetched_at": datetime(2025, 3, 3, 20, 59, tzinfo=UTC)}, "closes_at: lies after"),
    ],
)
def test_a_bad_value_is_refused_by_name(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(a_close(), **change)


@pytest.mark.parametrize("price", [-37.63, 0.0])
def test_prices_of_zero_and_below_are_taken(price: float) -> None:
    assert a_close(close=price).close == price


def test_moments_become_utc() -> None:
    new_york = timezone(timedelta(hours=-5))
    close = replace(a_close(), closes_at=datetime(2025, 3, 3, 16, tzinfo=new_york))
    assert close.closes_at.isoformat() == "2025-03-03T21:00:00+00:00"


def test_a_frame_is_in_order_and_typed_even_without_rows() -> None:
    closes = [a_close("B"), a_close("A", date(2025, 3, 4)), a_close("A")]
    for frame in (closes_to_frame(closes), closes_to_frame([])):
        assert tuple(frame.columns) == CLOSE_COLUMNS
        assert str(frame["trading_day"].dtype) == "datetime64[ns]"
        assert str(frame["closes_at"].dtype) == "datetime64[ns, UTC]"
        assert frame["simulated"].dtype == bool
    frame = closes_to_frame(closes)
    assert frame["ticker"].tolist() == ["A", "A", "B"]
    assert frame["trading_day"].iloc[0] == pd.Timestamp("2025-03-03")


def test_kinds_do_not_mix_and_days_do_not_repeat() -> None:
    assert check_one_kind(closes_to_frame([a_close(simulated=True)])) is True
    assert check_one_kind(closes_to_frame([a_close()])) is False
    with pytest.raises(ValueError, match="simulated"):
        check_one_kind(closes_to_frame([a_close("A"), a_close("B", simulated=True)]))
    with pytest.raises(ValueError, match="twice"):
        check_one_kind(closes_to_frame([a_close(), a_close(close=101.0)]))
