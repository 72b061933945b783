"""The service whole, as a process of its own that is talked to over a socket."""

import re
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select

from risk_service.store.engine import make_engine, reading, writing
from risk_service.store.keys import make_key
from risk_service.store.tables import leases
from tests.service import (
    ROOT,
    Service,
    comes_true,
    command,
    environment,
    free_port,
    service,
)

STRIKE = "Russia launches massive missile attack on Kyiv, killing dozens in wave {}"


def key_of(engine: Engine, scope: str = "write") -> str:
    with writing(engine) as conn:
        return make_key(conn, "test", scope, datetime.now(UTC))


def report(number: int, days: int = 0) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(days=days, minutes=1)
    return {"published_at": at.isoformat(), "text": STRIKE.format(number), "source": "Test Wire"}


def leader(engine: Engine) -> int | None:
    """Process id of the worker that leads."""
    with reading(engine) as conn:
        holders = conn.execute(select(leases.c.holder)).scalars().all()
    assert len(holders) <= 1
    return int(holders[0].split(":")[1]) if holders else None


def seconds_until_told(
    posted_to: Service, asked: Service, key: str, number: int, days: int = 0
) -> float:
    """Seconds from the answer to a post until a poll tells another index version."""
    before = asked.index()["versions"]["index"]
    assert posted_to.post(report(number, days), key).json()["created"] == 1
    start = time.monotonic()
    assert comes_true(lambda: asked.index()["versions"]["index"] != before, seconds=10)
    return time.monotonic() - start


def test_a_posted_event_moves_the_value_within_a_second_and_a_signal_ends_it_cleanly(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'risk.sqlite3'}"
    with service(tmp_path, url) as running:
        engine = make_engine(url)
        key = key_of(engine)
        assert comes_true(lambda: leader(engine) == running.process.pid)
        empty = running.index()
        assert (empty["state"], empty["risk_index"]) == ("empty", 50)
        took = [seconds_until_told(running, running, key, n) for n in range(3)]
        # A busy machine may be late once; a service that only looks every few seconds is always.
        assert min(took) < 1
        told = running.index()
        assert told["risk_index"] > 50
        assert told["drivers"][0]["text"].startswith("Russia launches massive missile attack")
        again = running.post([report(0), report(1)], key).json()
        assert (again["created"], again["exists"]) == (0, 2)
        start = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - start < 5
        assert leader(engine) is None
        assert "Traceback" not in running.log.read_text()


def test_on_loopback_reads_are_open_and_posts_are_not(tmp_path: Path) -> None:
    with service(tmp_path, f"sqlite:///{tmp_path / 'risk.sqlite3'}", worker="false") as running:
        first = running.get("/v1/index")
        again = running.get("/v1/index", **{"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        refused = httpx.post(running.url + "/v1/events", json=report(1))
        assert refused.status_code == 401
        assert running.post(report(1), "risk_guess").status_code == 401


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_replicas_on_one_database_tell_the_same_and_one_leads(
    tmp_path: Path, database_url: str
) -> None:
    with service(tmp_path, database_url) as one, service(tmp_path, database_url) as two:
        engine = make_engine(database_url)
        key = key_of(engine)
        assert comes_true(lambda: leader(engine) == one.process.pid)
        took = [
            seconds_until_told(posted_to, asked, key, number)
            for number, (posted_to, asked) in enumerate([(one, two), (two, one), (two, two)])
        ]
        assert min(took) < 1
        assert comes_true(lambda: one.index()["coverage"]["events"] == 3)
        assert comes_true(lambda: two.index()["coverage"]["events"] == 3)
        assert one.index()["risk_index"] == pytest.approx(two.index()["risk_index"], abs=0.1)
        assert leader(engine) == one.process.pid
        assert one.stop() == 0
        assert comes_true(lambda: leader(engine) == two.process.pid)
        assert seconds_until_told(two, two, key, 9) < 10
        engine.dispose()


def test_without_feeds_and_prices_it_serves_and_says_what_is_stale(tmp_path: Path) -> None:
    closed = f"http://127.0.0.1:{free_port()}"
    settings = {
        "feeds": f"gdelt,rss:{closed}/news", "gdelt_url": closed, "feed_private": "true",
        "prices": "yfinance", "yahoo_url": closed, "chronology": "true",
    }  # fmt: skip
    url = f"sqlite:///{tmp_path / 'risk.sqlite3'}"
    # The served model reads the whole chronology first.
    with service(tmp_path, url, wait=150, **settings) as running:

        def failures() -> int:
            return running.log.read_text().count("a chore failed")

        assert comes_true(lambda: failures() >= 2, seconds=60)
        # An old report leaves the news as stale as it was, and has the answer made anew.
        assert seconds_until_told(running, running, key_of(make_engine(url)), 1, days=99) < 10
        told = running.index()
        assert len(told["freshness"]["reasons"]) == 4
        assert (told["state"], told["freshness"]["stale"]) == ("stale", True)
        reasons = " ".join(told["freshness"]["reasons"])
        assert "no news has been read since" in reasons
        assert "gdelt: last read never" in reasons
        assert "rss:127.0.0.1/news: last read never" in reasons
        assert told["risk_index"] != 50
        sectors = running.get("/v1/sectors").json()
        assert sectors["freshness"]["stale"] is True
        assert all(one["prices"]["fetched_at"] is None for one in sectors["sectors"])
        days = running.get("/v1/index/history?from=2022-02-20&to=2022-03-10").json()
        assert len(days["rows"]) == 19
        assert running.stop() == 0
        assert "Traceback" not in running.log.read_text()


def test_beyond_loopback_reads_need_a_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'risk.sqlite3'}"
    with service(tmp_path, url, host="0.0.0.0") as running:
        reader = key_of(make_engine(url), "read")
        refused = running.get("/v1/index")
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
        assert running.get("/v1/index", **{"X-API-Key": "risk_guess"}).status_code == 401
        assert running.get("/v1/index", **{"X-API-Key": reader}).status_code == 200
        assert running.post(report(1), reader).status_code == 403
        assert running.get("/v1/index", Host="evil.example").status_code == 400
        assert running.get("/healthz").status_code == 200


def test_a_port_that_is_taken_ends_it_and_frees_the_lease(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'risk.sqlite3'}"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = command(url, "serve", port=str(port))
    assert done.returncode == 1
    said = f"RISK_HOST, RISK_PORT: cannot serve on 127.0.0.1:{port}: address already in use"
    assert done.stderr == f"risk-service: {said}\n"
    assert "serving" not in done.stderr
    assert leader(make_engine(url)) is None


def test_a_host_that_is_not_ours_is_told_in_one_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'risk.sqlite3'}"
    done = command(url, "serve", host="192.0.2.1", port="0")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "192.0.2.1:0: cannot assign requested address" in done.stderr


def test_where_it_serves_is_told_once_it_listens(tmp_path: Path) -> None:
    """With port 0 the line tells which port it became; one asks there as soon as it is read."""
    log = tmp_path / "log"
    told = environment(f"sqlite:///{tmp_path / 'risk.sqlite3'}", port="0", worker="false")
    arguments = [sys.executable, "-m", "risk_service", "serve"]
    with log.open("wb") as stderr:
        process = subprocess.Popen(arguments, stderr=stderr, env=told, cwd=ROOT)
    try:
        assert comes_true(lambda: "serving" in log.read_text(), 60)
        (address,) = re.findall(r"serving\s+address=(http://127\.0\.0\.1:\d+)", log.read_text())
        assert httpx.get(f"{address}/healthz").status_code == 200
    finally:
        process.terminate()
        assert process.wait(15) == 0
