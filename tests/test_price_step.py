from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
import yfinance
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from risk_service.core.event_study import ticker_asset
from risk_service.core.sectors import Member, Sectors
from risk_service.errors import PriceError
from risk_service.feeds.price_contract import PriceReading
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.feeds.sector_file import load_sectors
from risk_service.feeds.yfinance_prices import YahooPrices
from risk_service.price_step import PriceStep, refresh_prices
from risk_service.store.engine import reading, writing
from risk_service.store.feeds import cursor_of
from risk_service.store.prices import SavedCloses, latest_closes, newest_close
from risk_service.store.tables import closes, feeds, set_aside
from tests.prices import a_close, weekdays
from tests.yahoo_wire import TOO_MANY, Chart, YahooWire, serve_yahoo

SECTORS = Sectors(
    {"energy": (Member("XOM", "XNYS", "USD"), Member("CVX", "XNYS", "USD"))},
    (Member("SPY", "XNYS", "USD"),),
    "SPY",
)
SINCE = date(2025, 2, 3)
NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
DAYS = [day for day in weekdays(SINCE, 30) if day != date(2025, 2, 17)]


class Scripted:
    """A provider of prices that the test sets; it recalls what it was asked."""

    name = "scripted"
    simulated = False

    def __init__(self) -> None:
        self.prices: dict[str, dict[date, float]] = {}
        self.asked: list[tuple[tuple[str, ...], date]] = []
        self.refused: tuple[str, date] | None = None

    def closes(self, tickers: Sequence[str], start: date, end: date, now: datetime) -> PriceReading:
        self.asked.append((tuple(tickers), start))
        reading = PriceReading()
        for ticker in tickers:
            if ticker not in self.prices or self.refused == (ticker, start):
                reading.failures[ticker] = "has no prices"
                continue
            for day, price in self.prices[ticker].items():
                if start <= day <= end:
                    reading.closes.append(a_close(ticker, day, 100.0, price, fetched_at=now))
        return reading


@pytest.fixture
def provider() -> Scripted:
    provider = Scripted()
    before = [day for day in DAYS if day < NOW.date()]
    provider.prices = {t: dict.fromkeys(before, 100.0) for t in ("XOM", "CVX", "SPY")}
    return provider


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[YahooWire]:
    yfinance.set_tz_cache_location(str(tmp_path))
    with serve_yahoo() as wire:
        yield wire


def refresh(engine: Engine, provider: Scripted, now: datetime = NOW) -> PriceStep:
    return refresh_prices(engine, provider, SECTORS, now, SINCE)


def adjusted(engine: Engine, ticker: str, as_of: datetime | None = None) -> list[float]:
    with reading(engine) as conn:
        frame = latest_closes(conn, [ticker], SINCE, date(2030, 1, 1), as_of, simulated=False)
    return frame["adj_close"].tolist()


def on_record(engine: Engine, name: str) -> tuple[object, ...]:
    with reading(engine) as conn:
        row = conn.execute(select(feeds).where(feeds.c.name == name)).one()
    return row.attempted_at, row.succeeded_at, row.failures


def test_the_first_refresh_reads_everything_and_the_next_nothing_new(
    engine: Engine, provider: Scripted
) -> None:
    first = refresh(engine, provider)
    assert first.saved == SavedCloses(added=3 * 21)
    assert provider.asked == [(("XOM", "CVX", "SPY"), SINCE)]
    again = refresh(engine, provider)
    assert (again.saved.added, again.saved.revised, again.rebased) == (0, 0, ())
    assert provider.asked[1] == (("XOM", "CVX", "SPY"), date(2025, 2, 27))
    assert on_record(engine, "prices:scripted") == (NOW, NOW, 0)


def test_a_new_day_is_added_and_a_corrected_one_revised(
    sqlite_engine: Engine, provider: Scripted
) -> None:
    refresh(sqlite_engine, provider)
    provider.prices["XOM"][date(2025, 3, 4)] = 101.0
    provider.prices["XOM"][date(2025, 3, 5)] = 102.0
    later = NOW + timedelta(days=1)
    step = refresh(sqlite_engine, provider, later)
    assert (step.saved.added, step.saved.revised, step.rebased) == (1, 1, ())
    assert adjusted(sqlite_engine, "XOM")[-2:] == [101.0, 102.0]
    assert adjusted(sqlite_engine, "XOM", NOW)[-1] == 100.0


def test_a_dividend_changes_the_whole_history_and_makes_no_false_return(
    sqlite_engine: Engine, provider: Scripted
) -> None:
    refresh(sqlite_engine, provider)
    provider.prices["XOM"] = dict.fromkeys(provider.prices["XOM"], 99.0)
    provider.prices["XOM"][date(2025, 3, 5)] = 100.0
    later = NOW + timedelta(days=1)
    step = refresh(sqlite_engine, provider, later)
    assert step.rebased == ("XOM",)
    assert provider.asked[-1] == (("XOM",), SINCE)
    assert adjusted(sqlite_engine, "XOM") == [99.0] * 21 + [100.0]
    assert adjusted(sqlite_engine, "XOM", NOW) == [100.0] * 21
    assert refresh(sqlite_engine, provider, later).rebased == ()


def test_a_history_that_cannot_be_read_again_keeps_the_old_basis_until_it_can(
    sqlite_engine: Engine, provider: Scripted
) -> None:
    refresh(sqlite_engine, provider)
    provider.prices["XOM"] = dict.fromkeys([*provider.prices["XOM"], date(2025, 3, 5)], 99.0)
    provider.refused = ("XOM", SINCE)
    later = NOW + timedelta(days=1)
    step = refresh(sqlite_engine, provider, later)
    assert step.failures == {"XOM": "has no prices"}
    assert adjusted(sqlite_engine, "XOM") == [100.0] * 21
    provider.refused = None
    refresh(sqlite_engine, provider, later)
    assert adjusted(sqlite_engine, "XOM") == [99.0] * 22


def test_a_ticker_that_fails_is_told_and_asked_again_from_where_it_stood(
    sqlite_engine: Engine, provider: Scripted
) -> None:
    kept = provider.prices.pop("CVX")
    step = refresh(sqlite_engine, provider)
    assert step.failures == {"CVX": "has no prices"}
    assert on_record(sqlite_engine, "prices:scripted") == (NOW, NOW, 0)
    with reading(sqlite_engine) as conn:
        assert cursor_of(conn, "prices:scripted") == {"failures": step.failures}
    provider.prices["CVX"] = kept
    later = NOW + timedelta(hours=1)
    assert refresh(sqlite_engine, provider, later).saved.added == 21
    assert (("CVX",), SINCE) in provider.asked


def test_a_provider_without_any_answer_is_a_failure_on_record(
    engine: Engine, provider: Scripted
) -> None:
    refresh(engine, provider)
    provider.prices = {}
    for n in (1, 2):
        later = NOW + timedelta(hours=n)
        with pytest.raises(PriceError, match="scripted answered for none of 3 tickers; XOM"):
            refresh(engine, provider, later)
        assert on_record(engine, "prices:scripted") == (later, NOW, n)
    assert len(adjusted(engine, "XOM")) == 21


def test_the_sample_fills_every_sector_with_simulated_closes(sqlite_engine: Engine) -> None:
    sectors = load_sectors()
    sample = SamplePrices(sectors.instruments)
    refresh_prices(sqlite_engine, sample, sectors, NOW, SINCE)
    later = NOW + timedelta(days=7)
    step = refresh_prices(sqlite_engine, sample, sectors, later, SINCE)
    assert step.failures == {} and step.saved.revised == 0 and step.rebased == ()
    assert step.saved.added > 60
    with reading(sqlite_engine) as conn:
        assert set(newest_close(conn, simulated=True)) == set(sectors.instruments)
        assert newest_close(conn, simulated=False) == {}


def test_yahoos_closes_come_over_the_wire_into_the_store(
    sqlite_engine: Engine, wire: YahooWire
) -> None:
    bars = {day: (100.0 + n, 99.0 + n) for n, day in enumerate(DAYS)}
    wire.charts = {"XOM": Chart(bars), "SPY": Chart(bars)}
    provider = YahooPrices(SECTORS.instruments, wire.url, 5, lambda _: None)
    step = refresh_prices(sqlite_engine, provider, SECTORS, NOW, SINCE)
    assert step.saved.added == 42
    assert "No data found" in step.failures["CVX"]
    assert adjusted(sqlite_engine, "XOM")[-1] == 119.0
    wire.always = TOO_MANY
    with pytest.raises(PriceError, match="Rate limited"):
        refresh_prices(sqlite_engine, provider, SECTORS, NOW + timedelta(hours=1), SINCE)
    wire.always = None
    later = datetime(2025, 3, 5, 21, 30, tzinfo=UTC)
    assert refresh_prices(sqlite_engine, provider, SECTORS, later, SINCE).saved.added == 2


def test_oil_below_zero_goes_from_the_wire_to_two_unknown_returns(
    sqlite_engine: Engine, wire: YahooWire
) -> None:
    """20 April 2020, kept as it was settled, adjusted and raw apart, at NYMEX's own hour."""
    days = [date(2020, 4, day) for day in (16, 17, 20, 21, 22)]
    bars = dict(zip(days, [(p, p) for p in (19.87, 18.27, -37.63, 10.01, 13.78)], strict=True))
    wire.charts = {"CL=F": Chart(bars, opens=time(0)), "SPY": Chart(bars)}
    oil = Member("CL=F", "NYMEX", "USD")
    sectors = Sectors({"energy": (oil,)}, (Member("SPY", "XNYS", "USD"),), "SPY")
    provider = YahooPrices(sectors.instruments, wire.url, 5, lambda _: None)
    refresh_prices(sqlite_engine, provider, sectors, datetime(2020, 4, 23, tzinfo=UTC), days[0])
    with reading(sqlite_engine) as conn:
        kept = latest_closes(conn, ["CL=F"], days[0], days[-1], simulated=False)
    assert kept["close"].tolist() == [19.87, 18.27, -37.63, 10.01, 13.78]
    assert set(kept["closes_at"].dt.strftime("%H:%M")) == {"18:30"}
    returns = ticker_asset(kept, "CL=F").returns
    assert np.isnan(returns).tolist() == [True, False, True, True, False]


def test_every_close_that_is_kept_names_its_provider_and_when_it_was_fetched(
    engine: Engine, provider: Scripted
) -> None:
    refresh(engine, provider)
    provider.prices["XOM"][date(2025, 3, 4)] = 101.0
    later = NOW + timedelta(days=1)
    refresh(engine, provider, later)
    with reading(engine) as conn:
        rows = conn.execute(select(closes)).all()
    assert {(row.provider, row.fetched_at) for row in rows} == {
        ("test", NOW),
        ("test", later),
    }
    for name in ("provider", "fetched_at"):
        nameless = {**rows[0]._mapping, "trading_day": date(2025, 3, 6), name: None}
        with pytest.raises(IntegrityError), writing(engine) as conn:
            conn.execute(closes.insert().values(nameless))


def test_rows_that_are_no_closes_are_put_aside_once(sqlite_engine: Engine, wire: YahooWire) -> None:
    wire.charts = {t: Chart(dict.fromkeys(DAYS, (100.0, 100.0))) for t in SECTORS.instruments}
    wire.charts["XOM"] = Chart({**wire.charts["XOM"].bars, date(2025, 3, 4): (None, None)})
    provider = YahooPrices(SECTORS.instruments, wire.url, 5, lambda _: None)
    for n in range(2):
        now = NOW + timedelta(hours=n)
        assert refresh_prices(sqlite_engine, provider, SECTORS, now, SINCE).set_aside == 1
    with reading(sqlite_engine) as conn:
        (row,) = conn.execute(select(set_aside)).all()
    assert (row.origin, row.locator) == ("prices:yfinance", "chart of XOM, 2025-03-04")


def test_a_close_of_the_future_is_never_asked_for(
    sqlite_engine: Engine, provider: Scripted
) -> None:
    provider.prices["XOM"][date(2025, 3, 6)] = 1.0
    refresh(sqlite_engine, provider)
    assert len(adjusted(sqlite_engine, "XOM")) == 21
