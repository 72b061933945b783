from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from risk_service.core.closes import Close, check_one_kind, closes_to_frame
from risk_service.core.returns import log_returns
from risk_service.feeds.calendars import trading_days
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.feeds.sector_file import load_sectors

INSTRUMENTS = load_sectors().instruments
NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
WALK = 329.9311


def sample(start: date, end: date, *tickers: str, now: datetime = NOW) -> list[Close]:
    return SamplePrices(INSTRUMENTS).closes(tickers or ["XOM"], start, end, now).closes


def test_every_close_says_that_it_is_simulated() -> None:
    closes = sample(date(2025, 2, 1), NOW.date(), *INSTRUMENTS)
    assert {close.ticker for close in closes} == set(INSTRUMENTS)
    assert check_one_kind(closes_to_frame(closes)) is True
    assert {close.provider for close in closes} == {"sample"}


def test_a_ticker_and_day_have_one_price_wherever_the_walk_ends() -> None:
    whole = {c.trading_day: c.close for c in sample(date(2000, 1, 1), date(2025, 3, 4))}
    cut = sample(date(2010, 1, 1), date(2015, 12, 31))
    assert len(cut) > 1000
    assert all(whole[close.trading_day] == close.close for close in cut)


def test_the_walk_never_changes() -> None:
    # Fixed for good: stored walks of old installations must go on without a jump.
    (close,) = sample(date(2025, 3, 3), date(2025, 3, 3))
    assert close.close == pytest.approx(WALK, rel=1e-6)


def test_trading_days_are_the_calendars_and_today_is_left_out_until_it_closes() -> None:
    start, end = date(2025, 1, 1), date(2025, 3, 5)
    assert [c.trading_day for c in sample(start, end)] == trading_days("XNYS", start, end)[:-1]
    later = datetime(2025, 3, 5, 21, tzinfo=UTC)
    assert sample(start, end, now=later)[-1].trading_day == end


def test_tickers_walk_apart_but_share_a_market() -> None:
    closes = closes_to_frame(sample(date(2015, 1, 1), date(2025, 1, 1), "XOM", "LMT"))
    prices = closes.pivot(index="trading_day", columns="ticker", values="close")
    returns = prices.apply(log_returns).dropna()
    correlation = np.corrcoef(returns["XOM"], returns["LMT"])[0, 1]
    assert 0.1 < correlation < 0.5
    assert 0.01 < returns["XOM"].std() < 0.02
    assert abs(returns["XOM"].mean()) < 0.001
    assert (prices > 0).all().all()


def test_an_empty_span_or_an_unknown_ticker_gives_no_closes() -> None:
    assert sample(date(2025, 3, 1), date(2025, 3, 2)) == []
    assert sample(date(2031, 3, 1), date(2031, 4, 2)) == []
    reading = SamplePrices(INSTRUMENTS).closes(["TSLA"], date(2025, 1, 1), NOW.date(), NOW)
    assert list(reading.failures) == ["TSLA"]
