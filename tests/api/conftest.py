from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.api.house import House, news


@pytest.fixture
def house(engine: Engine) -> House:
    """An open service on either kind of database, with sixty days of news."""
    house = House(engine)
    house.keep(news())
    return house


@pytest.fixture
def small_house(sqlite_engine: Engine) -> House:
    """An open service on SQLite with ten days of news, where the kind does not matter."""
    house = House(sqlite_engine)
    house.keep(news(10))
    return house


@pytest.fixture
def locked_house(sqlite_engine: Engine) -> Iterator[House]:
    """A service that asks for keys, reads included."""
    house = House(sqlite_engine, open_reads=False, rate_per_minute=20)
    house.keep(news(5))
    yield house
