import json

import pytest

from risk_service import errors
from risk_service.api.problems import TABLE, problem_of, problem_response
from tests.api.house import House

JSON = {"Content-Type": "application/json"}


def assert_problem(answer: object, status: int) -> None:
    assert answer.status_code == status  # type: ignore[attr-defined]
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    body = answer.json()  # type: ignore[attr-defined]
    assert body["status"] == status
    assert body["type"].startswith("urn:risk-service:problem:")
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/")


def test_every_error_of_the_edges_has_its_row() -> None:
    own = {
        cls
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.RiskError)
    }
    assert own <= {cls for cls, _ in TABLE}


def test_an_unknown_error_tells_nothing_of_itself() -> None:
    problem = problem_of(RuntimeError("the password is swordfish"))
    assert problem.kind.status == 500
    assert b"swordfish" not in problem_response(problem, "/x").body


def test_known_errors_tell_their_own_words() -> None:
    assert problem_of(errors.NotFound("id: there is no event 7")).kind.status == 404
    assert problem_of(errors.PriceError("no close of XLE")).detail == "no close of XLE"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/index/", 404),
        ("DELETE", "/v1/index", 405),
        ("POST", "/v1/index", 405),
        ("GET", "/v1/score", 405),
        ("OPTIONS", "/v1/events", 405),
        ("POST", "/v1/nothing", 401),
    ],
)
def test_addresses_and_methods(small_house: House, method: str, path: str, status: int) -> None:
    answer = small_house.client.ask(method, path)
    assert_problem(answer, status)
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"texts": ["\xff"]}', 400),
        (b"[" * 100_000, 400),
        (b'{"texts": ["\\ud800"]}', 422),
        (b'{"texts": NaN}', 422),
        (b"", 422),
        (b"null", 422),
        (b'{"texts": [' + b"9" * 5_000 + b"]}", 400),
    ],
)
def test_broken_bodies(small_house: House, body: bytes, status: int) -> None:
    assert_problem(small_house.client.post("/v1/score", content=body, headers=JSON), status)


@pytest.mark.parametrize(
    "body", [b"{", b'{"text": "\xff"}', b"[" * 100_000, b'{"\\ud800": 1}', b"[NaN]"]
)
def test_broken_events(small_house: House, body: bytes) -> None:
    headers = {**JSON, **small_house.key("write")}
    answer = small_house.client.post("/v1/events", content=body, headers=headers)
    if answer.status_code == 200:
        assert answer.json()["invalid"] == 1
    else:
        assert_problem(answer, answer.status_code)
        assert answer.status_code in (400, 422)


def test_a_body_too_large_is_refused_by_its_length(small_house: House) -> None:
    body = b'{"texts": ["' + b"a" * 5_000_000 + b'"]}'
    assert_problem(small_house.client.post("/v1/score", content=body, headers=JSON), 413)


def test_a_failure_inside_is_a_problem_without_its_trace(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("risk_service.api.routes.models.card_of", fail)
    answer = small_house.get("/v1/models")
    assert_problem(answer, 500)
    assert "swordfish" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_wrong_is_told_without_repeating_it(small_house: House) -> None:
    answer = small_house.get("/v1/events", limit="<script>")
    assert_problem(answer, 422)
    assert "<script>" not in json.dumps(answer.json())


@pytest.mark.parametrize("path", ["/v1/index", "/v1/models", "/nothing", "/healthz"])
def test_every_answer_carries_the_same_headers(small_house: House, path: str) -> None:
    answer = small_house.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-request-id"]
    assert "access-control-allow-origin" not in answer.headers


def test_a_request_id_is_echoed_if_it_is_a_plain_one(small_house: House) -> None:
    for path in ("/v1/index", "/v1/models"):
        given = small_house.client.get(path, headers={"X-Request-ID": "abc-1.2"})
        assert given.headers["x-request-id"] == "abc-1.2"
        strange = small_house.client.get(path, headers={"X-Request-ID": "a b;c" * 50})
        assert strange.headers["x-request-id"] != "a b;c" * 50
