"""Providers in order of preference, and what refuses is left alone by every replica."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yfinance
from sqlalchemy import Engine, select

from risk_service.core.sectors import Member, Sectors
from risk_service.errors import PriceError
from risk_service.feeds.fred_prices import FredPrices
from risk_service.feeds.price_contract import PriceReading, Refusal
from risk_service.feeds.yfinance_prices import YahooPrices
from risk_service.price_chain import PriceChain
from risk_service.price_step import PriceStep, refresh_prices
from risk_service.store.breaker_table import breakers
from risk_service.store.engine import make_engine, reading
from risk_service.store.prices import latest_closes
from tests.house import check_rerunnable
from tests.prices import a_close, weekdays
from tests.wire import Reply, Wire
from tests.yahoo_wire import TOO_MANY, Chart, serve_yahoo

SECTORS = Sectors(
    {"energy": (Member("XOM", "XNYS", "USD"),)},
    (Member("SPY", "XNYS", "USD"), Member("^VIX", "XCBF", "USD")),
    "SPY",
)
SINCE = date(2025, 2, 24)
NOW = datetime(2025, 3, 5, 12, tzinfo=UTC)
DAYS = [day for day in weekdays(SINCE, 7) if day < NOW.date()]


class Scripted:
    """A provider that the test sets: a price for each ticker it knows, or a refusal."""

    simulated = False

    def __init__(self, name: str, prices: dict[str, float]) -> None:
        self.name, self.prices = name, prices
        self.refusal: Refusal | None = None
        self.asked: list[tuple[str, ...]] = []

    def closes(self, tickers: Sequence[str], start: date, end: date, now: datetime) -> PriceReading:
        self.asked.append(tuple(tickers))
        reading = PriceReading()
        if self.refusal:
            reading.refusals.append(self.refusal)
            reading.failures.update(dict.fromkeys(tickers, "refused"))
            return reading
        for ticker in tickers:
            if ticker not in self.prices:
                reading.failures[ticker] = "unknown"
                continue
            reading.closes.extend(
                a_close(ticker, day, self.prices[ticker], fetched_at=now, provider=self.name)
                for day in DAYS
                if start <= day <= end
            )
        return reading


def refresh(engine: Engine, *providers: Scripted, now: datetime = NOW) -> PriceStep:
    return refresh_prices(engine, PriceChain(engine, providers), SECTORS, now, SINCE)


def kept(engine: Engine, ticker: str, as_of: datetime | None = None) -> list[tuple[str, float]]:
    with reading(engine) as conn:
        frame = latest_closes(conn, [ticker], SINCE, NOW.date(), as_of, simulated=False)
    return list(zip(frame["provider"], frame["close"], strict=True))


def test_what_the_first_lacks_comes_from_the_next_and_says_so(engine: Engine) -> None:
    first = Scripted("first", {"XOM": 1.0, "SPY": 2.0})
    second = Scripted("second", {"SPY": 3.0, "^VIX": 4.0})
    step = refresh(engine, first, second)
    assert step.failures == {}
    assert second.asked == [("^VIX",)]
    assert kept(engine, "SPY") == [("first", 2.0)] * len(DAYS)
    assert kept(engine, "^VIX") == [("second", 4.0)] * len(DAYS)


def test_what_none_has_is_told_with_everyones_reason(sqlite_engine: Engine) -> None:
    step = refresh(sqlite_engine, Scripted("first", {"XOM": 1.0}), Scripted("second", {"SPY": 1.0}))
    assert step.failures == {"^VIX": "first: unknown; second: unknown"}
    assert step.provider == "first,second"


def test_refreshing_again_changes_nothing(engine: Engine) -> None:
    first, second = Scripted("first", {"XOM": 1.0}), Scripted("second", {"SPY": 3.0, "^VIX": 4.0})
    check_rerunnable(engine, lambda: refresh(engine, first, second))


def test_a_refusing_provider_is_left_alone_by_every_replica(
    database_url: str, engine: Engine
) -> None:
    first, second = Scripted("first", {"XOM": 1.0, "SPY": 1.0, "^VIX": 1.0}), Scripted("second", {})
    first.refusal = Refusal("429", 120.0)
    with pytest.raises(PriceError):
        refresh(engine, first, second)
    replica = make_engine(database_url)
    with pytest.raises(PriceError, match=r"left alone until 2025-03-05T12:02Z after 1 refusals"):
        refresh(replica, first, second, now=NOW + timedelta(seconds=119))
    assert len(first.asked) == 1
    first.refusal = None
    assert refresh(replica, first, second, now=NOW + timedelta(seconds=120)).failures == {}
    replica.dispose()
    with reading(engine) as conn:
        assert conn.execute(select(breakers)).all() == []


def test_the_second_stands_in_while_the_first_rests(sqlite_engine: Engine) -> None:
    first = Scripted("first", {"XOM": 1.0, "SPY": 2.0, "^VIX": 3.0})
    second = Scripted("second", {"XOM": 1.0, "SPY": 2.0, "^VIX": 3.0})
    first.refusal = Refusal("no connection")
    assert refresh(sqlite_engine, first, second).failures == {}
    assert kept(sqlite_engine, "XOM") == [("second", 1.0)] * len(DAYS)


def test_another_basis_never_meets_the_old_one_in_a_return(engine: Engine) -> None:
    first = Scripted("first", {"XOM": 10.0, "SPY": 2.0, "^VIX": 3.0})
    second = Scripted("second", {"XOM": 11.0, "SPY": 2.0, "^VIX": 3.0})
    refresh(engine, first, second)
    first.refusal = Refusal("429")
    later = NOW + timedelta(hours=1)
    step = refresh(engine, first, second, now=later)
    assert (step.rebased, step.saved.revised) == (("XOM",), len(DAYS))
    assert kept(engine, "XOM") == [("second", 11.0)] * len(DAYS)
    assert kept(engine, "XOM", as_of=NOW) == [("first", 10.0)] * len(DAYS)
    # What both count alike is not written twice, and keeps its first provider.
    assert kept(engine, "SPY") == [("first", 2.0)] * len(DAYS)


def test_fred_gives_the_vix_when_yahoo_says_429(sqlite_engine: Engine, tmp_path: Path) -> None:
    yfinance.set_tz_cache_location(str(tmp_path))
    rows = "".join(f"{day},{20 + n}\n" for n, day in enumerate(DAYS))
    with serve_yahoo() as yahoo, Wire() as fred:
        fred.route(
            f"/graph/fredgraph.csv?id=VIXCLS&cosd={SINCE}&coed={NOW.date()}",
            Reply(f"observation_date,VIXCLS\n{rows}".encode()),
        )
        yahoo.charts = {t: Chart(dict.fromkeys(DAYS, (9.0, 9.0))) for t in ("XOM", "SPY")}
        yahoo.scripts["^VIX"] = [TOO_MANY] * 9
        instruments = SECTORS.instruments
        providers = (
            YahooPrices(instruments, yahoo.url, 5, lambda _: None),
            FredPrices(instruments, fred.url, 5.0),
        )
        chain = PriceChain(sqlite_engine, providers)
        step = refresh_prices(sqlite_engine, chain, SECTORS, NOW, SINCE)
    assert step.failures == {}
    assert kept(sqlite_engine, "^VIX") == [("fred", 20.0 + n) for n in range(len(DAYS))]
    assert kept(sqlite_engine, "XOM")[0] == ("yfinance", 9.0)
    with reading(sqlite_engine) as conn:
        (row,) = conn.execute(select(breakers)).all()
    assert (row.name, row.refusals, row.open_until) == (
        "prices:yfinance", 1, NOW + timedelta(minutes=1),
    )  # fmt: skip
