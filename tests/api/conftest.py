from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from risk_service.store.engine import make_engine, migrate
from tests.api.house import House, news, serving
from tests.api.udf_client import UdfClient
from tests.conftest import Stocked, Templates


def reported(days: int) -> Stocked:
    """Puts so many days of news into a database."""
    return lambda engine: House(engine).keep(news(days)) and None


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, templates: Templates) -> Iterator[House]:
    """An open service on either kind of database, with sixty days of news."""
    url = templates.copied(request.param, tmp_path / "house.sqlite3", "60 days", reported(60))
    yield from opened(url)
    templates.drop(url)


@pytest.fixture
def small_house(tmp_path: Path, templates: Templates) -> Iterator[House]:
    """An open service on SQLite with ten days of news, where the kind does not matter."""
    yield from opened(
        templates.copied("sqlite", tmp_path / "small.sqlite3", "10 days", reported(10))
    )


def opened(url: str) -> Iterator[House]:
    """A service on a database that holds its news already."""
    engine = make_engine(url)
    house = House(engine)
    house.snapshots.refresh()
    yield house
    engine.dispose()


@pytest.fixture
def locked_house(sqlite_engine: Engine) -> Iterator[House]:
    """A service that asks for keys, reads included."""
    house = House(sqlite_engine, open_reads=False, rate_per_minute=20)
    house.keep(news(5))
    yield house


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An open service on SQLite with sixty days of news and a year of closes, for all tests that
    only read: none may write to it or move its clock.
    """
    folder: Path = tmp_path_factory.mktemp("shared")
    engine = make_engine(f"sqlite:///{folder / 'shared.sqlite3'}")
    migrate(engine)
    house = House(engine, cors_origins=("https://pro.openbb.co", "https://charts.example"))
    house.keep(news())
    house.keep_prices(date(2024, 1, 2), date(2025, 3, 7))
    yield house
    engine.dispose()


@pytest.fixture(scope="session")
def shared_url(shared_house: House) -> Iterator[str]:
    """Where the shared service answers over HTTP."""
    with serving(shared_house.app) as url:
        yield url


@pytest.fixture(scope="module")
def chart(shared_url: str) -> Iterator[UdfClient]:
    """A chart that asks the shared service as TradingView's adapter does."""
    with UdfClient(shared_url) as client:
        client.on_ready()
        yield client
