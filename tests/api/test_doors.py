import pytest
from sqlalchemy import Engine

from risk_service.api import doors
from risk_service.api.doors import Rules, scope_needed
from risk_service.store.engine import writing
from risk_service.store.keys import list_keys, revoke_key
from tests.api.house import House
from tests.api.test_events import GOOD

READS = ("/v1/index", "/v1/index/history", "/v1/events", "/v1/sectors", "/v1/models", "/metrics")


@pytest.mark.parametrize("path", READS)
def test_reads_need_a_key_unless_open(locked_house: House, path: str) -> None:
    refused = locked_house.get(path)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.headers["content-type"] == "application/problem+json"
    key = locked_house.key("read")
    assert locked_house.client.get(path, headers=key).status_code == 200


def test_a_bearer_token_is_a_key_too(locked_house: House) -> None:
    key = locked_house.key("read")["X-API-Key"]
    for header in (f"Bearer {key}", f"bearer  {key}"):
        asked = locked_house.client.get("/v1/models", headers={"Authorization": header})
        assert asked.status_code == 200
    asked = locked_house.client.get("/v1/models", headers={"Authorization": f"Basic {key}"})
    assert asked.status_code == 401


@pytest.mark.parametrize("key", ["risk_nothing", "x" * 5_000, "ключ", " "])
def test_a_strange_key_opens_nothing(locked_house: House, key: str) -> None:
    headers = [(b"X-API-Key", key.encode())]
    assert locked_house.client.get("/v1/index", headers=headers).status_code == 401


def test_only_a_key_that_may_write_writes(small_house: House) -> None:
    """Open reads do not open writes."""
    assert small_house.client.post("/v1/events", json=GOOD).status_code == 401
    refused = small_house.client.post("/v1/events", json=GOOD, headers=small_house.key("read"))
    assert refused.status_code == 403
    assert "write" in refused.json()["detail"]
    for scope in ("write", "admin"):
        key = small_house.key(scope)
        assert small_house.client.post("/v1/events", json=GOOD, headers=key).status_code == 200


OPEN = ("/v1/index", "/v1/index?dyad=USA%2DRUS", "/v1/models", "/openapi.json", "/metrics")


@pytest.mark.parametrize("path", OPEN)
def test_a_key_that_is_sent_to_an_open_read_is_checked(small_house: House, path: str) -> None:
    known = small_house.key("read")
    for _ in range(2):
        for headers in ({}, known, {"Authorization": f"Bearer {known['X-API-Key']}"}):
            assert small_house.client.get(path, headers=headers).status_code == 200
    for wrong in ("risk_guess", "x" * 5_000):
        for headers in ({"X-API-Key": wrong}, {"Authorization": f"Bearer {wrong}"}):
            refused = small_house.client.get(path, headers=headers)
            assert refused.status_code == 401
            assert "not known" in refused.json()["detail"]


def test_what_is_no_key_of_ours_does_not_close_an_open_read(small_house: House) -> None:
    """A proxy may send words of its own."""
    for headers in ({"Authorization": "Basic YTpi"}, {"X-API-Key": " "}):
        assert small_house.client.get("/v1/index", headers=headers).status_code == 200
    for path in ("/healthz", "/readyz"):
        wrong = {"X-API-Key": "risk_guess"}
        assert small_house.client.get(path, headers=wrong).status_code == 200


def test_a_revoked_key_closes_open_reads_too(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "KEY_LIFE", 0.0)
    key = small_house.key("read")
    assert small_house.client.get("/v1/index", headers=key).status_code == 200
    with writing(small_house.engine) as conn:
        assert revoke_key(conn, list_keys(conn)[0]["id"], small_house.clock())
    assert small_house.client.get("/v1/index", headers=key).status_code == 401
    assert small_house.client.get("/v1/index").status_code == 200


def test_scoring_is_a_read(locked_house: House, small_house: House) -> None:
    body = {"texts": ["Moscow and Washington agree"]}
    assert small_house.client.post("/v1/score", json=body).status_code == 200
    assert locked_house.client.post("/v1/score", json=body).status_code == 401
    key = locked_house.key("read")
    assert locked_house.client.post("/v1/score", json=body, headers=key).status_code == 200


def test_every_route_that_changes_something_needs_the_write_scope(small_house: House) -> None:
    document = small_house.get("/openapi.json").json()
    rules = Rules(open_reads=True)
    needed = {
        (method.upper(), path): scope_needed(method.upper(), path, rules)
        for path, methods in document["paths"].items()
        for method in methods
        if method != "get"
    }
    channels = "/v1/alerts/channels"
    assert needed == {
        ("POST", "/v1/score"): None,
        ("POST", "/v1/event-study"): None,
        ("POST", "/v1/alerts/preview"): None,
        ("POST", "/v1/events"): "write",
        ("POST", "/v1/events/{id}/label"): "write",
        ("POST", "/v1/alerts/rules"): "write",
        ("PATCH", "/v1/alerts/rules/{rule}"): "write",
        ("DELETE", "/v1/alerts/rules/{rule}"): "write",
        ("POST", "/v1/alerts/rules/{rule}/mute"): "write",
        ("POST", "/v1/alerts/{alert}/acknowledge"): "write",
        ("POST", "/v1/alerts/{alert}/comments"): "write",
        ("POST", "/v1/alerts/deliveries/{delivery}/resend"): "write",
        ("POST", channels): "admin",
        ("PATCH", channels + "/{channel}"): "admin",
        ("DELETE", channels + "/{channel}"): "admin",
        ("POST", channels + "/{channel}/test"): "admin",
        ("POST", channels + "/{channel}/rotate"): "admin",
        ("POST", "/v1/models/{version}/promote"): "admin",
        ("POST", "/v1/models/rollback"): "admin",
    }
    assert scope_needed("GET", channels, rules) == "admin"
    assert scope_needed("GET", "/v1/alerts/deliveries", rules) is None
    for method in ("PUT", "PATCH", "DELETE", "QUERY"):
        assert scope_needed(method, "/v1/anything", rules) == "write"


def test_a_revoked_key_closes_when_its_life_in_memory_is_over(
    locked_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "KEY_LIFE", 0.0)
    key = locked_house.key("read")
    assert locked_house.client.get("/v1/index", headers=key).status_code == 200
    with writing(locked_house.engine) as conn:
        assert revoke_key(conn, list_keys(conn)[0]["id"], locked_house.clock())
    assert locked_house.client.get("/v1/index", headers=key).status_code == 401


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:80"]
)
def test_loopback_names_are_answered(small_house: House, host: str) -> None:
    assert small_house.client.get("/v1/index", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io"])
@pytest.mark.parametrize("path", ["/v1/index", "/v1/events", "/openapi.json"])
def test_other_names_are_not(small_house: House, host: str, path: str) -> None:
    answer = small_house.client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:risk-service:problem:unknown-host"


def test_allowed_hosts_are_answered(sqlite_engine: Engine) -> None:
    house = House(sqlite_engine, allowed_hosts=("Risk.example ", ""))
    house.work()
    for host, status in (("risk.example:8000", 200), ("risk.example.", 200), ("a.example", 400)):
        assert house.client.get("/v1/index", headers={"Host": host}).status_code == status
    any_host = House(sqlite_engine, allowed_hosts=("*",))
    any_host.work()
    assert any_host.client.get("/v1/index", headers={"Host": "a.example"}).status_code == 200


def test_the_pace_is_kept_per_key(locked_house: House) -> None:
    one, two = locked_house.key("read"), locked_house.key("read")
    answers = [locked_house.client.get("/v1/index", headers=one) for _ in range(22)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 2
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=20;w=60'
    assert answers[0].headers["ratelimit"].startswith('"minute";r=19;t=')
    refused = answers[-1]
    assert refused.json()["type"] == "urn:risk-service:problem:too-many-requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit"].startswith('"minute";r=0;')
    assert locked_house.client.get("/v1/models", headers=two).status_code == 200


def test_guessing_at_keys_is_slowed_down(locked_house: House) -> None:
    guesses = [
        locked_house.client.get("/v1/index", headers={"X-API-Key": f"risk_{n}"}) for n in range(21)
    ]
    assert [answer.status_code for answer in guesses] == [401] * 20 + [429]


def test_polls_of_an_open_service_are_not_counted(sqlite_engine: Engine) -> None:
    house = House(sqlite_engine, rate_per_minute=3)
    house.work()
    assert {house.get("/v1/index").status_code for _ in range(10)} == {200}
    assert [house.get("/v1/models").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert house.get("/healthz").status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
def test_a_body_must_be_said_to_be_json(small_house: House, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = small_house.client.post("/v1/score", content=b'{"texts": ["a"]}', headers=headers)
    assert answer.status_code == 415
    for json in ("application/json; charset=utf-8", "application/problem+json"):
        headers = {"Content-Type": json}
        answer = small_house.client.post("/v1/score", content=b'{"texts": ["a"]}', headers=headers)
        assert answer.status_code == 200
