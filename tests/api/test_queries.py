"""Query parameters that are not known, and spans that run backwards, on every route."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from risk_service.api.app import create_api
from tests.api.house import House, serving
from tests.api.test_events import GOOD

DOCUMENT = create_api(None).openapi()  # type: ignore[arg-type]
TOLERANT = ("/udf/", "/openbb/", "/widgets.json", "/apps.json")
"""Of protocols whose clients send parameters of their own, which are passed over."""
PLACES = {"{day}": "2025-03-05", "{id}": "1", "{sector}": "energy", "{version}": "words-1"}
ROUTES = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if not path.startswith(TOLERANT)
]


def address(path: str) -> str:
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize(("method", "path", "operation"), ROUTES)
def test_an_unknown_parameter_is_refused_by_name(
    small_house: House, method: str, path: str, operation: dict[str, Any]
) -> None:
    body = {"json": {"texts": ["a"]} if "score" in path else GOOD} if method == "post" else {}
    asked = {"params": {"form": "x", "too": "y"}, "headers": small_house.key("admin"), **body}
    answer = small_house.client.ask(method.upper(), address(path), **asked)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["form", "too"]
    known = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"}
    told = answer.json()["errors"][0]["message"].partition("known here: ")[2]
    assert set(filter(None, told.split(", "))) == known


@pytest.mark.parametrize("path", [path for path in DOCUMENT["paths"] if path.startswith(TOLERANT)])
def test_where_a_protocol_sends_more_it_is_passed_over(shared_house: House, path: str) -> None:
    asked = {"symbol": "USARUS_RISK", "resolution": "1D", "from": "0", "to": "9"}
    known = {} if path.startswith("/openbb/") else asked
    answer = shared_house.get(path, **known, currencyCode="USD", theme="light")
    assert answer.status_code == 200, answer.text


def test_a_poll_with_an_unknown_parameter_is_refused_over_a_socket(small_house: House) -> None:
    with serving(small_house.app) as url:
        for query in ("form=1", "dyad=USA-RUS&form=1", "form"):
            answer = httpx.get(f"{url}/v1/index?{query}")
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["field"] == "form"
        assert httpx.get(f"{url}/v1/index?").status_code == 200
        assert httpx.head(f"{url}/v1/index?form=1").status_code == 422


def test_a_misspelt_parameter_posts_nothing(small_house: House) -> None:
    before = small_house.get("/v1/events", limit=500).json()["count"]
    assert small_house.post("/v1/events", GOOD, dyda="USA-RUS").status_code == 422
    assert small_house.get("/v1/events", limit=500).json()["count"] == before


@pytest.mark.parametrize("path", ["/v1/events", "/v1/index/history", "/v1/sectors/energy"])
def test_a_span_that_runs_backwards_is_refused(small_house: House, path: str) -> None:
    answer = small_house.get(path, **{"from": "2025-03-02", "to": "2025-03-01"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["to", "from"]
    assert "2025-03-01 lies before from, 2025-03-02" in answer.json()["detail"]
    one_day = small_house.get(path, **{"from": "2025-03-02", "to": "2025-03-02"})
    assert one_day.status_code == 200
