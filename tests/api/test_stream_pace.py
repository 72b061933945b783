"""``/v1/stream`` is bounded: slow readers, signs of life, how many there may be, and doors."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Engine

from risk_service.api.routes import stream as route
from risk_service.api.streaming import Pace
from tests.api.house import House, news
from tests.service import comes_true
from tests.streams import Streaming, reading_stream, story, streaming

EXPEL = "Moscow expels twelve American diplomats over {}"


@pytest.fixture
def small_house(sqlite_engine: Engine) -> Streaming:
    house = Streaming(sqlite_engine)
    house.keep(news(5))
    return house


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Signs of life and patience in tenths of a second."""
    monkeypatch.setattr(route, "PACE", Pace(beat=0.2, stuck=1.0))
    yield


def test_a_slow_reader_is_dropped_while_a_fast_one_goes_on(
    sqlite_engine: Engine, quick: None
) -> None:
    house = Streaming(sqlite_engine, held=200)
    with streaming(house) as url, reading_stream(url, "?kinds=story") as fast:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((urlsplit(url).hostname, urlsplit(url).port))
        slow.sendall(b"GET /v1/stream?kinds=story HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert comes_true(lambda: house.streams_open() == 2)
        count = 0
        while house.dropped("stuck") + house.dropped("behind") < 1 and count < 2_000:
            house.tell(*(story(count + n, text="x" * 4_000) for n in range(100)))
            count += 100
            fast.waits_for(count)
        assert house.dropped("stuck") + house.dropped("behind") == 1
        assert comes_true(lambda: house.streams_open() == 1)
        house.tell(story(count))
        assert [one.data["number"] for one in fast.waits_for(count + 1)] == list(range(count + 1))
        slow.close()


def test_a_comment_shows_that_it_lives(small_house: Streaming, quick: None) -> None:
    with streaming(small_house) as url, reading_stream(url, "?kinds=alert") as reader:
        assert comes_true(lambda: reader.comments.count("still here") >= 2, 5)
        assert reader.got == []


def test_streams_are_bounded_and_counted(sqlite_engine: Engine) -> None:
    house = Streaming(sqlite_engine, most=2)
    with streaming(house) as url:
        with reading_stream(url) as one, reading_stream(url):
            assert house.streams_open() == 2
            refused = httpx.get(f"{url}/v1/stream")
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "10"
            assert refused.headers["content-type"] == "application/problem+json"
            house.tell(story(1))
            one.leave()
            house.tell(story(2))
        house.tell(story(3))
        assert comes_true(lambda: house.streams_open() == 0)


def test_it_is_not_compressed_nor_kept_and_ends_when_told(small_house: Streaming) -> None:
    with streaming(small_house) as url:
        with reading_stream(url, **{"Accept-Encoding": "gzip"}) as reader:
            assert reader.status == 200
            headers = reader.response_headers
            assert headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in headers
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
            start = time.monotonic()
            small_house.told.close()
            assert reader.ended.wait(2)
            assert time.monotonic() - start < 1
        head = httpx.head(f"{url}/v1/stream")
        assert head.status_code == 503


def test_head_ends(small_house: Streaming) -> None:
    with streaming(small_house) as url:
        head = httpx.head(f"{url}/v1/stream", timeout=5)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"].startswith("text/event-stream")
        assert small_house.streams_open() == 0


def test_a_replica_without_streams_says_so(small_house: Streaming) -> None:
    assert House(small_house.engine).get("/v1/stream").status_code == 404
    assert small_house.get("/v1/stream").status_code == 503


def test_the_doors_are_before_it(sqlite_engine: Engine) -> None:
    locked = Streaming(sqlite_engine, open_reads=False, rate_per_minute=3)
    key = locked.key("read")
    with streaming(locked) as url:
        assert httpx.get(f"{url}/v1/stream").status_code == 401
        with reading_stream(url, "?kinds=alert", **key) as reader:
            assert reader.status == 200
        for _ in range(3):
            refused = httpx.get(f"{url}/v1/stream?kinds=x", headers=key)
        assert refused.status_code == 429
        locked.told.close()
        assert httpx.get(f"{url}/v1/stream", headers=locked.key("read")).status_code == 503
