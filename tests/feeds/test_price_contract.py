from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from risk_service.core.sectors import Member
from risk_service.feeds.price_contract import (
    Origin,
    PriceReading,
    known_members,
    to_closes,
)

XOM = Member("XOM", "XNYS", "USD")
BAE = Member("BA.L", "XLON", "GBP", "pence")
NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
ORIGIN = Origin("test", False, NOW)


def rows(*values: tuple[str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(list(values), columns=["day", "close", "adj_close"])
    return frame.assign(
        day=pd.to_datetime(frame["day"]), locator=[f"row {n}" for n in range(len(frame))]
    )


def test_rows_become_closes_in_utc() -> None:
    closes, aside = to_closes(XOM, rows(("2025-03-03", 110.0, 108.0)), ORIGIN)
    (close,) = closes
    assert (close.trading_day, close.close, close.adj_close) == (date(2025, 3, 3), 110.0, 108.0)
    assert close.closes_at == datetime(2025, 3, 3, 21, tzinfo=UTC)
    assert (close.fetched_at, close.provider, close.simulated) == (NOW, "test", False)
    assert aside == []


@pytest.mark.parametrize(
    ("currency", "expected"), [(None, 15.0), ("GBp", 15.0), ("GBX", 15.0), ("GBP", 1500.0)]
)
def test_the_source_says_what_it_counts_in_or_else_the_configuration(
    currency: str | None, expected: float
) -> None:
    closes, _ = to_closes(BAE, rows(("2025-03-03", 1500.0, 1500.0)), ORIGIN, currency)
    assert closes[0].close == closes[0].adj_close == expected
    assert closes[0].currency == "GBP"


def test_another_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="prices are in EUR, GBP is configured"):
        to_closes(BAE, rows(("2025-03-03", 1500.0, 1500.0)), ORIGIN, "EUR")


def test_a_day_that_is_not_over_is_neither_a_close_nor_set_aside() -> None:
    today = rows(("2025-03-04", 1.0, 1.0), ("2025-03-05", 2.0, 2.0), ("2025-03-06", 3.0, 3.0))
    closes, aside = to_closes(XOM, today, ORIGIN)
    assert [close.close for close in closes] == [1.0]
    assert aside == []


def test_a_day_closes_at_its_very_moment() -> None:
    moment = datetime(2025, 3, 4, 21, tzinfo=UTC)
    bars = rows(("2025-03-04", 1.0, 1.0))
    assert len(to_closes(XOM, bars, Origin("test", False, moment))[0]) == 1
    later = pd.DatetimeIndex([moment + pd.Timedelta(seconds=1)])
    assert to_closes(XOM, bars, Origin("test", False, moment), None, later)[0] == []


def test_what_is_no_price_or_no_trading_day_is_set_aside_with_its_place() -> None:
    bad = rows(
        ("2025-03-01", 1.0, 1.0),
        ("2025-03-03", float("nan"), 1.0),
        ("2025-03-04", 1.0, float("inf")),
    )
    closes, aside = to_closes(XOM, bad, ORIGIN)
    assert closes == []
    assert [row.locator for row in aside] == ["row 0", "row 1", "row 2"]
    assert "no trading day of XNYS" in aside[0].reason
    assert aside[1].raw == "2025-03-03,nan,1.0"
    assert {row.origin for row in aside} == {"prices:test"}


def test_a_ticker_nobody_configured_is_a_failure() -> None:
    reading = PriceReading()
    assert known_members({"XOM": XOM}, ["TSLA", "XOM"], reading) == [XOM]
    assert list(reading.failures) == ["TSLA"]
