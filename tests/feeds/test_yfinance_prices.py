from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import yfinance
from yfinance.config import YfConfig
from yfinance.data import YfData

from risk_service.core.sectors import Member
from risk_service.feeds.price_contract import PriceReading
from risk_service.feeds.yfinance_prices import PAUSES, YahooPrices
from tests.yahoo_wire import DOWN, TOO_MANY, Chart, Reply, YahooWire, serve_yahoo

MEMBERS = {
    member.ticker: member
    for member in (
        Member("XOM", "XNYS", "USD"),
        Member("CVX", "XNYS", "USD"),
        Member("LMT", "XNYS", "USD"),
        Member("CL=F", "NYMEX", "USD"),
        Member("RHM.DE", "XETR", "EUR"),
        Member("BA.L", "XLON", "GBP", "pence"),
        Member("^VIX", "XCBF", "USD"),
    )
}
MON, TUE, WED = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)
LATER = datetime(2025, 3, 10, tzinfo=UTC)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[YahooWire]:
    yfinance.set_tz_cache_location(str(tmp_path))
    with serve_yahoo() as wire:
        yield wire


def read(
    wire: YahooWire,
    *tickers: str,
    now: datetime = LATER,
    start: date = MON,
    end: date = WED,
    pauses: list[float] | None = None,
) -> PriceReading:
    waited = [] if pauses is None else pauses
    provider = YahooPrices(MEMBERS, wire.url, timeout=5, pause=waited.append)
    return provider.closes(tickers, start, end, now)


def days(reading: PriceReading) -> list[date]:
    return [close.trading_day for close in reading.closes]


def test_close_and_adj_close_are_both_kept(wire: YahooWire) -> None:
    wire.charts["XOM"] = Chart({MON: (110.5, 108.25), TUE: (111.5, 109.25)})
    reading = read(wire, "XOM")
    assert [(c.trading_day, c.close, c.adj_close) for c in reading.closes] == [
        (MON, 110.5, 108.25),
        (TUE, 111.5, 109.25),
    ]
    first = reading.closes[0]
    assert first.closes_at == datetime(2025, 3, 3, 21, tzinfo=UTC)
    assert (first.currency, first.provider, first.simulated) == ("USD", "yfinance", False)
    assert first.fetched_at == LATER
    assert reading.failures == {}


def test_one_request_a_ticker_goes_to_the_base_address(wire: YahooWire) -> None:
    wire.charts["^VIX"] = Chart({MON: (20.0, 20.0)})
    assert read(wire, "^VIX").closes[0].closes_at == datetime(2025, 3, 3, 21, 15, tzinfo=UTC)
    assert wire.chart_requests("^VIX") == 1
    assert "/v1/test/getcrumb" in wire.asked


def test_both_ends_of_the_span_are_included_and_nothing_else(wire: YahooWire) -> None:
    bars = {MON + timedelta(days=n): (100.0 + n, 100.0 + n) for n in range(5)}
    wire.charts["XOM"] = Chart(bars)
    assert days(read(wire, "XOM", start=TUE, end=WED)) == [TUE, WED]


def test_the_bar_of_a_day_that_is_not_over_is_left_out(wire: YahooWire) -> None:
    wire.charts["XOM"] = Chart({MON: (110.0, 110.0), TUE: (111.0, 111.0)})
    during = datetime(2025, 3, 4, 20, 59, tzinfo=UTC)
    assert days(read(wire, "XOM", now=during)) == [MON]
    assert days(read(wire, "XOM", now=datetime(2025, 3, 4, 21, 29, tzinfo=UTC))) == [MON]
    assert days(read(wire, "XOM", now=datetime(2025, 3, 4, 21, 30, tzinfo=UTC))) == [MON, TUE]


def test_a_future_is_final_when_its_evening_comes(wire: YahooWire) -> None:
    wire.charts["CL=F"] = Chart({TUE: (68.0, 68.0)}, opens=time(0))
    assert days(read(wire, "CL=F", now=datetime(2025, 3, 4, 22, tzinfo=UTC))) == []
    reading = read(wire, "CL=F", now=datetime(2025, 3, 4, 23, tzinfo=UTC))
    assert reading.closes[0].closes_at == datetime(2025, 3, 4, 19, 30, tzinfo=UTC)


def test_pence_become_pounds(wire: YahooWire) -> None:
    wire.charts["BA.L"] = Chart({MON: (1512.5, 1500.0)}, "GBp", "Europe/London", time(8))
    (close,) = read(wire, "BA.L").closes
    assert (close.close, close.adj_close, close.currency) == (15.125, 15.0, "GBP")
    assert close.closes_at == datetime(2025, 3, 3, 16, 30, tzinfo=UTC)


def test_pounds_stay_pounds_where_yahoo_says_so(wire: YahooWire) -> None:
    wire.charts["BA.L"] = Chart({MON: (15.125, 15.0)}, "GBP", "Europe/London", time(8))
    assert read(wire, "BA.L").closes[0].close == 15.125


def test_another_currency_is_a_failure(wire: YahooWire) -> None:
    wire.charts["RHM.DE"] = Chart({MON: (900.0, 900.0)}, "USD", "Europe/Berlin", time(9))
    reading = read(wire, "RHM.DE")
    assert reading.closes == []
    assert "EUR is configured" in reading.failures["RHM.DE"]


def test_a_negative_close_is_a_close(wire: YahooWire) -> None:
    day = date(2020, 4, 20)
    wire.charts["CL=F"] = Chart({day: (-37.63, -37.63)}, opens=time(0))
    (close,) = read(wire, "CL=F", start=day, end=day).closes
    assert close.close == -37.63


@pytest.mark.parametrize("odd", [None, "-Infinity", "NaN"])
def test_a_price_that_is_no_number_is_set_aside(wire: YahooWire, odd: object) -> None:
    wire.charts["XOM"] = Chart({MON: (110.0, odd), TUE: (111.0, 111.0)})
    reading = read(wire, "XOM")
    assert days(reading) == [TUE]
    (row,) = reading.set_aside
    assert (row.origin, row.locator) == ("prices:yfinance", "chart of XOM, 2025-03-03")
    assert "not a number" in row.reason


def test_a_bar_on_a_day_without_trading_is_set_aside(wire: YahooWire) -> None:
    sunday = date(2025, 3, 2)
    wire.charts["XOM"] = Chart({sunday: (110.0, 110.0), MON: (111.0, 111.0)})
    reading = read(wire, "XOM", start=sunday)
    assert days(reading) == [MON]
    assert "no trading day of XNYS" in reading.set_aside[0].reason


def test_a_dead_ticker_fails_alone_and_with_yahoos_reason(wire: YahooWire) -> None:
    wire.charts["XOM"] = Chart({MON: (110.0, 110.0)})
    reading = read(wire, "CVX", "XOM")
    assert days(reading) == [MON]
    assert "No data found, symbol may be delisted" in reading.failures["CVX"]
    assert list(reading.failures) == ["CVX"]


def test_an_empty_answer_is_a_failure(wire: YahooWire) -> None:
    wire.charts["XOM"] = Chart({})
    assert "no price data found" in read(wire, "XOM").failures["XOM"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>please agree</html>", "text/html"),
        Reply(200, b'{"chart":{"result":[{"meta"'),
        Reply(200, b"{}"),
        Reply(200, b""),
        DOWN,
    ],
)
def test_a_reply_in_another_format_is_a_failure_of_that_ticker(
    wire: YahooWire, reply: Reply
) -> None:
    wire.charts["XOM"] = wire.charts["CVX"] = Chart({MON: (110.0, 110.0)})
    wire.scripts["CVX"] = [reply, reply]
    reading = read(wire, "CVX", "XOM")
    assert days(reading) == [MON]
    assert reading.failures["CVX"]


@pytest.mark.parametrize("missing", ["timestamp", "currency", "exchangeTimezoneName"])
def test_a_reply_with_a_hole_never_raises(wire: YahooWire, missing: str) -> None:
    wire.charts["XOM"] = Chart({MON: (110.0, 110.0)}, drop=(missing,))
    reading = read(wire, "XOM")
    assert reading.closes == []
    assert missing in reading.failures["XOM"]


def test_a_refusal_that_passes_is_waited_out(wire: YahooWire) -> None:
    wire.charts["XOM"] = Chart({MON: (110.0, 110.0)})
    wire.scripts["XOM"] = [TOO_MANY, TOO_MANY]  # yfinance itself asks twice
    pauses: list[float] = []
    assert days(read(wire, "XOM", pauses=pauses)) == [MON]
    assert pauses == [PAUSES[0]]


def test_a_refusal_that_lasts_is_bounded_and_the_rest_are_not_asked(wire: YahooWire) -> None:
    wire.always = TOO_MANY
    pauses: list[float] = []
    reading = read(wire, "XOM", "CVX", "LMT", "^VIX", pauses=pauses)
    assert reading.closes == []
    assert "Rate limited" in reading.failures["XOM"]
    assert "Rate limited" in reading.failures["CVX"]
    assert "not asked" in reading.failures["LMT"]
    assert "not asked" in reading.failures["^VIX"]
    assert pauses == [*PAUSES, *PAUSES]
    assert wire.chart_requests("LMT") == 0


def test_a_failure_does_not_stick(wire: YahooWire) -> None:
    wire.always = TOO_MANY
    read(wire, "XOM")
    wire.always = None
    assert "No data found" in read(wire, "XOM").failures["XOM"]
    wire.charts["XOM"] = Chart({MON: (110.0, 110.0)})
    assert days(read(wire, "XOM")) == [MON]


def test_an_address_nobody_answers_at_is_a_failure() -> None:
    provider = YahooPrices(MEMBERS, "http://127.0.0.1:9", timeout=1, pause=lambda _: None)
    reading = provider.closes(["XOM", "CVX", "LMT"], MON, WED, LATER)
    assert "ConnectionError" in reading.failures["XOM"]
    assert "not asked" in reading.failures["LMT"]


def test_a_name_that_does_not_resolve_is_a_failure() -> None:
    provider = YahooPrices(MEMBERS, "http://no.such.host.invalid", 1, lambda _: None)
    assert "DNSError" in provider.closes(["XOM"], MON, WED, LATER).failures["XOM"]


def test_a_ticker_that_is_not_configured_is_a_failure(wire: YahooWire) -> None:
    assert "not among the configured" in read(wire, "TSLA").failures["TSLA"]
    assert wire.asked == []


def test_nothing_is_logged_warned_or_printed(
    wire: YahooWire, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    wire.charts["XOM"] = Chart({MON: (110.0, 110.0)})
    with warnings.catch_warnings(), caplog.at_level(logging.DEBUG):
        warnings.simplefilter("error")
        reading = read(wire, "XOM", "CVX")
    assert days(reading) == [MON]
    assert [record for record in caplog.records if record.name == "yfinance"] == []
    assert capfd.readouterr() == ("", "")


def test_yfinances_settings_are_as_before(wire: YahooWire) -> None:
    level = logging.getLogger("yfinance").level
    read(wire, "XOM")
    assert YfConfig.debug.hide_exceptions is True
    assert YfData.cache_get.cache_info().currsize == 0
    assert logging.getLogger("yfinance").level == level
