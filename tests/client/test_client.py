"""The client against the real service over a socket, and against answers that say no."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, insert

from risk_service.client import Client, ProblemError, Told, Unreachable
from risk_service.core.events import Event
from risk_service.store.alert_tables import alert_rules, alerts
from risk_service.store.engine import make_engine, migrate, writing
from tests.api.house import NOW, House, news, serving
from tests.service import comes_true, free_port
from tests.streams import ALERT, RULE, Streaming, story, streaming
from tests.wire import Reply, Wire

INDEX = b'{"risk_index": 50}'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    """A service with a month of news and prices, asked by every test here that writes nothing."""
    folder = tmp_path_factory.mktemp("client")
    engine: Engine = make_engine(f"sqlite:///{folder / 'one.sqlite3'}")
    migrate(engine)
    house = House(engine)
    house.keep(news(40))
    house.keep_prices(date(2024, 1, 2), date(2025, 3, 7))
    with serving(house.app) as url:
        yield house, url
    engine.dispose()


@pytest.fixture
def client(served: tuple[House, str]) -> Iterator[Client]:
    with Client(served[1]) as client:
        yield client


def as_csv(house: House, path: str, **query: object) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(house.get(path, format="csv", **query).text))


def test_the_index_is_what_the_service_says(served: tuple[House, str], client: Client) -> None:
    said = served[0].get("/v1/index").json()
    index = client.index()
    assert index.body == said
    assert (index.risk_index, index.state) == (said["risk_index"], said["state"])
    assert index.interval.low == said["interval"]["low"]
    assert index.change is not None and index.change.one_day == said["change"]["one_day"]
    assert [one.contribution for one in index.drivers] == [
        one["contribution"] for one in said["drivers"]
    ]
    assert index.drivers[0].published_at.tzinfo is not None
    assert index.versions.index == said["versions"]["index"]
    settled = client.index(as_of=datetime(2025, 3, 1, tzinfo=UTC))
    assert (settled.state, settled.change, settled.drivers) == ("settled", None, ())
    assert settled.body == served[0].get("/v1/index", as_of="2025-03-01T00:00:00Z").json() | {
        "freshness": settled.body["freshness"]
    }


def test_history_comes_as_a_frame_with_its_types(served: tuple[House, str], client: Client) -> None:
    days = client.history("2025-02-10", date(2025, 2, 20))
    csv = as_csv(served[0], "/v1/index/history", **{"from": "2025-02-10", "to": "2025-02-20"})
    assert list(days.columns) == list(csv.columns)
    assert days["risk_index"].to_numpy() == pytest.approx(csv["risk_index"].to_numpy(), abs=1e-6)
    assert str(days["known_at"].dtype).endswith("UTC]")
    assert days.attrs["versions"]["method"] == "test"
    assert len(client.history("2025-02-10", "2025-02-20", "1w")) == 1
    assert "time" in client.history("2025-02-20", "2025-02-20", "1h")
    assert client.history(as_of="2025-02-15T00:00:00Z")["day"].max() < pd.Timestamp("2025-02-15")


def test_drivers_add_up(client: Client) -> None:
    drivers = client.drivers("2025-03-01", limit=500)
    assert drivers.day == date(2025, 3, 1)
    assert sum(one.contribution for one in drivers.stories) == pytest.approx(drivers.total, abs=0.1)
    assert len(drivers.table) == len(drivers.stories) > 5
    assert not any(one.words for one in drivers.stories)
    assert any(one.words for one in client.drivers("2025-03-01", limit=5, words=True).stories)


def test_events_come_page_after_page(served: tuple[House, str], client: Client) -> None:
    everything = served[0].get("/v1/events", limit=500).json()["events"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("risk_service.client.client.PAGE", 7)
        found = client.events(about_dyad=False)
        assert list(found["id"]) == [one["id"] for one in everything]
        assert len(client.events(most=10)) == 10
    csv = as_csv(served[0], "/v1/events", limit=500)
    assert set(csv.columns) == set(found.columns)
    thaw = client.events("2025-02-01", "2025-02-20", direction="thaw")
    assert set(thaw["direction"]) == {"thaw"}
    assert thaw["published_at"].between("2025-02-01", "2025-02-21").all()


def test_sectors_and_studies(served: tuple[House, str], client: Client) -> None:
    assert set(client.sectors()["sector"]) == {
        one["sector"] for one in served[0].get("/v1/sectors").json()["sectors"]
    }
    energy = client.sectors("energy", "2025-02-10", "2025-02-20")
    csv = as_csv(served[0], "/v1/sectors/energy", **{"from": "2025-02-10", "to": "2025-02-20"})
    assert list(energy.columns) == list(csv.columns)
    assert energy["level"].to_numpy() == pytest.approx(csv["level"].to_numpy(), abs=1e-6)
    own = [{"at": f"2025-02-{day:02}T10:00:00Z", "direction": "escalation"} for day in (4, 12, 20)]
    cars = client.event_study(table="cars", events=own, assets=["energy"], first=0, last=1)
    assert set(cars["asset"]) == {"energy"}
    ours = client.event_study(assets=["energy"], from_="2025-02-01", to="2025-02-20", last=1)
    assert {"asset", "day", "caar"} <= set(ours.columns)


def test_alerts_come_as_a_table(sqlite_engine: Engine) -> None:
    house = House(sqlite_engine)
    with serving(house.app) as url, Client(url) as client:
        assert client.alerts().empty
        with writing(house.engine) as conn:
            conn.execute(insert(alert_rules).values(**RULE))
            conn.execute(insert(alerts).values(**ALERT))
        told = client.alerts("firing")
        assert told["id"].tolist() == [ALERT["id"]]
        assert told["started_at"].tolist() == [pd.Timestamp(NOW)]
        assert client.alerts("resolved").empty


def test_scores_come_in_order(served: tuple[House, str], client: Client) -> None:
    texts = ["Moscow expels envoys", "", "Moscow and Washington agree"]
    with pytest.raises(ProblemError) as caught:
        client.score(texts)
    assert caught.value.status == 422
    assert caught.value.errors[0].field == "texts[1]"
    assert caught.value.body["type"] == "urn:risk-service:problem:invalid"
    texts[1] = "Paris opens a bridge"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("risk_service.client.client.TEXTS_AT_ONCE", 2)
        scored = client.score(texts)
    said = served[0].post("/v1/score", {"texts": texts}).json()["results"]
    assert list(scored["p_thaw"]) == [one["p_thaw"] for one in said]
    assert list(scored["text"]) == texts
    assert client.score([]).empty
    assert client.methodology()["version"] == "test"


def test_what_has_not_changed_is_not_sent_again() -> None:
    with Wire() as wire, Client(wire.url) as client:
        wire.route("/v1/methodology?dyad=USA-RUS", Reply(INDEX, etag='"a"'))
        assert client.methodology() == client.methodology() == {"risk_index": 50}
        first, again = wire.asked_for("/v1/methodology?dyad=USA-RUS")
        assert "If-None-Match" not in first.headers
        assert again.headers["If-None-Match"] == '"a"'


def test_it_waits_as_long_as_it_is_asked_to_and_no_longer() -> None:
    path = "/v1/methodology?dyad=USA-RUS"
    busy = Reply(b'{"detail": "wait"}', 429, {"Retry-After": "1"})
    with Wire() as wire, Client(wire.url, key="risk_k") as client:
        wire.route(path, busy, Reply(INDEX))
        start = time.monotonic()
        assert client.methodology() == {"risk_index": 50}
        assert 1 <= time.monotonic() - start < 5
        assert [one.headers["X-API-Key"] for one in wire.asked] == ["risk_k"] * 2
        wire.route(path, Reply(b"", 503), Reply(INDEX))
        assert client.methodology() == {"risk_index": 50}
        wire.route(path, Reply(b'{"detail": "wait"}', 429, {"Retry-After": "3600"}))
        with pytest.raises(ProblemError, match="429: wait"):
            client.methodology()
        count = len(wire.asked)
        wire.route(path, Reply(b"<html>", 500))
        with pytest.raises(ProblemError, match="500: no reason was given"):
            client.methodology()
        assert len(wire.asked) == count + 1


def test_nobody_there_is_told(served: tuple[House, str]) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    with Client(address) as client, pytest.raises(Unreachable, match=address):
        client.index()


def test_the_stream_goes_on_where_it_was(sqlite_engine: Engine) -> None:
    house = Streaming(sqlite_engine)
    house.keep(news(3))
    got: list[Told] = []
    with streaming(house) as url, Client(url) as client:
        stream = client.stream("story", last_event_id=0)

        def read() -> None:
            for told in stream:
                got.append(told)

        threading.Thread(target=read, daemon=True).start()
        house.tell(*(story(n) for n in range(5)))
        assert comes_true(lambda: sum("number" in one.data for one in got) == 5)
        # Every reader is let go, as by a replica that ends; the next finds it serving again.
        house.told.close()
        house.tell(*(story(n) for n in range(5, 10)))
        time.sleep(0.3)
        house.told._closed = False
        assert comes_true(lambda: sum("number" in one.data for one in got) == 10)
        numbers = [one.data["number"] for one in got if "number" in one.data]
        assert numbers == list(range(10))
        assert stream.last_id == got[-1].id
        house.keep([Event(NOW - timedelta(minutes=5), "Moscow expels envoys", "Test Wire")])
        assert comes_true(lambda: got[-1].data.get("why") in ("new", "weight"))
