import io
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from risk_service.api.schemas.events import EventsOut, OneEventOut, PostedOut
from risk_service.core.events import Event
from tests.api.house import NOW, House

GOOD = {
    "published_at": "2025-03-10T11:00:00Z",
    "text": "Washington and Moscow agree to reopen consulates",
    "source": "Posted Wire",
}


def test_a_posted_event_is_kept_once(house: House) -> None:
    first = house.post("/v1/events", GOOD)
    again = house.post("/v1/events", GOOD)
    one, two = first.json()["results"][0], again.json()["results"][0]
    assert (first.status_code, one["status"], two["status"]) == (200, "created", "exists")
    assert one["id"] == two["id"]
    assert (
        one["key"] == Event(datetime(2025, 3, 10, 11, tzinfo=UTC), GOOD["text"], "Posted Wire").key
    )
    PostedOut.model_validate(first.json())


def test_a_posted_event_moves_the_index(house: House) -> None:
    before = house.get("/v1/index").json()
    house.post("/v1/events", GOOD)
    house.work()
    after = house.get("/v1/index").json()
    assert after["risk_index"] < before["risk_index"]
    assert after["versions"]["index"] > before["versions"]["index"]
    assert GOOD["text"] in [story["text"] for story in after["drivers"]]


def test_every_field_is_kept(house: House) -> None:
    full = {
        **GOOD, "url": "https://news.example/7", "language": "en", "occurred_on": "2025-03-09",
        "actor": "USA", "recipient": "RUS", "event_code": "057", "goldstein": 8, "quad_class": 1,
        "external_id": "x-7",
    }  # fmt: skip
    posted = house.post("/v1/events", full).json()["results"][0]
    kept = house.get(f"/v1/events/{posted['id']}").json()["event"]
    assert {name: kept[name] for name in full} == full
    assert kept["origin"] == "api"
    assert not kept["assessed"]


def test_a_list_keeps_the_good_and_tells_of_the_bad(house: House) -> None:
    batch = [GOOD, {**GOOD, "goldstein": 11}, GOOD, 7, {**GOOD, "text": "Another"}]
    answer = house.post("/v1/events", batch)
    told = answer.json()
    assert answer.status_code == 200
    assert [one["status"] for one in told["results"]] == [
        "created", "invalid", "exists", "invalid", "created",
    ]  # fmt: skip
    assert (told["created"], told["exists"], told["invalid"]) == (2, 1, 2)
    assert told["results"][1]["errors"][0]["field"] == "events[1].goldstein"
    assert told["results"][3]["errors"][0]["field"] == "events[3]"
    assert told["results"][1]["id"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"published_at": "2025-03-10T11:00:00"}, "published_at"),
        ({"published_at": 1741604400}, "published_at"),
        ({"published_at": "2025-03-10T12:11:00Z"}, "published_at"),
        ({"published_at": "9999-12-31T23:59:59-12:00"}, "published_at"),
        ({"published_at": None}, "published_at"),
        ({"text": ""}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"text": "x" * 200_000}, "text"),
        ({"source": "   "}, "source"),
        ({"url": "ftp://news.example"}, "url"),
        ({"language": "English"}, "language"),
        ({"occurred_on": "2025-02-30"}, "occurred_on"),
        ({"actor": "usa"}, "actor"),
        ({"event_code": 57}, "event_code"),
        ({"goldstein": "8"}, "goldstein"),
        ({"goldstein": True}, "goldstein"),
        ({"quad_class": 5}, "quad_class"),
        ({"external_id": ""}, "external_id"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_one_invalid_event_names_its_field(
    small_house: House, change: dict[str, object], field: str
) -> None:
    before = small_house.get("/v1/events", limit=1).json()["events"][0]["id"]
    answer = small_house.post("/v1/events", {**GOOD, **change})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert small_house.get("/v1/events", limit=1).json()["events"][0]["id"] == before


def test_every_error_of_a_list_has_its_place(small_house: House) -> None:
    wrong: list[object] = [
        {**GOOD, "text": ""}, {**GOOD, "published_at": "2025-03-10T12:11:00Z"}, {}, [], None,
        {**GOOD, "surprise": 1}, {**GOOD, "url": "ftp://news.example"},
    ]  # fmt: skip
    results = small_house.post("/v1/events", [GOOD, *wrong]).json()["results"]
    fields = [[error["field"] for error in one["errors"]] for one in results]
    assert fields == [
        [], ["events[1].text"], ["events[2].published_at"],
        ["events[3].published_at", "events[3].source"], ["events[4]"], ["events[5]"],
        ["events[6].surprise"], ["events[7].url"],
    ]  # fmt: skip


@pytest.mark.parametrize("body", [[], "text", 7, None, [GOOD] * 1_001])
def test_a_body_that_is_no_list_of_events_is_refused(small_house: House, body: object) -> None:
    answer = small_house.post("/v1/events", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body"


def test_a_thousand_events_go_in_at_once(house: House) -> None:
    batch = [{**GOOD, "text": f"Talks number {n}"} for n in range(1_000)]
    assert house.post("/v1/events", batch).json()["created"] == 1_000
    assert house.post("/v1/events", batch).json()["exists"] == 1_000


def test_events_come_newest_first_with_their_scores(house: House) -> None:
    answer = EventsOut.model_validate(house.get("/v1/events", dyad="USA-RUS", limit=5).json())
    moments = [event.published_at for event in answer.events]
    assert moments == sorted(moments, reverse=True)
    newest = answer.events[1]
    assert newest.text == "Washington and Moscow agree on Arctic shipping 0"
    assert newest.relevance is not None
    assert (newest.relevance.directness, newest.relevance.weight) == ("dyad", 1.0)
    assert newest.score is not None
    assert newest.score.direction == "thaw"
    # It came in bulk: its words are found when somebody asks for it alone.
    alone = OneEventOut.model_validate(house.get(f"/v1/events/{newest.id}").json())
    assert alone.event.score is not None
    assert alone.event.score.words == [("agree", -1.5)]


def test_pages_tell_every_event_once(house: House) -> None:
    # Equal moments, so that the id has to decide.
    house.keep([Event(NOW, f"Moscow and Washington discuss item {n}", "Wire") for n in range(7)])
    for query in ("dyad=USA-RUS", "q=o"):
        seen, path = [], f"/v1/events?limit=4&{query}"
        while path:
            page = house.client.get(path)
            seen += [event["id"] for event in page.json()["events"]]
            path = page.json()["next"]
            assert (path is not None) == ("link" in page.headers)
        assert len(seen) == len(set(seen)) == 127


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 120),
        ({"q": "STRIKE"}, 75),
        ({"q": "100%"}, 0),
        ({"source": "Test Wire"}, 60),
        ({"directness": "theatre"}, 60),
        ({"directness": "dyad"}, 60),
        ({"directness": "other"}, 0),
        ({"theme": "military", "source": "Test Wire"}, 15),
        ({"direction": "thaw"}, 15),
        ({"direction": "escalation"}, 90),
        ({"direction": "neutral"}, 15),
        ({"min_severity": 2.6}, 75),
        ({"language": "de"}, 0),
        ({"from": "2025-03-10"}, 2),
        ({"from": "2025-03-09", "to": "2025-03-09"}, 2),
        ({"from": "2025-03-09T09:00:00Z", "to": "2025-03-09T10:00:00Z"}, 1),
        ({"from": "2025-03-09T10:00:00+01:00", "to": "2025-03-09T11:00:00+01:00"}, 1),
        ({"dyad": "USA-RUS", "direction": "escalation", "from": "2025-03-08"}, 5),
    ],
)
def test_filters(house: House, query: dict[str, str], count: int) -> None:
    assert house.get("/v1/events", limit=500, **query).json()["count"] == count


def test_the_reports_of_a_story_can_be_asked_for(house: House) -> None:
    text = "Washington and Moscow agree on Arctic shipping 0"
    house.keep([Event(NOW - timedelta(hours=1), text, "Third Wire")])
    story = house.get("/v1/events", q=text, limit=1).json()["events"][0]["relevance"]["story_id"]
    reports = house.get("/v1/events", story_id=story).json()["events"]
    assert {report["source"] for report in reports} >= {"Test Wire", "Third Wire"}
    assert {report["relevance"]["story_id"] for report in reports} == {story}


def test_what_is_not_about_the_dyad_is_shown_as_such(house: House) -> None:
    house.keep([Event(NOW, "Bakers discuss a new kind of bread", "Wire")])
    shown = house.get("/v1/events", directness="other").json()["events"]
    assert [event["text"] for event in shown] == ["Bakers discuss a new kind of bread"]
    assert shown[0]["assessed"]
    assert shown[0]["relevance"] is None
    assert shown[0]["score"] is None
    assert house.get("/v1/events", limit=500, dyad="USA-RUS").json()["count"] == 120


def test_events_as_csv_do_not_run_as_formulas(house: House) -> None:
    house.keep([Event(NOW, '=HYPERLINK(1), "quoted"', "Wire")])
    answer = house.get("/v1/events", format="csv", limit=3)
    table = pd.read_csv(io.StringIO(answer.text))
    assert answer.headers["content-type"].startswith("text/csv")
    assert table["text"][0] == '\'=HYPERLINK(1), "quoted"'
    assert table["direction"][2] == "thaw"
    assert 'rel="next"' in answer.headers["link"]
    assert house.client.get("/v1/events", headers={"Accept": "text/csv"}).text.startswith('"id"')


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 501}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        (
            {"cursor": "WyIyMDI1LTAzLTEwVDEwOjAwOjAwKzAwOjAwIiw5OTk5OTk5OTk5OTk5OTk5OTk5OTldCg"},
            "cursor",
        ),
        ({"cursor": "bnVsbA"}, "cursor"),
        ({"q": "a\x00b"}, "q"),
        ({"source": "a\x00b"}, "source"),
        ({"min_severity": "nan"}, "min_severity"),
        ({"story_id": 2**63}, "story_id"),
        ({"direction": "up"}, "direction"),
        ({"theme": "weather"}, "theme"),
        ({"from": "2025-03-02", "to": "2025-03-01"}, "to"),
        ({"from": "2025-03-02T00:00:00Z", "to": "2025-03-01"}, "to"),
        ({"from": "2025-03-01T10:00:00+01:00", "to": "2025-03-01T08:59:59Z"}, "to"),
    ],
)
def test_a_filter_that_is_not_taken_is_named(
    house: House, query: dict[str, object], field: str
) -> None:
    answer = house.get("/v1/events", **query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_span_of_one_moment_is_empty_and_not_refused(small_house: House) -> None:
    at = "2025-03-09T09:00:00Z"
    answer = small_house.get("/v1/events", **{"from": at, "to": at})
    assert (answer.status_code, answer.json()["events"]) == (200, [])


def test_one_event(small_house: House) -> None:
    kept = small_house.keep([Event(NOW, "Moscow and Washington agree on a truce", "Wire")])[0]
    answer = OneEventOut.model_validate(small_house.get(f"/v1/events/{kept.id}").json())
    assert (answer.event.id, answer.event.key) == (kept.id, kept.key)
    assert answer.event.text == "Moscow and Washington agree on a truce"
    assert small_house.get("/v1/events/9999").status_code == 404
    assert small_house.get(f"/v1/events/{2**63}").status_code == 422
    assert small_house.get("/v1/events/one").status_code == 422
