"""A provider of prices that fails is told of, by every replica, until it works again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from risk_service.api.schemas.sectors import Prices, SectorOut, SectorsOut
from risk_service.errors import PriceError
from risk_service.feeds.price_contract import PriceReading
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.price_step import refresh_prices
from tests.api.house import NOW, House, news, sectors_of_tests

SECTORS = sectors_of_tests()
SPAN = {"from": "2025-02-20", "to": "2025-03-09"}


class Shaky:
    """The simulated provider, which has no answer for the tickers in ``gone``."""

    name = "sample"
    simulated = True

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self._sample = SamplePrices(SECTORS.instruments)

    def closes(self, tickers: Sequence[str], start: date, end: date, now: object) -> PriceReading:
        there = [ticker for ticker in tickers if ticker not in self.gone]
        reading = self._sample.closes(there, start, end, now)  # type: ignore[arg-type]
        reading.failures.update({t: "No data found" for t in tickers if t in self.gone})
        return reading


@pytest.fixture
def provider() -> Shaky:
    return Shaky()


def ask(house: House, provider: Shaky) -> None:
    refresh_prices(house.engine, provider, SECTORS, house.clock(), date(2025, 1, 1))


def told(house: House) -> dict[str, Prices]:
    """What both addresses say of the prices of each sector; they must agree."""
    answer = SectorsOut.model_validate(house.get("/v1/sectors").json())
    found = {one.sector: one.prices for one in answer.sectors}
    for sector, prices in found.items():
        whole = SectorOut.model_validate(house.get(f"/v1/sectors/{sector}", **SPAN).json()).prices
        assert (whole.state, whole.reasons, whole.failed, whole.attempted_at) == (
            prices.state, prices.reasons, prices.failed, prices.attempted_at,
        )  # fmt: skip
    return found


def test_where_nobody_ever_asked_the_state_is_never(small_house: House) -> None:
    for prices in told(small_house).values():
        assert prices.state == "never"
        assert prices.reasons == ["no price provider has been asked yet"]
        assert prices.attempted_at is None


def test_a_ticker_that_fails_is_told_in_its_sector_until_it_works(
    house: House, provider: Shaky
) -> None:
    ask(house, provider)
    assert {prices.state for prices in told(house).values()} == {"fresh"}
    provider.gone = {"XOM"}
    house.clock.now = NOW + timedelta(hours=1)
    ask(house, provider)
    both = told(house)
    assert (both["energy"].state, both["defense"].state) == ("partial", "fresh")
    (failed,) = both["energy"].failed
    assert (failed.ticker, failed.reason) == ("XOM", "No data found")
    assert (failed.succeeded_at, failed.attempted_at) == (NOW, NOW + timedelta(hours=1))
    assert both["energy"].reasons == ["XOM: No data found; last read 2025-03-10T12:00Z"]
    provider.gone = set()
    ask(house, provider)
    assert told(house)["energy"].reasons == []


def test_a_provider_that_fails_is_told_by_every_replica(engine: Engine, provider: Shaky) -> None:
    asking, other = House(engine), House(engine)
    asking.keep(news(10))
    ask(asking, provider)
    provider.gone = set(SECTORS.instruments)
    asking.clock.now = other.clock.now = NOW + timedelta(hours=2)
    with pytest.raises(PriceError):
        ask(asking, provider)
    for house in (asking, other):
        for prices in told(house).values():
            assert prices.state == "failed"
            assert prices.attempted_at == NOW + timedelta(hours=2)
            assert prices.succeeded_at == NOW
            assert prices.reasons[0].startswith("sample answered for none of")
            assert prices.reasons[0].endswith("sample last worked 2025-03-10T12:00Z")
            assert "XLE" in {one.ticker for one in told(house)["energy"].failed}
        answer = house.get("/v1/sectors/energy", format="csv", **SPAN)
        assert answer.headers["x-prices-state"] == "failed"


def test_what_nobody_asks_for_any_more_is_stale(small_house: House, provider: Shaky) -> None:
    ask(small_house, provider)
    small_house.clock.now += timedelta(days=1, seconds=1)
    prices = told(small_house)["energy"]
    assert prices.state == "stale"
    assert prices.reasons == ["sample has not been asked since 2025-03-10T12:00Z"]


def test_a_tag_moves_with_the_state_and_not_with_each_asking(
    small_house: House, provider: Shaky
) -> None:
    def tag() -> str:
        return small_house.get("/v1/sectors/energy", **SPAN).headers["etag"]

    ask(small_house, provider)
    fresh = tag()
    small_house.clock.now += timedelta(minutes=1)
    ask(small_house, provider)
    assert tag() == fresh
    provider.gone = {"XOM"}
    ask(small_house, provider)
    assert tag() != fresh


def test_metrics_tell_of_prices(small_house: House, provider: Shaky) -> None:
    assert "risk_price_failed_tickers{" not in small_house.get("/metrics").text
    ask(small_house, provider)
    small_house.clock.now += timedelta(minutes=2)
    provider.gone = {"XOM", "LMT"}
    ask(small_house, provider)
    small_house.clock.now += timedelta(minutes=1)
    provider.gone = set(SECTORS.instruments)
    with pytest.raises(PriceError):
        ask(small_house, provider)
    small_house.clock.now += timedelta(seconds=30)
    lines = small_house.get("/metrics").text.splitlines()
    assert 'risk_price_asked_age_seconds{provider="sample"} 30.0' in lines
    assert 'risk_price_answered_age_seconds{provider="sample"} 90.0' in lines
    count = len(SECTORS.instruments)
    assert f'risk_price_failed_tickers{{provider="sample"}} {count}.0' in lines
