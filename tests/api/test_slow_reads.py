"""Reads that the database is too slow for: told as such, and in nobody's way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import text

from risk_service.store.engine import make_engine, migrate, reading
from tests.api.house import House, news, serving
from tests.service import comes_true

SECONDS = 2.0


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A locked service whose routes have an engine of their own, as ``serve`` makes it."""
    engine, asked = make_engine(database_url), make_engine(database_url, SECONDS)
    migrate(engine)
    house = House(engine, open_reads=False, asked=asked)
    house.keep(news(3))
    yield house
    asked.dispose()
    engine.dispose()


def waiting(house: House) -> int:
    """Connections that wait for a lock; a pool has 15."""
    with reading(house.engine) as conn:
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return int(conn.execute(text(query)).scalar_one())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_slow_reads_are_503_and_leave_polls_alone(house: House) -> None:
    first, second = house.key("read"), house.key("read")
    with (
        serving(house.app) as url,
        httpx.Client(base_url=url, timeout=30) as client,
        ThreadPoolExecutor(45) as pool,
        house.engine.connect() as other,
    ):
        assert client.get("/v1/index", headers=second).status_code == 200
        doors = house.app._doors
        doors._keys = {digest: (scope, 0.0) for digest, (scope, _) in doors._keys.items()}
        # Somebody holds the table: whoever reads events waits, more of them than there are threads.
        other.execute(text("LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        slow = [pool.submit(client.get, "/v1/events", headers=first) for _ in range(44)]
        assert comes_true(lambda: waiting(house) >= 15)
        # The key must be looked up again, in the store, by a poll.
        poll = client.get("/v1/index", headers=second)
        assert poll.status_code == 200
        assert poll.elapsed.total_seconds() < SECONDS / 2, "the poll waited as they did"
        answers = [one.result() for one in slow]
        other.rollback()
        assert client.get("/v1/events", headers=first).status_code == 200
    assert {answer.status_code for answer in answers} == {503}
    told = [answer for answer in answers if "took too long" in answer.json()["detail"]]
    assert told
    assert {answer.headers["retry-after"] for answer in told} == {"5"}
    assert told[0].headers["content-type"] == "application/problem+json"
