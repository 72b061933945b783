"""Rules of the clock and of the markets: each fires and resolves once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from risk_service.api.schemas.alert_payload import AlertPayload
from risk_service.core.closes import Close
from risk_service.store.drift import save_drift
from risk_service.store.drift_tables import DRIFT_NUMBERS
from risk_service.store.engine import writing
from risk_service.store.feeds import record_success
from risk_service.store.prices import save_closes
from tests.alerting.house import (
    CONFIRMED,
    GRAVE,
    HOUR,
    JUMP,
    MODEL,
    NOW,
    STALE,
    Room,
    followed_closes,
)
from tests.prices import weekdays


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def told(room: Room) -> list[tuple[int, int]]:
    judged = room.judge()
    for alert in room.alerts():
        AlertPayload.model_validate(alert["payload"])
    return [(judged.began, judged.ended)]


def test_a_grave_story_is_told_once_and_the_next_one_too(room: Room) -> None:
    room.strike(1)
    room.rule(GRAVE, 2.5)
    assert told(room) == [(0, 0)], "what was there before the rule is the past"
    room.later(hours=1)
    room.strike(2)
    assert told(room) == [(1, 0)]
    room.later(minutes=1)
    assert told(room) == [(0, 0)]
    (alert,) = room.alerts()
    (story,) = alert["payload"]["data"]["stories"]
    assert "strike" in story["text"]
    assert story["text"][:40] in alert["payload"]["data"]["headline"]
    room.later(hours=1)
    room.strike(3)
    assert told(room) == [(1, 1)]
    room.later(hours=25)
    assert told(room) == [(0, 1)]
    assert [row["state"] for row in room.alerts()] == ["resolved"] * 2


def test_a_story_that_comes_before_the_first_look_at_a_rule_is_not_lost(room: Room) -> None:
    room.strike(1)
    room.rule(GRAVE, 2.5)
    room.later(minutes=1)
    room.strike(2)
    assert told(room) == [(1, 0)]
    assert "2" in room.alerts()[0]["payload"]["data"]["stories"][0]["text"]


def test_an_hour_that_moves_the_index_is_told_once_and_is_over_in_the_next(room: Room) -> None:
    room.strike(2, "discuss")
    room.rule(HOUR, 5.0)
    room.later(hours=2)
    assert told(room) == [(0, 0)]
    room.later(minutes=10)
    room.strike(8)
    assert told(room) == [(1, 0)]
    assert told(room) == [(0, 0)]
    (alert,) = room.alerts()
    data = alert["payload"]["data"]
    assert data["change"]["to"] - data["change"]["from"] > 5
    assert "within the hour" in data["headline"]
    assert all("strike" in story["text"] for story in data["stories"])
    room.later(minutes=61)
    assert told(room) == [(0, 1)]


def test_an_hour_that_nobody_watched_is_unknown_and_no_jump(room: Room) -> None:
    room.rule(HOUR, 0.001)
    room.later(work=False, days=3)
    assert told(room) == [(0, 0)]
    assert [row["state"] for row in room.states()] == ["inactive"]


def test_news_that_is_not_read_is_told_and_over_when_it_is_read_again(room: Room) -> None:
    room.rule(STALE, 6.0)
    assert told(room) == [(0, 0)]
    room.later(work=False, hours=5)
    assert told(room) == [(0, 0)]
    room.later(work=False, hours=2)
    assert told(room) == [(1, 0)]
    assert "7.0 h" in room.alerts()[0]["payload"]["data"]["headline"]
    room.later(work=False, hours=1)
    assert told(room) == [(0, 0)]
    room.work()
    assert told(room) == [(0, 1)]
    assert room.alerts()[0]["state"] == "resolved"


def test_prices_that_were_never_asked_for_are_unknown_and_not_old(room: Room) -> None:
    room.rule({**STALE, "what": "prices"}, 6.0)
    assert told(room) == [(0, 0)]
    with writing(room.engine) as conn:
        record_success(conn, "prices:sample", NOW, None)
    room.later(work=False, hours=7)
    assert told(room) == [(1, 0)]


def test_a_model_that_drifts_is_told_of(room: Room) -> None:
    room.rule(MODEL, 0.25)
    for week, psi, expected in (
        (date(2025, 2, 24), 0.1, (0, 0)),
        (date(2025, 3, 3), 0.3, (1, 0)),
        (date(2025, 3, 10), 0.1, (0, 1)),
    ):
        with writing(room.engine) as conn:
            row = {
                "dyad": "USA-RUS", "model_version": "words-1", "week": week, "events": 90,
                "relevant": 90, "scored": 90, "languages": {}, "reference_scored": 400,
                "computed_at": NOW, **dict.fromkeys(DRIFT_NUMBERS), "psi": psi,
            }  # fmt: skip
            save_drift(conn, [row])
        room.clock.now = max(room.clock.now, NOW + (week - date(2025, 3, 3)))
        assert told(room) == [expected]


def closes_with_a_leap(leap: float) -> list[Close]:
    """A year of closes whose last day, the day of the news, leans to escalation by ``leap``."""
    days = weekdays(NOW.date() - timedelta(days=420), 301)
    days = [day for day in days if day < NOW.date()] + [NOW.date()]
    return followed_closes(days, leap, simulated=True)


@pytest.mark.parametrize(("leap", "state"), [(0.2, "firing"), (-0.2, "inactive")])
def test_a_jump_waits_for_the_markets_to_confirm_it(room: Room, leap: float, state: str) -> None:
    room.rule(CONFIRMED, 5.0)
    told(room)
    room.strike()
    assert told(room) == [(0, 0)]
    assert [row["state"] for row in room.states()] == ["pending"]
    with writing(room.engine) as conn:
        save_closes(conn, closes_with_a_leap(leap))
    assert told(room) == [(0, 0)], "the close of the day lies ahead"
    room.later(hours=10)
    assert told(room) == [(int(state == "firing"), 0)]
    assert [row["state"] for row in room.states()] == [state]
    room.later(days=7)
    told(room)
    assert [row["state"] for row in room.alerts()] == ["resolved"] * (state == "firing")


def test_a_sector_is_judged_by_its_closes(room: Room) -> None:
    with writing(room.engine) as conn:
        save_closes(conn, closes_with_a_leap(0.2)[:-1])
    room.rule({**JUMP, "direction": None}, 5.0, series="sector:energy")
    assert told(room) == [(0, 0)]
    room.later(hours=13)
    assert told(room) == [(1, 0)]
    (alert,) = room.alerts()
    assert alert["direction"] == "escalation" and alert["dyad"] == "USA-RUS"
    assert alert["payload"]["data"]["change"]["to"] - alert["payload"]["data"]["change"][
        "from"
    ] == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("series", ["escalation", "theme:military", "thaw"])
def test_parts_of_the_index_are_judged_as_it_is(room: Room, series: str) -> None:
    way = "thaw" if series == "thaw" else "escalation"
    room.rule({**JUMP, "direction": way}, 3.0, series=series)
    told(room)
    room.strike(word="agree on" if series == "thaw" else "strike at")
    assert told(room) == [(1, 0)], room.states()
    assert room.alerts()[0]["direction"] == way
