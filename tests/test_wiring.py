from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine

from risk_service.config import Settings
from risk_service.feeds.file_prices import FilePrices
from risk_service.feeds.fred_prices import FredPrices
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.feeds.sector_file import load_sectors
from risk_service.feeds.yfinance_prices import YahooPrices
from risk_service.leading import LEASE
from risk_service.price_chain import PriceChain
from risk_service.store.engine import reading, writing
from risk_service.store.events import anything_waiting
from risk_service.store.leases import take_lease
from risk_service.wiring import House, clock, make_provider, set_up_log, settle_in, work_alone
from tests.house import desk, event, everything, keep

STRIKE = "Russia launches massive missile attack on Kyiv, killing dozens"
KINDS = {
    "yfinance": [YahooPrices],
    "file:/data/closes.csv": [FilePrices],
    "fred, yfinance": [FredPrices, YahooPrices],
    "yfinance,fred,file:/data/closes.csv": [YahooPrices, FredPrices, FilePrices],
}


@pytest.fixture
def _own_log() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("prices", KINDS)
def test_the_setting_names_the_providers_in_order(prices: str, sqlite_engine: Engine) -> None:
    chain = make_provider(Settings(prices=prices), load_sectors(), sqlite_engine)
    assert isinstance(chain, PriceChain)
    assert [type(provider) for provider in chain.providers] == KINDS[prices]
    paths = [one.path for one in chain.providers if isinstance(one, FilePrices)]
    assert paths in ([], [Path("/data/closes.csv")])


def test_simulated_prices_stand_alone(sqlite_engine: Engine) -> None:
    sample = make_provider(Settings(prices="sample"), load_sectors(), sqlite_engine)
    assert type(sample) is SamplePrices
    assert sample.simulated


def test_no_provider_may_be_wanted(sqlite_engine: Engine) -> None:
    assert make_provider(Settings(prices="none"), load_sectors(), sqlite_engine) is None


def test_work_is_left_to_the_worker_that_leads(engine: Engine) -> None:
    house = House(engine, desk())
    keep(engine, event(STRIKE))
    with writing(engine) as conn:
        take_lease(conn, LEASE, "another", clock(), timedelta(minutes=1))
    assert work_alone(house) is None
    with reading(engine) as conn:
        assert anything_waiting(conn)


def test_work_alone_keeps_no_lease_afterwards(engine: Engine) -> None:
    house = House(engine, desk())
    keep(engine, event(STRIKE))
    seen: list[int] = []
    worked = work_alone(house, seen.append)
    assert worked is not None
    assert (worked.assessed, worked.scored, seen) == (1, 1, [1])
    assert everything(engine)["leases"] == []


def test_settling_in_without_the_chronology_keeps_nothing(engine: Engine) -> None:
    settle_in(House(engine, desk()), Settings(chronology=False))
    assert everything(engine)["events"] == []


@pytest.mark.usefixtures("_own_log")
def test_the_log_tells_of_faults_and_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log("warning")
    key = "risk_" + "very-secret"
    try:
        raise RuntimeError(f"a fault of {len(key)}")
    except RuntimeError:
        structlog.get_logger().exception("it failed")
    structlog.get_logger().info("nothing of note")
    said = capsys.readouterr()
    assert said.out == ""
    assert "it failed" in said.err
    assert "RuntimeError: a fault of 16" in said.err
    assert "very-secret" not in said.err.replace('"very-secret"', "")
    assert "nothing of note" not in said.err
