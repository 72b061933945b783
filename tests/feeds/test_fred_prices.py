from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import pytest

from risk_service.core.sectors import Member
from risk_service.feeds.fred_prices import FredPrices
from risk_service.feeds.price_contract import PriceReading
from tests.wire import Reply, Wire

START, END = date(2025, 3, 3), date(2025, 3, 7)
NOW = datetime(2025, 3, 7, 12, tzinfo=UTC)
INSTRUMENTS = {
    "^VIX": Member("^VIX", "XCBF", "USD"),
    "DCOILWTICO": Member("DCOILWTICO", "NYMEX", "USD"),
    "DCOILBRENTEU": Member("DCOILBRENTEU", "XLON", "USD"),
    "CL=F": Member("CL=F", "NYMEX", "USD"),
    "XOM": Member("XOM", "XNYS", "USD"),
}
VIX = b"observation_date,VIXCLS\n2025-03-03,22.78\n2025-03-04,\n2025-03-05,21.93\n"
WTI = b"DATE,DCOILWTICO\n2025-03-03,68.62\n2025-03-04,67.86\n2025-03-08,1\n"


def path(series: str) -> str:
    return f"/graph/fredgraph.csv?id={series}&cosd={START}&coed={END}"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def ask(wire: Wire, tickers: Sequence[str]) -> PriceReading:
    provider = FredPrices(INSTRUMENTS, wire.url, 5.0)
    return provider.closes(tickers, START, END, NOW)


def test_closes_come_over_the_wire_in_both_forms(wire: Wire) -> None:
    wire.route(path("VIXCLS"), Reply(VIX))
    wire.route(path("DCOILWTICO"), Reply(WTI))
    reading = ask(wire, ["^VIX", "DCOILWTICO"])
    found = [(c.ticker, c.trading_day.day, c.close, c.adj_close) for c in reading.closes]
    assert found == [
        ("^VIX", 3, 22.78, 22.78), ("^VIX", 5, 21.93, 21.93),
        ("DCOILWTICO", 3, 68.62, 68.62), ("DCOILWTICO", 4, 67.86, 67.86),
    ]  # fmt: skip
    assert {(c.provider, c.simulated, c.fetched_at) for c in reading.closes} == {
        ("fred", False, NOW)
    }
    assert reading.closes[0].closes_at == datetime(2025, 3, 3, 21, 15, tzinfo=UTC)
    assert reading.closes[2].closes_at == datetime(2025, 3, 3, 19, 30, tzinfo=UTC)
    assert (reading.failures, reading.set_aside, reading.refusals) == ({}, [], [])


def test_futures_are_not_given_spot_prices(wire: Wire) -> None:
    reading = ask(wire, ["CL=F", "XOM"])
    assert "DCOILWTICO is a ticker of its own" in reading.failures["CL=F"]
    assert reading.failures["XOM"] == "FRED is not asked for it"
    assert wire.asked == []


def test_a_day_without_trading_is_set_aside(wire: Wire) -> None:
    saturday = VIX + b"2025-03-01,20\n"
    wire.route(path("VIXCLS").replace("2025-03-03", "2025-03-01"), Reply(saturday))
    provider = FredPrices(INSTRUMENTS, wire.url, 5.0)
    reading = provider.closes(["^VIX"], date(2025, 3, 1), END, NOW)
    assert [row.locator for row in reading.set_aside] == ["VIXCLS, 2025-03-01"]
    assert len(reading.closes) == 2


def test_a_page_with_status_200_is_a_failure_and_no_close(wire: Wire) -> None:
    wire.route(path("VIXCLS"), Reply(b"<html>maintenance</html>"))
    reading = ask(wire, ["^VIX"])
    assert reading.failures == {"^VIX": "VIXCLS: the answer is not FRED's CSV of it"}
    assert (reading.closes, reading.refusals) == ([], [])


def test_an_unknown_series_is_a_failure_of_its_own(wire: Wire) -> None:
    wire.route(path("DCOILWTICO"), Reply(WTI))
    reading = ask(wire, ["^VIX", "DCOILWTICO"])
    assert "404" in reading.failures["^VIX"]
    assert reading.refusals == []
    assert len(reading.closes) == 2


def test_a_refusal_is_told_with_the_wait_it_asks_for(wire: Wire) -> None:
    wire.route(path("VIXCLS"), Reply(b"slow down", 429, {"Retry-After": "600"}))
    reading = ask(wire, ["^VIX", "DCOILWTICO", "XOM"])
    (refusal,) = reading.refusals
    assert (refusal.wait, "429" in refusal.reason) == (600.0, True)
    assert reading.failures["DCOILWTICO"] == "was not asked for: FRED does not answer"
    assert len(wire.asked) == 1


def test_a_series_that_ends_before_the_span_is_a_failure(wire: Wire) -> None:
    wire.route(path("DCOILBRENTEU"), Reply(b"observation_date,DCOILBRENTEU\n"))
    reading = ask(wire, ["DCOILBRENTEU"])
    assert "no value of DCOILBRENTEU from 2025-03-03" in reading.failures["DCOILBRENTEU"]
