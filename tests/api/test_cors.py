"""Cross-origin sharing as browsers ask for it (Fetch standard, "CORS protocol")."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pydantic import ValidationError

from risk_service.config import Settings
from tests.api.house import House, serving

OPENBB = "https://pro.openbb.co"
SHARED = ("/widgets.json", "/apps.json", "/openbb/metric", "/udf/config")
ASKER = httpx.Client()
"""One for all: each new one reads the machine's certificates."""
ALONE = ("/v1/index", "/v1/index/history", "/metrics", "/healthz", "/grafana/now")


@pytest.fixture(scope="module", autouse=True)
def _closed_at_the_end() -> Iterator[None]:
    yield
    ASKER.close()


def preflight(url: str, origin: str, headers: str = "x-api-key", **more: str) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": headers,
        **more,
    }
    return ASKER.options(url, headers=asked)


def test_openbbs_pages_may_read_what_is_shared(shared_url: str) -> None:
    for path in SHARED:
        answer = ASKER.get(shared_url + path, headers={"Origin": OPENBB})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == OPENBB
        assert "Origin" in answer.headers["vary"]
        assert "ETag" in answer.headers["access-control-expose-headers"]


def test_pages_of_others_may_not(shared_url: str) -> None:
    for origin in ("https://evil.example", "http://pro.openbb.co", "null"):
        answer = ASKER.get(f"{shared_url}/widgets.json", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers
        refused = preflight(f"{shared_url}/widgets.json", origin)
        assert refused.status_code == 400
        assert "access-control-allow-origin" not in refused.headers


def test_nothing_else_is_shared(shared_url: str) -> None:
    for path in ALONE:
        answer = ASKER.get(shared_url + path, headers={"Origin": OPENBB})
        assert "access-control-allow-origin" not in answer.headers
        assert preflight(shared_url + path, OPENBB).status_code != 200


def test_a_preflight_is_answered_without_a_key_and_the_read_is_not(locked_house: House) -> None:
    locked = House(locked_house.engine, open_reads=False, cors_origins=(OPENBB,))
    locked.work()
    with serving(locked.app) as url:
        answer = preflight(f"{url}/openbb/metric", OPENBB, "x-api-key, if-none-match")
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == OPENBB
        assert "X-API-Key" in answer.headers["access-control-allow-headers"]
        assert "POST" not in answer.headers["access-control-allow-methods"]
        # A problem carries the header too: without it the page could not read why.
        refused = ASKER.get(f"{url}/openbb/metric", headers={"Origin": OPENBB})
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == OPENBB
        keyed = {"Origin": OPENBB, **locked.key("read")}
        assert ASKER.get(f"{url}/openbb/metric", headers=keyed).status_code == 200


def test_a_page_on_the_web_may_reach_the_readers_own_machine(shared_url: str) -> None:
    more = {"Access-Control-Request-Private-Network": "true"}
    answer = preflight(f"{shared_url}/widgets.json", OPENBB, **more)
    assert answer.headers["access-control-allow-private-network"] == "true"


def test_a_wildcard_never_stands_beside_credentials(shared_house: House) -> None:
    house = House(shared_house.engine, cors_origins=("*",))
    house.snapshots.refresh()
    with serving(house.app) as url:
        for answer in (
            ASKER.get(f"{url}/udf/config", headers={"Origin": "https://any.example"}),
            preflight(f"{url}/udf/config", "https://any.example"),
        ):
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers


def test_without_origins_nothing_is_shared(shared_house: House) -> None:
    with serving(House(shared_house.engine).app) as url:
        answer = ASKER.get(f"{url}/udf/config", headers={"Origin": OPENBB})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers


def test_the_setting_takes_origins_and_nothing_else() -> None:
    assert OPENBB in Settings().shared_with
    assert Settings(cors_origins="").shared_with == ()
    told = "https://a.example, http://localhost:3000"
    assert Settings(cors_origins=told).shared_with == ("https://a.example", "http://localhost:3000")
    for wrong in ("pro.openbb.co", "https://a.example/path", "https://*.example", "null"):
        with pytest.raises(ValidationError, match="is not an origin"):
            Settings(cors_origins=wrong)
