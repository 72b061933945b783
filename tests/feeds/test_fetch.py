import gzip
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from risk_service.errors import FeedError
from risk_service.feeds.fetch import Missing, Passing, fetch
from tests.wire import Reply, Wire


def test_a_body_comes_back_with_what_identifies_it(wire: Wire) -> None:
    url = wire.route("/a", Reply(b"news", headers={"Last-Modified": "yesterday"}, etag='"1"'))
    answer = fetch(url, private=True)
    assert (answer.body, answer.etag, answer.last_modified) == (b"news", '"1"', "yesterday")


def test_the_server_may_say_that_nothing_changed(wire: Wire) -> None:
    url = wire.route("/a", Reply(b"news", etag='"1"'))
    assert fetch(url, private=True, etag='"1"').body is None
    assert fetch(url, private=True, etag='"0"').body == b"news"


@pytest.mark.parametrize("etag", ['"é"', '"' + "a" * 600 + '"'])
def test_an_etag_that_cannot_be_sent_back_is_forgotten(wire: Wire, etag: str) -> None:
    url = wire.route("/a", Reply(b"news", headers={"ETag": etag}))
    assert fetch(url, private=True).etag is None


def test_a_304_nobody_asked_for_is_an_error(wire: Wire) -> None:
    url = wire.route("/a", Reply(status=304))
    with pytest.raises(FeedError, match="status 304"):
        fetch(url, private=True)


def test_it_says_who_it_is_and_sends_no_cookie(wire: Wire) -> None:
    url = wire.route("/a", Reply(status=302, headers={"Location": "/b", "Set-Cookie": "track=1"}))
    wire.route("/b", Reply(b"news", headers={"Set-Cookie": "track=2"}))
    fetch(url, private=True)
    for asked in wire.asked:
        assert asked.headers["User-Agent"].startswith("risk-service")
        assert "Cookie" not in asked.headers
    assert [asked.path for asked in wire.asked] == ["/a", "/b"]


def test_a_passing_trouble_is_tried_again(wire: Wire) -> None:
    url = wire.route("/a", Reply(status=503), Reply(b"news"))
    assert fetch(url, private=True).body == b"news"


def test_a_lasting_trouble_is_given_up_after_a_few_tries(wire: Wire) -> None:
    url = wire.route("/a", Reply(status=500, headers={"Retry-After": "0"}))
    with pytest.raises(Passing, match="status 500"):
        fetch(url, private=True)
    assert len(wire.asked) == 3


def test_retry_after_is_waited_for(wire: Wire) -> None:
    url = wire.route("/a", Reply(status=429, headers={"Retry-After": "1"}), Reply(b"news"))
    start = time.monotonic()
    assert fetch(url, private=True).body == b"news"
    assert time.monotonic() - start >= 1


def test_retry_after_may_be_a_date(wire: Wire) -> None:
    moment = datetime(2025, 8, 15, 12, tzinfo=UTC)
    headers = {
        "Date": format_datetime(moment, usegmt=True),
        "Retry-After": format_datetime(moment + timedelta(seconds=1), usegmt=True),
    }
    url = wire.route("/a", Reply(status=503, headers=headers), Reply(b"news"))
    start = time.monotonic()
    assert fetch(url, private=True).body == b"news"
    assert time.monotonic() - start >= 1


def test_a_wait_longer_than_the_time_left_is_not_waited_for(wire: Wire) -> None:
    url = wire.route("/a", Reply(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(Passing) as caught:
        fetch(url, private=True)
    assert caught.value.wait == 3600
    assert len(wire.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 204, 206])
def test_other_statuses_are_not_tried_again(wire: Wire, status: int) -> None:
    url = wire.route("/a", Reply(status=status))
    with pytest.raises(FeedError, match=f"status {status}"):
        fetch(url, private=True)
    assert len(wire.asked) == 1


def test_nothing_there_has_its_own_error(wire: Wire) -> None:
    with pytest.raises(Missing):
        fetch(wire.url + "/none", private=True)


def test_a_body_cut_short_is_an_error(wire: Wire) -> None:
    url = wire.route("/a", Reply(b"news", length=400))
    with pytest.raises(Passing, match="closed"):
        fetch(url, private=True, attempts=1)


def test_a_slow_answer_ends_in_time(wire: Wire) -> None:
    url = wire.route("/a", Reply(b"news", delay=5))
    start = time.monotonic()
    with pytest.raises(Passing):
        fetch(url, private=True, seconds=0.4)
    assert time.monotonic() - start < 2


def test_a_dripping_body_ends_in_time(wire: Wire) -> None:
    url = wire.route("/a", Reply(b"n" * 1000, drip=0.05))
    start = time.monotonic()
    with pytest.raises(Passing):
        fetch(url, private=True, seconds=0.5)
    assert time.monotonic() - start < 2


def test_a_body_that_says_it_is_large_is_not_read(wire: Wire) -> None:
    url = wire.route("/a", Reply(b"n" * 10, length=2_000_000))
    with pytest.raises(FeedError, match="larger than 1000 bytes"):
        fetch(url, private=True, max_bytes=1000)


def test_a_large_body_is_left(wire: Wire) -> None:
    url = wire.route("/a", Reply(b"n" * 1001), Reply(b"n" * 1000))
    with pytest.raises(FeedError, match="larger than 1000 bytes"):
        fetch(url, private=True, max_bytes=1000)
    assert fetch(url, private=True, max_bytes=1000).body == b"n" * 1000


def test_gzip_is_undone(wire: Wire) -> None:
    body = gzip.compress(b"news", mtime=0)
    url = wire.route("/a", Reply(body, headers={"Content-Encoding": "gzip"}))
    assert fetch(url, private=True).body == b"news"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_refused_while_it_is_small(wire: Wire, encoding: str) -> None:
    data = b"\0" * 50_000_000
    body = gzip.compress(data) if encoding == "gzip" else zlib.compress(data)
    url = wire.route("/a", Reply(body, headers={"Content-Encoding": encoding}))
    with pytest.raises(FeedError, match="unpacks to more"):
        fetch(url, private=True, max_bytes=1_000_000)


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip"])
def test_an_encoding_we_did_not_ask_for_is_refused(wire: Wire, encoding: str) -> None:
    url = wire.route("/a", Reply(b"news", headers={"Content-Encoding": encoding}))
    with pytest.raises(FeedError, match="not asked for"):
        fetch(url, private=True)


@pytest.mark.parametrize("body", [gzip.compress(b"news" * 99, mtime=0)[:-12], b"not gzip", b""])
def test_broken_gzip_is_an_error(wire: Wire, body: bytes) -> None:
    url = wire.route("/a", Reply(body, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(FeedError, match="compressed body"):
        fetch(url, private=True)


def test_five_redirects_are_followed_and_a_sixth_is_not(wire: Wire) -> None:
    for hop in range(6):
        wire.route(f"/{hop}", Reply(status=301, headers={"Location": f"/{hop + 1}"}))
    wire.route("/6", Reply(b"news"))
    assert fetch(wire.url + "/1", private=True).body == b"news"
    with pytest.raises(FeedError, match="more than 5 redirects"):
        fetch(wire.url + "/0", private=True)


@pytest.mark.parametrize(
    "target", ["file:///etc/hosts", "ftp://127.0.0.1/a", "gopher://x/", "http://", "http://[x/"]
)
def test_no_redirect_leaves_http(wire: Wire, target: str) -> None:
    url = wire.route("/a", Reply(status=302, headers={"Location": target}))
    with pytest.raises(FeedError):
        fetch(url, private=True, attempts=1)


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://example.org/", "example.org", ""])
def test_only_http_addresses_are_read(url: str) -> None:
    with pytest.raises(FeedError):
        fetch(url, private=True)


def test_nobody_listening_is_an_error() -> None:
    with Wire() as wire:
        url = wire.url
    with pytest.raises(Passing, match="ConnectError"):
        fetch(url, private=True, attempts=1)
