"""An answer that grows old says so, in its body, its tag and its readiness."""

from datetime import date, timedelta

import httpx
import pytest

from risk_service.api import deps
from risk_service.api.routes import index, sectors
from risk_service.api.schemas.index import IndexOut
from risk_service.store.upsert import Row
from tests.api.house import House, serving

SPAN = {"from": "2025-02-20", "to": "2025-03-09"}


def test_polls_that_nobody_makes_anew_say_so_both_ways(small_house: House) -> None:
    with serving(small_house.app) as url:
        first = httpx.get(f"{url}/v1/index")
        known = {"If-None-Match": first.headers["etag"]}
        small_house.clock.now += timedelta(seconds=91)
        fast = httpx.get(f"{url}/v1/index", headers=known)
        long = httpx.get(f"{url}/v1/index?dyad=USA%2DRUS", headers=known)
        again = httpx.get(f"{url}/v1/index", headers={"If-None-Match": fast.headers["etag"]})
    assert (fast.status_code, long.status_code, again.status_code) == (200, 200, 304)
    assert fast.content == long.content
    assert fast.headers["etag"] == long.headers["etag"] != first.headers["etag"]
    told = IndexOut.model_validate(fast.json())
    assert (told.state, told.freshness.stale) == ("stale", True)
    assert "could not be made anew since 2025-03-10T12:00:00Z" in told.freshness.reasons[0]
    assert told.risk_index == first.json()["risk_index"]


def test_it_is_not_ready_when_its_answers_are_old(small_house: House) -> None:
    small_house.clock.now += timedelta(minutes=3)
    assert small_house.get("/readyz").status_code == 200
    small_house.clock.now += timedelta(seconds=1)
    answer = small_house.get("/readyz")
    assert answer.status_code == 503
    assert "USA-RUS" in answer.json()["detail"]
    small_house.snapshots.refresh()
    assert small_house.get("/readyz").status_code == 200


def gone_stale(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Freshness says something else, while watched_until and all else stand still."""

    def standing(*args: object) -> Row:
        about = deps.standing(*args)  # type: ignore[arg-type]
        return {**about, "freshness": {**about["freshness"], **changes}}

    for module in (index, sectors):
        monkeypatch.setattr(module, "standing", standing)


@pytest.mark.parametrize(
    "path", ["/v1/index/history", "/v1/index/2025-03-09/drivers", "/v1/sectors/energy"]
)
def test_tags_move_when_the_news_goes_stale(
    small_house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    small_house.keep_prices(date(2024, 6, 1), date(2025, 3, 10))
    for stale in (False, True):
        with monkeypatch.context() as patched:
            gone_stale(patched, stale=stale)
            answer = small_house.get(path)
            etag = {"If-None-Match": answer.headers["etag"]}
            assert small_house.client.get(path, headers=etag).status_code == 304
            gone_stale(patched, stale=not stale)
            moved = small_house.client.get(path, headers=etag)
            assert (moved.status_code, moved.json()["freshness"]["stale"]) == (200, not stale)
