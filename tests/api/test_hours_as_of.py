"""Hours as of a moment are made of what was scored here by then."""

from datetime import timedelta

from risk_service.core.events import Event
from tests.api.house import NOW, House

HOURS = {"resolution": "1h", "from": "2025-03-08", "to": "2025-03-09"}


def test_late_news_stays_out_of_hours_as_of_before_it(house: House) -> None:
    before = house.get("/v1/index/history", **HOURS).json()["rows"]
    house.clock.now = NOW + timedelta(hours=2)
    text = "Washington and Moscow strike at each other's pipelines"
    house.keep([Event(NOW - timedelta(days=3), text, "Late Wire")])
    moment = (NOW + timedelta(hours=1)).isoformat()
    assert house.get("/v1/index/history", as_of=moment, **HOURS).json()["rows"] == before
    after = house.get("/v1/index/history", **HOURS).json()["rows"]
    assert [row["time"] for row in after] == [row["time"] for row in before]
    assert all(a["risk_index"] > b["risk_index"] for a, b in zip(after, before, strict=True))


def test_what_was_not_scored_yet_is_no_news(house: House) -> None:
    moment = (NOW - timedelta(hours=1)).isoformat()
    rows = house.get("/v1/index/history", as_of=moment, **HOURS).json()["rows"]
    assert len(rows) == 48
    assert {(row["risk_index"], row["events"], row["coverage"]) for row in rows} == {(50, 0, 0)}


def test_the_document_says_so(small_house: House) -> None:
    path = small_house.get("/openapi.json").json()["paths"]["/v1/index/history"]["get"]
    (as_of,) = [one for one in path["parameters"] if one["name"] == "as_of"]
    assert "scored here" in as_of["description"]
