"""The fast path against the long way, over a real socket."""

from collections.abc import Iterator

import httpx
import pytest

from risk_service.api.polls import Polls
from tests.api.house import House, serving


@pytest.fixture
def server(small_house: House) -> Iterator[tuple[str, House]]:
    with serving(small_house.app) as url:
        yield url, small_house


def plain(headers: httpx.Headers) -> dict[str, str]:
    changing = ("x-request-id", "date", "ratelimit", "ratelimit-policy")
    return {name: value for name, value in headers.items() if name not in changing}


@pytest.mark.parametrize("query", ["", "?dyad=USA-RUS"])
def test_both_ways_give_the_same_answer(server: tuple[str, House], query: str) -> None:
    url, _ = server
    fast = httpx.get(f"{url}/v1/index{query}")
    # A query in another order or spelling goes the long way.
    long = httpx.get(f"{url}/v1/index?dyad=USA%2DRUS")
    assert fast.content == long.content
    assert plain(fast.headers) == plain(long.headers)


def test_the_fast_path_does_not_touch_the_routes(small_house: House) -> None:
    async def never(*_: object) -> None:
        raise AssertionError("the long way was taken")

    doors = small_house.app._doors
    polls = Polls(never, doors, small_house.snapshots, lambda status: None)
    small_house.client = type(small_house.client)(polls)
    assert small_house.get("/v1/index").status_code == 200
    assert small_house.get("/v1/index", dyad="USA-RUS").status_code == 200
    assert small_house.get("/v1/models").status_code == 500


@pytest.mark.parametrize("query", ["", "?dyad=USA%2DRUS"])
def test_if_none_match(server: tuple[str, House], query: str) -> None:
    url, _ = server
    etag = httpx.get(f"{url}/v1/index").headers["etag"]
    for header in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        same = httpx.get(f"{url}/v1/index{query}", headers={"If-None-Match": header})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        assert same.headers["content-security-policy"]
        assert "content-type" not in same.headers
    for header in ('"other"', etag.strip('"')):
        other = httpx.get(f"{url}/v1/index{query}", headers={"If-None-Match": header})
        assert other.status_code == 200


def test_head_is_get_without_its_body(server: tuple[str, House]) -> None:
    url, _ = server
    get, head = httpx.get(f"{url}/v1/index"), httpx.head(f"{url}/v1/index")
    assert (head.status_code, head.content) == (200, b"")
    assert plain(head.headers) == plain(get.headers)
    assert httpx.head(f"{url}/v1/index/history").headers["content-type"] == "application/json"
    assert httpx.head(f"{url}/v1/score").status_code == 405


def test_polls_are_never_compressed(server: tuple[str, House]) -> None:
    url, _ = server
    for query in ("", "?dyad=USA%2DRUS"):
        answer = httpx.get(f"{url}/v1/index{query}", headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in answer.headers


def test_a_new_answer_is_given_at_once(server: tuple[str, House]) -> None:
    url, house = server
    before = httpx.get(f"{url}/v1/index")
    key = house.key("write")
    event = {
        "published_at": "2025-03-10T11:59:00Z",
        "text": "Washington and Moscow strike at one another",
        "source": "Wire",
    }
    assert httpx.post(f"{url}/v1/events", json=event, headers=key).status_code == 200
    house.work()
    headers = {"If-None-Match": before.headers["etag"]}
    after = httpx.get(f"{url}/v1/index", headers=headers)
    assert after.status_code == 200
    assert after.json()["risk_index"] > before.json()["risk_index"]


def test_a_locked_service_answers_polls_with_a_key(locked_house: House) -> None:
    key = locked_house.key("read")
    with serving(locked_house.app) as url:
        assert httpx.get(f"{url}/v1/index").status_code == 401
        long = httpx.get(f"{url}/v1/index", headers=key)
        fast = httpx.get(f"{url}/v1/index", headers=key)
    assert long.content == fast.content
    assert plain(long.headers) == plain(fast.headers)
    assert fast.headers["cache-control"].startswith("private, ")
    assert fast.headers["vary"] == "Authorization, X-API-Key"
    assert fast.headers["ratelimit"].startswith('"minute";r=18;')


def test_a_body_that_streams_beyond_the_limit_is_refused(server: tuple[str, House]) -> None:
    url, _ = server

    def stream() -> Iterator[bytes]:
        yield b'{"texts": ["'
        for _ in range(100):
            yield b"a" * 65_536

    headers = {"Content-Type": "application/json"}
    with httpx.Client() as client:
        try:
            answer = client.post(f"{url}/v1/score", content=stream(), headers=headers)
        except httpx.WriteError:
            return  # the server closed the connection while we were still sending
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
