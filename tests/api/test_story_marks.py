"""The weightiest stories, on either kind of database."""

from __future__ import annotations

from datetime import timedelta

from risk_service.store.engine import reading
from risk_service.store.story_marks import strongest_stories
from tests.api.house import NOW, House


def test_the_heaviest_come_first_and_neutral_ones_not_at_all(house: House) -> None:
    since, until = NOW - timedelta(days=30), NOW
    with reading(house.engine) as conn:
        every = strongest_stories(conn, "USA-RUS", "words-1", since, until, 1_000)
        some = strongest_stories(conn, "USA-RUS", "words-1", since, until, 3)
        military = strongest_stories(conn, "USA-RUS", "words-1", since, until, 99, "military")
        none = strongest_stories(conn, "USA-RUS", "another", since, until, 3)
    kept = house.get("/v1/events", limit=500).json()["events"]
    told = {event["id"]: event for event in kept}
    heads = {
        event["id"]
        for event in kept
        if event["relevance"]
        and event["relevance"]["story_id"] == event["id"]
        and since.isoformat() <= event["published_at"].replace("Z", "+00:00") < until.isoformat()
        and event["score"]["p_neutral"]
        < max(event["score"]["p_thaw"], event["score"]["p_escalation"])
    }

    def weight(event_id: int) -> float:
        event = told[event_id]
        score = event["score"]
        apart = abs(score["p_escalation"] - score["p_thaw"])
        return float(event["relevance"]["weight"] * score["severity"] * apart)

    assert {story["story_id"] for story in every} == heads
    assert [story["story_id"] for story in every] == sorted(heads, key=lambda i: (-weight(i), i))
    assert some == every[:3]
    assert military == [story for story in every if story["theme"] == "military"]
    assert none == []
    # A span ends before its end.
    at = NOW - timedelta(days=2, hours=3)
    with reading(house.engine) as conn:
        found = strongest_stories(conn, "USA-RUS", "words-1", at, at + timedelta(seconds=1), 9)
        before = strongest_stories(conn, "USA-RUS", "words-1", at - timedelta(hours=1), at, 9)
    assert [story["published_at"] for story in found] == [at]
    assert before == []
